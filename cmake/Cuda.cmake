# Decides whether and how the CUDA backend is built (HANDGRAD_CUDA) and enables the languages that takes: to be included
# by the topmost file, because executables that link CUDA code need the language too.
#
# Sets HG_CUDA_BUILD to REAL, EMULATED or nothing.
set(HG_CUDA_BUILD "")
set(HG_CUDA_MINIMUM 12.0) # cudaGraphInstantiate's present form

if(HANDGRAD_CUDA STREQUAL "EMULATED")
    enable_language(CXX)
    add_subdirectory(tests/cuda_emulation)
    set(HG_CUDA_BUILD EMULATED)
elseif(HANDGRAD_CUDA STREQUAL "AUTO" OR HANDGRAD_CUDA STREQUAL "ON")
    # `native`, CMake's other convenient choice, fails on machines without a GPU.
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES AND NOT DEFINED ENV{CUDAARCHS})
        set(CMAKE_CUDA_ARCHITECTURES all-major)
    endif()
    if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
        find_program(HANDGRAD_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda /opt/cuda PATH_SUFFIXES bin
                     DOC "CUDA's compiler")
        mark_as_advanced(HANDGRAD_NVCC)
        if(HANDGRAD_NVCC)
            set(CMAKE_CUDA_COMPILER ${HANDGRAD_NVCC})
        endif()
    endif()

    set(problem "")
    if(HANDGRAD_CUDA STREQUAL "ON" AND CMAKE_CUDA_COMPILER)
        enable_language(CUDA) # shows what is wrong with it, where check_language below would only say no
    else()
        include(CheckLanguage)
        check_language(CUDA)
        if(CMAKE_CUDA_COMPILER)
            enable_language(CUDA)
        else()
            set(problem "nvcc was not found, or does not work with this host compiler")
        endif()
    endif()
    if(NOT problem AND CMAKE_CUDA_COMPILER_VERSION VERSION_LESS HG_CUDA_MINIMUM)
        set(problem "CUDA ${CMAKE_CUDA_COMPILER_VERSION} is older than ${HG_CUDA_MINIMUM}")
    endif()
    if(NOT problem)
        find_package(CUDAToolkit QUIET)
        find_path(HG_CUBLAS_INCLUDE_DIR cublas_v2.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
        mark_as_advanced(HG_CUBLAS_INCLUDE_DIR)
        if(NOT CUDAToolkit_FOUND OR NOT HG_CUBLAS_INCLUDE_DIR)
            set(problem "the CUDA toolkit lacks the runtime or the headers of cuBLAS")
        endif()
    endif()

    if(NOT problem)
        set(HG_CUDA_BUILD REAL)
        message(STATUS "CUDA backend: ${CMAKE_CUDA_COMPILER} ${CMAKE_CUDA_COMPILER_VERSION}, "
                       "architectures ${CMAKE_CUDA_ARCHITECTURES}")
    elseif(HANDGRAD_CUDA STREQUAL "ON")
        message(FATAL_ERROR "HANDGRAD_CUDA=ON, but ${problem}. Install the CUDA toolkit ${HG_CUDA_MINIMUM} or newer "
                            "(nvcc, cudart, cuBLAS), give -DCMAKE_CUDA_COMPILER=/path/to/nvcc, or build with "
                            "-DHANDGRAD_CUDA=OFF.")
    else()
        message(STATUS "CUDA backend: not built, ${problem} (-DHANDGRAD_CUDA=ON makes this an error)")
    endif()
elseif(NOT HANDGRAD_CUDA STREQUAL "OFF")
    message(FATAL_ERROR "HANDGRAD_CUDA is ${HANDGRAD_CUDA}; it may be AUTO, ON, OFF or EMULATED")
endif()
