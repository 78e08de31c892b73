# The manual pages, in the words of the program itself: handgrad.1 and one a command, made by running what was built. Where
# that cannot run here (cross compiling), there are none.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
    message(STATUS "Manual pages: none, since a program for another machine does not run here (CMAKE_CROSSCOMPILING_EMULATOR)")
    return()
endif()
find_program(HANDGRAD_GZIP gzip DOC "Compresses the manual pages")
mark_as_advanced(HANDGRAD_GZIP)
set(HG_MANUAL_PAGES ${PROJECT_BINARY_DIR}/man)
add_custom_command(OUTPUT ${HG_MANUAL_PAGES}/handgrad.stamp
    COMMAND ${CMAKE_COMMAND} "-DPROGRAM=${CMAKE_CROSSCOMPILING_EMULATOR};$<TARGET_FILE:handgrad>"
        -DDIRECTORY=${HG_MANUAL_PAGES} "-DGZIP=$<$<BOOL:${HANDGRAD_GZIP}>:${HANDGRAD_GZIP}>"
        -P ${PROJECT_SOURCE_DIR}/cmake/write_manual_pages.cmake
    COMMAND ${CMAKE_COMMAND} -E touch ${HG_MANUAL_PAGES}/handgrad.stamp
    DEPENDS handgrad ${PROJECT_SOURCE_DIR}/cmake/write_manual_pages.cmake VERBATIM)
add_custom_target(hg_manual_pages ALL DEPENDS ${HG_MANUAL_PAGES}/handgrad.stamp)
