# Language levels, warnings and sanitizers, the same for every target: link `hg_options`, PRIVATE.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON) # POSIX functions, GCC's vector types and target attributes
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(hg_options INTERFACE)
target_compile_definitions(hg_options INTERFACE _GNU_SOURCE $<$<CONFIG:Release>:NDEBUG>)
target_compile_options(hg_options INTERFACE
    $<$<COMPILE_LANGUAGE:C,CXX>:-Wall -Wextra -Wshadow -Wvla>
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
    # One result on every machine and at every optimisation level: no fusing of a*b+c behind our backs.
    $<$<COMPILE_LANGUAGE:C,CXX>:-ffp-contract=off>)
# __FILE__ is a path from the project's root, in traces and assertions, however the build names the source: absolute or
# from the build folder (a compiler cache does).
file(RELATIVE_PATH root_from_build ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
string(REGEX REPLACE "/$" "" root_from_build "${root_from_build}")
foreach(directory ${PROJECT_SOURCE_DIR} ${root_from_build})
    set(root ${directory}/)
    target_compile_options(hg_options INTERFACE
        $<$<COMPILE_LANGUAGE:C,CXX>:-fmacro-prefix-map=${root}=>
        $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-fmacro-prefix-map=${root}=>)
endforeach()
if(HANDGRAD_WERROR)
    target_compile_options(hg_options INTERFACE $<$<COMPILE_LANGUAGE:C,CXX>:-Werror>)
endif()
if(HANDGRAD_SANITIZE)
    target_compile_options(hg_options INTERFACE
        $<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=${HANDGRAD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g>)
    target_link_options(hg_options INTERFACE -fsanitize=${HANDGRAD_SANITIZE})
endif()
