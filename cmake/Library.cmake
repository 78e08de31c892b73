# libhandgrad, the public API (include/handgrad) as one shared library, and what `cmake --install` puts where. The program
# is linked with the parts themselves and does not need it.
include(CMakePackageConfigHelpers)

set(empty ${PROJECT_BINARY_DIR}/libhandgrad.c)
file(CONFIGURE OUTPUT ${empty} CONTENT "/* The library is made of the archives it is linked with. */\ntypedef int hg_nothing;\n")
set(exported ${PROJECT_SOURCE_DIR}/cmake/libhandgrad.map)

add_library(hg_library SHARED ${empty})
add_library(handgrad::handgrad ALIAS hg_library)
set_target_properties(hg_library PROPERTIES
    OUTPUT_NAME handgrad EXPORT_NAME handgrad
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}
    LINK_DEPENDS ${exported})
target_include_directories(hg_library INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Whole archives, so that everything the API names is in: hg_host has most of it, hg_backends what a machine offers, and
# hg_message and hg_fail are what both call.
target_link_libraries(hg_library PRIVATE hg_options
    -Wl,--whole-archive $<TARGET_FILE:hg_host> $<TARGET_FILE:hg_backends> -Wl,--no-whole-archive hg_host hg_backends
    -Wl,--version-script,${exported})
add_dependencies(hg_library hg_host hg_backends)

install(TARGETS handgrad RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS hg_library EXPORT handgrad
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/handgrad DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/mnist DESTINATION ${CMAKE_INSTALL_DATADIR}/handgrad)
install(FILES ${PROJECT_SOURCE_DIR}/examples/train_mlp.c DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# For pkg-config and for CMake's find_package(handgrad). Both find the prefix by where they lie, so that an installation
# can be moved.
set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/handgrad)
file(RELATIVE_PATH prefix_from_pkgconfig ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${PROJECT_SOURCE_DIR}/cmake/handgrad.pc.in ${PROJECT_BINARY_DIR}/handgrad.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/handgrad.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(EXPORT handgrad FILE handgradConfig.cmake NAMESPACE handgrad:: DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/handgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/handgradConfigVersion.cmake DESTINATION ${package_directory})
