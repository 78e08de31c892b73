# hg_variants(NAME SOURCES...): object libraries NAME_portable and, on x86-64, NAME_avx2 and NAME_avx512, of the same
# sources; dispatch.c picks one at run time. Nothing else in the project is compiled for more than the baseline. With
# tests there is NAME_wide too: 16 lanes in baseline instructions, so that AVX-512's algorithm runs on every machine.
# HG_VARIANTS lists their names.
set(HG_VARIANTS portable)
set(HG_LANES_portable 4)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    list(APPEND HG_VARIANTS avx2 avx512)
    set(HG_LANES_avx2 8)
    set(HG_FLAGS_avx2 -mavx2 -mfma -mbmi -mbmi2 -mlzcnt -mpopcnt)
    set(HG_LANES_avx512 16)
    set(HG_FLAGS_avx512 ${HG_FLAGS_avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512)
endif()
if(HANDGRAD_TESTS)
    list(APPEND HG_VARIANTS wide)
    set(HG_LANES_wide 16)
endif()

function(hg_variants name)
    foreach(isa IN LISTS HG_VARIANTS)
        add_library(${name}_${isa} OBJECT ${ARGN})
        target_compile_definitions(${name}_${isa} PRIVATE HG_LANES=${HG_LANES_${isa}} HG_ISA_NAME=${isa})
        # A vector wider than the baseline's registers never crosses a call (all such functions are inlined), so the
        # warning about its calling convention does not apply.
        target_compile_options(${name}_${isa} PRIVATE ${HG_FLAGS_${isa}} -Wno-psabi)
        target_link_libraries(${name}_${isa} PRIVATE hg_kernels hg_options)
    endforeach()
endfunction()
