# What `cmake --install` puts where (GNUInstallDirs). The components are the Debian packages of cmake/Package.cmake.
if(NOT HANDGRAD_INSTALL)
    return()
endif()
include(CMakePackageConfigHelpers)

# ---- the program ----
install(TARGETS handgrad RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
if(HG_MANUAL_PAGES)
    install(DIRECTORY ${HG_MANUAL_PAGES}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program
        FILES_MATCHING PATTERN *.1 PATTERN *.1.gz)
endif()
set(HANDGRAD_ZSH_COMPLETIONS ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where zsh looks for completions")
mark_as_advanced(HANDGRAD_ZSH_COMPLETIONS)
install(FILES ${PROJECT_SOURCE_DIR}/completions/handgrad.bash RENAME handgrad
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/completions/_handgrad DESTINATION ${HANDGRAD_ZSH_COMPLETIONS} COMPONENT program)
# The help and the manual pages name pages of docs.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program
    FILES_MATCHING PATTERN *.md PATTERN *.png PATTERN *.svg)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/mnist DESTINATION ${CMAKE_INSTALL_DATADIR}/handgrad COMPONENT program)

if(NOT HANDGRAD_DEBIAN)
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

# ---- the library ----
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/handgrad DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development
    FILES_MATCHING PATTERN *.c PATTERN *.py)
install(TARGETS hg_static EXPORT handgrad_static
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(exports handgrad_static)
if(TARGET hg_shared)
    install(TARGETS hg_shared EXPORT handgrad LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT library NAMELINK_COMPONENT development INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    list(APPEND exports handgrad)
endif()

# For CMake's find_package(handgrad) and for pkg-config. Both find the prefix by where they lie, so that an installation
# can be moved.
set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/handgrad)
foreach(export IN LISTS exports)
    install(EXPORT ${export} FILE ${export}-targets.cmake NAMESPACE handgrad:: DESTINATION ${package_directory}
        COMPONENT development)
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/cmake/handgradConfig.cmake.in ${PROJECT_BINARY_DIR}/handgradConfig.cmake @ONLY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/handgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/handgradConfig.cmake ${PROJECT_BINARY_DIR}/handgradConfigVersion.cmake
    DESTINATION ${package_directory} COMPONENT development)

file(RELATIVE_PATH prefix_from_pkgconfig ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
list(JOIN private_libraries " " private_libraries)
set(run_path "-Wl,-rpath,\${libdir}") # the system's loader knows nothing of other places than its own
if(CMAKE_INSTALL_PREFIX MATCHES "^/(usr)?$")
    set(run_path "")
endif()
foreach(package handgrad handgrad-static)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/${package}.pc.in ${PROJECT_BINARY_DIR}/${package}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()
