"""Claims: the example builds against an installed handgrad as its users would build it, through pkg-config and through
CMake, and trains; the library exports the public functions and no others; the installed program finds its data."""

import os
import re
import shutil
import subprocess
import unittest

from program import SOURCE, ProgramTest

COMPILER = os.environ["HANDGRAD_CC"]
SANITIZE = os.environ["HANDGRAD_SANITIZE"]
FLAGS = [f"-fsanitize={SANITIZE}"] if SANITIZE else []


class Installation(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Moved after it was made: nothing may depend on the prefix it was configured with.
        cls.prefix = cls.top / "moved"
        build = os.environ["HANDGRAD_BUILD"]
        cls.call("cmake", "--install", build, "--prefix", cls.top / "prefix")
        shutil.move(cls.top / "prefix", cls.prefix)
        (cls.library,) = cls.prefix.rglob("libhandgrad.so")
        cls.environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(cls.library.parent / "pkgconfig"),
            "LD_LIBRARY_PATH": str(cls.library.parent),
        }

    @classmethod
    def call(cls, *command, **options):
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, **options)
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result.stdout

    def assert_trains(self, program):
        output = self.call(program, self.data, 3, env=self.environment)
        self.assertRegex(output, r"epoch 3: training loss [0-9.]+, test accuracy [0-9.]+ %")

    def test_pkg_config(self):
        flags = self.call("pkg-config", "--cflags", "--libs", "handgrad", env=self.environment).split()
        self.call(COMPILER, *FLAGS, SOURCE / "examples/train_mlp.c", *flags, "-o", self.here / "train_mlp")
        self.assert_trains(self.here / "train_mlp")

    def test_cmake(self):
        (self.here / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.22)\nproject(example C)\nfind_package(handgrad 0.1 REQUIRED)\n"
            f"add_executable(train_mlp {SOURCE}/examples/train_mlp.c)\n"
            "target_link_libraries(train_mlp PRIVATE handgrad::handgrad)\n"
        )
        flags = " ".join(FLAGS)
        self.call("cmake", "-S", self.here, "-B", self.here / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}",
                  f"-DCMAKE_C_COMPILER={COMPILER}", f"-DCMAKE_C_FLAGS={flags}")  # fmt: skip
        self.call("cmake", "--build", self.here / "build")
        self.assert_trains(self.here / "build/train_mlp")

    def test_the_library_exports_the_public_functions(self):
        declared = set()
        for header in (SOURCE / "include/handgrad").glob("*.h"):
            text = re.sub(r"/\*.*?\*/|^#.*?$", "", header.read_text(), flags=re.S | re.M)
            text = re.sub(r"typedef [^;]*;|__attribute__\(\(.*?\)\)\)", "", text)
            declared |= set(re.findall(r"\b(hg_\w+)\(", text))
        symbols = self.call("nm", "-D", "--defined-only", self.library).splitlines()
        exported = {line.split()[-1] for line in symbols if " T " in line}
        self.assertEqual({name for name in exported if name.startswith("hg_")}, declared)

    def test_the_program(self):
        output = self.call(self.prefix / "bin/handgrad", "info", cwd=self.here)
        self.assertIn(str(self.prefix / "share/handgrad/mnist"), output)


if __name__ == "__main__":
    unittest.main()
