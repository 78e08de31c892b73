"""Claims: the names that the library takes from its users' programs begin with hg_ or HG_: what the shared and the static
library define, and the macros of the headers; optimised builds are hardened (checked copies, stack protector, PIE, full
RELRO, no executable stack)."""

import pathlib
import re
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent / "support"))
from program import BUILD, PROGRAM, SOURCE, build_setting

SHARED, STATIC = BUILD / "libhandgrad.so", BUILD / "libhandgrad.a"
HEADERS = sorted((SOURCE / "include/handgrad").glob("*.h"))
SANITIZE = build_setting("HANDGRAD_SANITIZE")
OPTIMISED = build_setting("CMAKE_BUILD_TYPE") in ("Release", "RelWithDebInfo", "MinSizeRel")


def call(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout


def defined(*command):
    """The names that others could link against. Weak ones are functions of C++ headers, sanitizers have names of their own."""
    lines = (line.split() for line in call("nm", "--defined-only", *command).splitlines())
    return {line[2] for line in lines if len(line) == 3 and line[1] not in "VWu" and not line[2].startswith("__odr_asan")}


def declared():
    """The functions of include/handgrad."""
    names = set()
    for header in HEADERS:
        text = re.sub(r"/\*.*?\*/|^#.*?$", "", header.read_text(), flags=re.S | re.M)
        text = re.sub(r"typedef [^;]*;|__attribute__\(\(.*?\)\)\)", "", text)
        names |= set(re.findall(r"\b(hg_\w+)\(", text))
    return names


class Names(unittest.TestCase):
    def test_the_shared_library_has_the_public_functions_alone(self):
        if not SHARED.exists():
            self.skipTest("this build has no shared library")
        self.assertEqual(defined("--dynamic", SHARED), declared())

    def test_the_static_library_has_names_of_its_own(self):
        if not STATIC.exists():
            self.skipTest("this build has no static library")
        names = defined("--extern-only", STATIC)
        self.assertEqual({name for name in names if not name.startswith("hg_")}, set())
        self.assertEqual(declared() - names, set())

    def test_macros(self):
        for header in HEADERS:
            for macro in re.findall(r"^#\s*define (\w+)", header.read_text(), re.M):
                self.assertRegex(macro, r"^(HANDGRAD_\w+_H$|HG_|hg_)", header.name)


@unittest.skipUnless(OPTIMISED and not SANITIZE, "an optimised build without sanitizers is hardened, and no other")
class Hardening(unittest.TestCase):
    def binaries(self):
        return [path for path in (PROGRAM, SHARED) if path.exists()]

    def test_the_program_runs_at_any_address(self):
        self.assertRegex(call("readelf", "-hW", PROGRAM), r"Type: +DYN")
        self.assertIn("PIE", call("readelf", "-dW", PROGRAM))

    def test_relocations_are_read_only_from_the_start(self):
        for binary in self.binaries():
            self.assertIn("GNU_RELRO", call("readelf", "-lW", binary), binary)
            self.assertRegex(call("readelf", "-dW", binary), r"\(FLAGS_1\).*\bNOW\b", binary)

    def test_the_stack_holds_no_code(self):
        for binary in self.binaries():
            self.assertRegex(call("readelf", "-lW", binary), r"GNU_STACK.* RW +0x", binary)
            self.assertNotRegex(call("readelf", "-lW", binary), r"LOAD.* RWE ", binary)

    def test_buffers_are_guarded(self):
        for binary in self.binaries():
            called = call("nm", "--dynamic", "--undefined-only", binary)
            self.assertIn("__stack_chk_fail", called, binary)
            self.assertRegex(called, r"__\w+printf_chk", binary)
            self.assertIn("__memcpy_chk", called, f"{binary}: level 3 checks sizes that are known when it runs")


if __name__ == "__main__":
    unittest.main()
