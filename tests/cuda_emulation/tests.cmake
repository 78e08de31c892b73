# Tests of the emulation itself. First, bugs planted to see that it finds them.
enable_testing()

add_executable(hg_emulation_planted planted_main.cpp)
hg_add_emulated_cuda_sources(hg_emulation_planted planted_kernels.cu planted_memory.cu planted_streams.cu planted_cublas.cu)
target_link_libraries(hg_emulation_planted PRIVATE hg_options)
foreach(bug
        missing_barrier exit_before_barrier two_barriers race missing_lane shared_index misaligned_vector too_many_threads
        write_past_the_end read_past_the_end host_reads_device host_pointer_to_kernel uninitialised use_after_free
        graph_outlives_memory leak
        missing_event buffer_reused result_not_awaited synchronise_in_capture allocate_in_capture unjoined_stream
        swapped_leading_dimension leading_dimension_too_large result_overlaps_operand no_workspace_in_capture
        wrong_pointer_mode)
    add_test(NAME emulation_finds_${bug} COMMAND hg_emulation_planted ${bug})
endforeach()

# What the emulation promises.
add_executable(hg_emulation_semantics semantics_main.cpp)
hg_add_emulated_cuda_sources(hg_emulation_semantics semantics_cublas.cu semantics_kernels.cu semantics_runtime.cu)
target_link_libraries(hg_emulation_semantics PRIVATE hg_options)
add_test(NAME emulation_semantics COMMAND hg_emulation_semantics)
