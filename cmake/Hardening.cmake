# What optimised builds do against mistakes in memory that an attacker could use: checked copies of the C library, a guard
# below the return address, an address that differs from run to run, relocations that are read-only before main begins, no
# executable stack. tests/test_binaries.py reads them back from what was built. Sanitizers replace the first two.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

set(optimised "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
if(NOT HANDGRAD_SANITIZE)
    # A C library that knows less than level 3 takes it for its highest. Ubuntu's compilers define a level of their own.
    target_compile_options(hg_options INTERFACE
        $<$<AND:${optimised},$<COMPILE_LANGUAGE:C,CXX>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong>)
endif()
# For the program and the shared library themselves: a static library would hand options of hg_options on to its users.
set(HG_HARDENED_LINK $<${optimised}:-Wl,-z,relro,-z,now,-z,noexecstack>)
