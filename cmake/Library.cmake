# libhandgrad, the public API (include/handgrad) as one library, shared or static (BUILD_SHARED_LIBS). The program is linked
# with the parts themselves and does not need it.
get_property(parts GLOBAL PROPERTY HG_PARTS)
add_library(hg_library)
foreach(part IN LISTS parts)
    target_sources(hg_library PRIVATE $<TARGET_OBJECTS:${part}>)
endforeach()
add_library(handgrad::handgrad ALIAS hg_library)
set_target_properties(hg_library PROPERTIES
    OUTPUT_NAME handgrad EXPORT_NAME handgrad LINKER_LANGUAGE C
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
target_include_directories(hg_library INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(hg_library PRIVATE
    $<BUILD_INTERFACE:hg_options> ZLIB::ZLIB PkgConfig::CJSON PkgConfig::LAPACKE PkgConfig::PNG PkgConfig::ZIP PkgConfig::JPEG BLAS::BLAS Threads::Threads ${CMAKE_DL_LIBS} m)
# libzip is named as a library and not as a package: with --static, pkg-config would want what libzip itself is linked with,
# of which Debian, where it is shared alone, installs nothing to link with.
set(private_libraries ${BLAS_LIBRARIES} -lzip -lpthread -ldl -lm)
if(HG_CUDA_BUILD STREQUAL "REAL")
    set_target_properties(hg_library PROPERTIES LINKER_LANGUAGE CUDA)
    target_link_libraries(hg_library PRIVATE CUDA::cudart_static)
    list(APPEND private_libraries ${CUDA_cudart_static_LIBRARY} -lrt -lstdc++)
elseif(HG_CUDA_BUILD STREQUAL "EMULATED")
    set_target_properties(hg_library PROPERTIES LINKER_LANGUAGE CXX)
    target_link_libraries(hg_library PRIVATE $<BUILD_INTERFACE:hg_cuda_emulation>)
endif()
if(BUILD_SHARED_LIBS)
    set(exported ${PROJECT_SOURCE_DIR}/cmake/libhandgrad.map)
    set_target_properties(hg_library PROPERTIES LINK_DEPENDS ${exported})
    target_link_options(hg_library PRIVATE -Wl,--version-script,${exported} ${HG_HARDENED_LINK})
endif()

if(NOT HANDGRAD_INSTALL)
    return()
endif()
include(CMakePackageConfigHelpers)
install(TARGETS handgrad RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS hg_library EXPORT handgrad
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/handgrad DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/mnist DESTINATION ${CMAKE_INSTALL_DATADIR}/handgrad)
install(FILES ${PROJECT_SOURCE_DIR}/examples/train_mlp.c ${PROJECT_SOURCE_DIR}/examples/export_model.c
    DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
if(HG_MANUAL_PAGES)
    install(DIRECTORY ${HG_MANUAL_PAGES}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN *.1 PATTERN *.1.gz)
endif()
set(HANDGRAD_ZSH_COMPLETIONS ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where zsh looks for completions")
mark_as_advanced(HANDGRAD_ZSH_COMPLETIONS)
install(FILES ${PROJECT_SOURCE_DIR}/completions/handgrad.bash RENAME handgrad
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PROJECT_SOURCE_DIR}/completions/_handgrad DESTINATION ${HANDGRAD_ZSH_COMPLETIONS})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# For pkg-config and for CMake's find_package(handgrad). Both find the prefix by where they lie, so that an installation
# can be moved.
set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/handgrad)
file(RELATIVE_PATH prefix_from_pkgconfig ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
list(JOIN private_libraries " " private_libraries)
configure_file(${PROJECT_SOURCE_DIR}/cmake/handgrad.pc.in ${PROJECT_BINARY_DIR}/handgrad.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/handgrad.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(EXPORT handgrad FILE handgradTargets.cmake NAMESPACE handgrad:: DESTINATION ${package_directory})
configure_file(${PROJECT_SOURCE_DIR}/cmake/handgradConfig.cmake.in ${PROJECT_BINARY_DIR}/handgradConfig.cmake @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/handgradConfig.cmake DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/handgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/handgradConfigVersion.cmake DESTINATION ${package_directory})
