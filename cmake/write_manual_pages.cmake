# cmake -DPROGRAM=... -DDIRECTORY=... -DGZIP=... -P: writes the manual pages of the program into the directory, compressed
# where there is a gzip.
function(write_page name)
    execute_process(COMMAND ${PROGRAM} ${ARGN} --help=man OUTPUT_FILE ${DIRECTORY}/${name}.1 COMMAND_ERROR_IS_FATAL ANY)
    if(GZIP)
        execute_process(COMMAND ${GZIP} -9nf ${DIRECTORY}/${name}.1 COMMAND_ERROR_IS_FATAL ANY)
    endif()
endfunction()

file(REMOVE_RECURSE ${DIRECTORY}) # the page of a command that is no more
file(MAKE_DIRECTORY ${DIRECTORY})
write_page(handgrad)
execute_process(COMMAND ${PROGRAM} --help=commands OUTPUT_VARIABLE commands COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" commands "${commands}")
foreach(command IN LISTS commands)
    string(REPLACE " " "-" name "handgrad ${command}")
    separate_arguments(words UNIX_COMMAND "${command}")
    write_page(${name} ${words})
endforeach()
