# libhandgrad, the public API (include/handgrad) as a library: static always, and shared too with BUILD_SHARED_LIBS, of the same
# objects. The program is linked with the parts themselves and does not need it.
#
#   handgrad::handgrad           the shared library where there is one, else the static one
#   handgrad::handgrad_static    the static one
get_property(parts GLOBAL PROPERTY HG_PARTS)
set(libraries hg_static)
add_library(hg_static STATIC)
set_target_properties(hg_static PROPERTIES EXPORT_NAME handgrad_static)
add_library(handgrad::handgrad_static ALIAS hg_static)
if(BUILD_SHARED_LIBS)
    list(APPEND libraries hg_shared)
    set(exported ${PROJECT_SOURCE_DIR}/cmake/libhandgrad.map)
    add_library(hg_shared SHARED)
    set_target_properties(hg_shared PROPERTIES
        EXPORT_NAME handgrad VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS ${exported})
    target_link_options(hg_shared PRIVATE -Wl,--version-script,${exported} ${HG_HARDENED_LINK})
    add_library(handgrad::handgrad ALIAS hg_shared)
else()
    add_library(handgrad::handgrad ALIAS hg_static)
endif()

# libzip is named as a library and not as a package: with --static, pkg-config would want what libzip itself is linked with,
# of which Debian, where it is shared alone, installs nothing to link with.
set(private_libraries ${BLAS_LIBRARIES} -lzip -lpthread -ldl -lm)
foreach(library IN LISTS libraries)
    foreach(part IN LISTS parts)
        target_sources(${library} PRIVATE $<TARGET_OBJECTS:${part}>)
    endforeach()
    set_target_properties(${library} PROPERTIES OUTPUT_NAME handgrad LINKER_LANGUAGE C
        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
    target_include_directories(${library} INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${library} PRIVATE
        $<BUILD_INTERFACE:hg_options> ZLIB::ZLIB PkgConfig::CJSON PkgConfig::LAPACKE PkgConfig::PNG PkgConfig::ZIP
        PkgConfig::JPEG BLAS::BLAS Threads::Threads ${CMAKE_DL_LIBS} m)
    if(HG_CUDA_BUILD STREQUAL "REAL")
        set_target_properties(${library} PROPERTIES LINKER_LANGUAGE CUDA)
        target_link_libraries(${library} PRIVATE CUDA::cudart_static stdc++) # what nvcc makes of a kernel for the host
    elseif(HG_CUDA_BUILD STREQUAL "EMULATED")
        set_target_properties(${library} PROPERTIES LINKER_LANGUAGE CXX)
        target_link_libraries(${library} PRIVATE $<BUILD_INTERFACE:hg_cuda_emulation>)
    endif()
endforeach()
if(HG_CUDA_BUILD STREQUAL "REAL")
    list(APPEND private_libraries ${CUDA_cudart_static_LIBRARY} -lrt -lstdc++)
endif()
