# Debian packages, by CPack: handgrad (the program, with MNIST, so that its first command runs), libhandgrad0 (the shared
# library) and libhandgrad-dev (headers, static library, CMake and pkg-config packages). scripts/package configures with
# HANDGRAD_DEBIAN and makes them.
set(maintainer "handgrad maintainers <maintainers@handgrad.example>")
set(version ${PROJECT_VERSION}-1) # Debian's: -1 counts the packages of a version
set(library libhandgrad${PROJECT_VERSION_MAJOR})

# ---- what Debian wants beside the files: names of the components as in cmake/Install.cmake ----
set(debian ${PROJECT_BINARY_DIR}/debian)
file(MAKE_DIRECTORY ${debian})
execute_process(COMMAND date --utc --rfc-email --date=${HANDGRAD_DATE} OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${debian}/changelog.Debian
    "handgrad (${version}) unstable; urgency=medium\n\n  * Version ${PROJECT_VERSION}; changelog.gz has its changes.\n\n -- ${maintainer}  ${date}\n")
configure_file(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${debian}/changelog COPYONLY)
configure_file(${PROJECT_SOURCE_DIR}/cmake/debian_copyright ${debian}/copyright COPYONLY)
execute_process(COMMAND gzip -9nf changelog changelog.Debian WORKING_DIRECTORY ${debian} COMMAND_ERROR_IS_FATAL ANY)
foreach(package program:handgrad library:${library} development:libhandgrad-dev)
    string(REPLACE ":" ";" package ${package})
    list(GET package 0 component)
    list(GET package 1 name)
    install(FILES ${debian}/copyright ${debian}/changelog.gz ${debian}/changelog.Debian.gz
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
endforeach()

# ---- the packages ----
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_PACKAGE_CONTACT ${maintainer})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME handgrad)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION
"small neural networks trained with gradients derived by hand
handgrad trains a tied linear autoencoder and a two-layer Swish classifier
whose gradients were derived by hand, checks the derivations numerically on
your own data, and runs them at the speed of the processor. MNIST comes
with it.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
# Which package programs linked with the library depend on, and that the loader is to be told of it. CPack's own way is scripts
# that call ldconfig, which is not Debian's any more; it leaves them out only for others, so these do nothing.
file(WRITE ${debian}/shlibs "libhandgrad ${PROJECT_VERSION_MAJOR} ${library} (>= ${PROJECT_VERSION})\n")
file(WRITE ${debian}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${debian}/shlibs ${debian}/triggers)
foreach(script postinst postrm)
    file(WRITE ${debian}/${script} "#!/bin/sh\nset -e\n")
    list(APPEND CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${debian}/${script})
endforeach()
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
"small neural networks with gradients derived by hand (library)
libhandgrad loads a dataset, trains a tied linear autoencoder or a two-layer
Swish classifier on it, and evaluates and applies the model.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libhandgrad-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
# The static library's dependencies too: pkg-config asks for them whichever library is linked.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${library} (= ${version}), libcjson-dev, libjpeg-dev, liblapacke-dev, libpng-dev, libzip-dev, \
zlib1g-dev, libopenblas-dev | libopenblas-openmp-dev | libopenblas-pthread-dev | libopenblas-serial-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"small neural networks with gradients derived by hand (development)
The headers of libhandgrad, the static library, and what CMake's
find_package and pkg-config look for.")
include(CPack)
