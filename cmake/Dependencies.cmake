# The libraries that handgrad stands on, found once. Each is used in one place: docs/ARCHITECTURE.md says where.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(LAPACKE REQUIRED IMPORTED_TARGET lapacke)
pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng)

# Any CBLAS serves; BLA_VENDOR (CMake's FindBLAS) chooses one, OpenBLAS is taken where nothing else is asked for.
if(NOT BLA_VENDOR)
    set(BLA_VENDOR OpenBLAS)
    find_package(BLAS QUIET)
    set(HG_BLA_VENDOR ${BLA_VENDOR})
    unset(BLA_VENDOR)
endif()
if(NOT BLAS_FOUND)
    find_package(BLAS REQUIRED)
    set(HG_BLA_VENDOR ${BLA_VENDOR})
endif()
find_path(CBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas openblas-openmp openblas-pthread openblas-serial mkl
          DOC "Directory of cblas.h")
if(NOT CBLAS_INCLUDE_DIR)
    message(FATAL_ERROR "cblas.h was not found: install libopenblas-dev, or set CBLAS_INCLUDE_DIR")
endif()
