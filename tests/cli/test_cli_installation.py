"""Claims: the example builds against an installed handgrad as its users would build it, through pkg-config and through
CMake, with the shared library and with the static one, and trains; the installed program finds its data; as a part of
another project handgrad leaves that project's choices alone."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BUILD, SOURCE, ProgramTest, build_setting

COMPILER = build_setting("CMAKE_C_COMPILER")
SANITIZE = build_setting("HANDGRAD_SANITIZE")
FLAGS = [f"-fsanitize={SANITIZE}"] if SANITIZE else []

USER = f"""cmake_minimum_required(VERSION 3.22)
project(example C)
find_package(handgrad 0.2 REQUIRED)
add_executable(train_mlp {SOURCE}/examples/train_mlp.c)
target_link_libraries(train_mlp PRIVATE handgrad::handgrad)
"""


class Installation(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Moved after it was made: nothing may depend on the prefix it was configured with.
        cls.prefix = cls.top / "moved"
        cls.call("cmake", "--install", BUILD, "--prefix", cls.top / "prefix")
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
        (self.here / "CMakeLists.txt").write_text(USER)
        flags = " ".join(FLAGS)
        self.call("cmake", "-S", self.here, "-B", self.here / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}",
                  f"-DCMAKE_C_COMPILER={COMPILER}", f"-DCMAKE_C_FLAGS={flags}")  # fmt: skip
        self.call("cmake", "--build", self.here / "build")
        self.assert_trains(self.here / "build/train_mlp")

    def test_the_program(self):
        output = self.call(self.prefix / "bin/handgrad", "info", cwd=self.here)
        self.assertIn(str(self.prefix / "share/handgrad/mnist"), output)


PARENT = """cmake_minimum_required(VERSION 3.22)
project(parent C)
add_subdirectory({source} handgrad)
add_executable(train_mlp {source}/examples/train_mlp.c)
target_link_libraries(train_mlp PRIVATE handgrad::handgrad)
file(WRITE ${{CMAKE_BINARY_DIR}}/choices "${{CMAKE_BUILD_TYPE}},${{CMAKE_C_STANDARD}},${{BUILD_SHARED_LIBS}}")
"""


@unittest.skipIf(SANITIZE, "another whole build: what it claims has nothing to do with sanitizers")
class Subproject(ProgramTest):
    """One build serves all: handgrad within another project, which wants it static and, this once, installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parent = cls.top / "parent"
        cls.parent.mkdir()
        (cls.parent / "CMakeLists.txt").write_text(PARENT.format(source=SOURCE))

    call = Installation.call

    def configure(self, build, *options):
        self.call("cmake", "-S", self.parent, "-B", build, f"-DCMAKE_C_COMPILER={COMPILER}", "-DHANDGRAD_CUDA=OFF", *options)

    def test_the_parent_decides(self):
        self.configure(self.here / "build")
        self.assertEqual((self.here / "build/choices").read_text(), ",,")
        self.call("cmake", "--install", self.here / "build", "--prefix", self.here / "prefix")
        self.assertFalse((self.here / "prefix").exists(), "a part of another project installs nothing unasked")

    def test_the_static_library(self):
        build, prefix = self.here / "build", self.here / "prefix"
        self.configure(build, "-DCMAKE_BUILD_TYPE=Release", "-DHANDGRAD_INSTALL=ON")
        self.call("cmake", "--build", build, "--parallel", "2")
        self.assertIn("test accuracy", self.call(build / "train_mlp", self.data, 1))
        self.call("cmake", "--install", build, "--prefix", prefix)
        self.assertEqual([path.name for path in prefix.rglob("libhandgrad*")], ["libhandgrad.a"])

        (package,) = prefix.rglob("handgrad.pc")
        environment = {**os.environ, "PKG_CONFIG_PATH": str(package.parent)}
        flags = self.call("pkg-config", "--static", "--cflags", "--libs", "handgrad", env=environment).split()
        self.call(COMPILER, SOURCE / "examples/train_mlp.c", *flags, "-o", self.here / "train_mlp")
        self.assertIn("test accuracy", self.call(self.here / "train_mlp", self.data, 1))

        user = self.here / "user"
        user.mkdir()
        (user / "CMakeLists.txt").write_text(USER)
        self.call("cmake", "-S", user, "-B", user / "build", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_C_COMPILER={COMPILER}")
        self.call("cmake", "--build", user / "build")
        self.assertIn("test accuracy", self.call(user / "build/train_mlp", self.data, 1))


if __name__ == "__main__":
    unittest.main()
