"""Claims: the example builds against an installed handgrad as its users would build it, through pkg-config and through
CMake, with the shared library and with the static one, and runs without being told where the library is; everything is
where it belongs; the installed program finds its data, and tells nobody where it was built; as a part of another project
handgrad leaves that project's choices alone; scripts/package makes Debian packages that lintian finds no error in, that
install, run, serve to build a program, and leave nothing behind when they are removed."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BUILD, SOURCE, ProgramTest, build_setting

COMPILER = build_setting("CMAKE_C_COMPILER")
SANITIZE = build_setting("HANDGRAD_SANITIZE")
EMULATED = build_setting("HANDGRAD_CUDA") == "EMULATED"
FLAGS = [f"-fsanitize={SANITIZE}"] if SANITIZE else []

# The library's target, and what find_package is asked for besides.
USER = """cmake_minimum_required(VERSION 3.22)
project(example C)
find_package(handgrad 0.2 REQUIRED {components})
add_executable(train_mlp {source}/examples/train_mlp.c)
target_link_libraries(train_mlp PRIVATE {target})
"""


class InstallationTest(ProgramTest):
    @classmethod
    def call(cls, *command, **options):
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=900, **options)
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result.stdout

    def assert_trains(self, program, shared):
        """As it is: nothing tells the loader where the library is but the program."""
        self.assertRegex(self.call(program, self.data, 3), r"epoch 3: training loss [0-9.]+, test accuracy [0-9.]+ %")
        self.assertEqual("libhandgrad" in self.call("readelf", "-dW", program), shared)

    def build_by_pkg_config(self, package, library, *options):
        environment = {**os.environ, "PKG_CONFIG_PATH": str(library.parent / "pkgconfig")}
        flags = self.call("pkg-config", *options, "--cflags", "--libs", package, env=environment).split()
        self.call(COMPILER, *FLAGS, SOURCE / "examples/train_mlp.c", *flags, "-o", self.here / "train_mlp")
        return self.here / "train_mlp"

    def build_by_cmake(self, prefix, target, components=""):
        (self.here / "CMakeLists.txt").write_text(USER.format(source=SOURCE, target=target, components=components))
        self.call("cmake", "-S", self.here, "-B", self.here / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
                  f"-DCMAKE_C_COMPILER={COMPILER}", f"-DCMAKE_C_FLAGS={' '.join(FLAGS)}")  # fmt: skip
        self.call("cmake", "--build", self.here / "build")
        return self.here / "build/train_mlp"


class Installation(InstallationTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Moved after it was made: nothing may depend on the prefix it was configured with.
        cls.prefix = cls.top / "moved"
        cls.call("cmake", "--install", BUILD, "--prefix", cls.top / "prefix")
        shutil.move(cls.top / "prefix", cls.prefix)
        (cls.library,) = cls.prefix.rglob("libhandgrad.so")

    def test_everything_is_where_it_belongs(self):
        lib = self.library.parent.relative_to(self.prefix)
        for path in ("bin/handgrad", "include/handgrad/train.h", "share/man/man1/handgrad.1*",
                     "share/man/man1/handgrad-train-mlp.1*", "share/bash-completion/completions/handgrad",
                     "share/zsh/site-functions/_handgrad", "share/handgrad/mnist/SHA256SUMS",
                     "share/doc/handgrad/docs/FORMULAS.md", lib / "libhandgrad.so.0",
                     lib / "libhandgrad.a", lib / "pkgconfig/handgrad.pc", lib / "pkgconfig/handgrad-static.pc",
                     lib / "cmake/handgrad/handgradConfig.cmake"):  # fmt: skip
            self.assertEqual(len(list(self.prefix.glob(str(path)))), 1, path)

    def test_staging(self):
        self.call("cmake", "--install", BUILD, "--prefix", "/usr", env={**os.environ, "DESTDIR": str(self.here / "stage")})
        self.assertEqual([path.name for path in (self.here / "stage").iterdir()], ["usr"])
        self.assertTrue((self.here / "stage/usr/bin/handgrad").exists())

    def test_the_shared_library_by_pkg_config(self):
        self.assert_trains(self.build_by_pkg_config("handgrad", self.library), shared=True)

    def test_the_shared_library_by_cmake(self):
        self.assert_trains(self.build_by_cmake(self.prefix, "handgrad::handgrad"), shared=True)

    @unittest.skipIf(EMULATED, "the emulation of CUDA, which the static library needs here, is not installed")
    def test_the_static_library_by_pkg_config(self):
        self.assert_trains(self.build_by_pkg_config("handgrad-static", self.library), shared=False)

    @unittest.skipIf(EMULATED, "the emulation of CUDA, which the static library needs here, is not installed")
    def test_the_static_library_by_cmake(self):
        program = self.build_by_cmake(self.prefix, "handgrad::handgrad_static", "COMPONENTS static")
        self.assert_trains(program, shared=False)

    def test_the_program(self):
        output = self.call(self.prefix / "bin/handgrad", "info", cwd=self.here)
        self.assertIn(str(self.prefix / "share/handgrad/mnist"), output)

    @unittest.skipUnless(build_setting("CMAKE_BUILD_TYPE") == "Release", "others have the paths that debuggers need")
    def test_nothing_tells_where_it_was_built(self):
        for binary in (self.prefix / "bin/handgrad", self.library):
            self.assertNotIn(bytes(SOURCE), binary.read_bytes(), binary)


PARENT = """cmake_minimum_required(VERSION 3.22)
project(parent C)
{added}
add_executable(train_mlp {source}/examples/train_mlp.c)
target_link_libraries(train_mlp PRIVATE handgrad::handgrad)
file(WRITE ${{CMAKE_BINARY_DIR}}/choices "${{CMAKE_BUILD_TYPE}},${{CMAKE_C_STANDARD}},${{BUILD_SHARED_LIBS}}")
"""
ADD_SUBDIRECTORY = f"add_subdirectory({SOURCE} handgrad)"
FETCH_CONTENT = f"""include(FetchContent)
FetchContent_Declare(handgrad SOURCE_DIR {SOURCE})
FetchContent_MakeAvailable(handgrad)"""


@unittest.skipIf(SANITIZE, "another whole build: what it claims has nothing to do with sanitizers")
class Subproject(InstallationTest):
    """handgrad within another project, which wants it static and, this once, installed."""

    def configure(self, added, *options):
        parent = self.here / "parent"
        parent.mkdir()
        (parent / "CMakeLists.txt").write_text(PARENT.format(source=SOURCE, added=added))
        build = self.here / "parent-build"
        self.call("cmake", "-G", "Unix Makefiles", "-S", parent, "-B", build, f"-DCMAKE_C_COMPILER={COMPILER}",
                  "-DHANDGRAD_CUDA=OFF", *options)  # fmt: skip
        return build

    def assert_parent_decides(self, added):
        build = self.configure(added)
        self.assertEqual((build / "choices").read_text(), ",,")
        for commands in ("flags.make", "link.txt"):
            self.assertNotRegex((build / "CMakeFiles/train_mlp.dir" / commands).read_text(), "FORTIFY|-Wall|-z,now|-pie")
        self.call("cmake", "--install", build, "--prefix", self.here / "prefix")
        self.assertFalse((self.here / "prefix").exists(), "a part of another project installs nothing unasked")

    def test_the_parent_decides(self):
        self.assert_parent_decides(ADD_SUBDIRECTORY)

    def test_the_parent_decides_with_fetch_content(self):
        self.assert_parent_decides(FETCH_CONTENT)

    def test_the_static_library_alone(self):
        prefix = self.here / "prefix"
        build = self.configure(ADD_SUBDIRECTORY, "-DCMAKE_BUILD_TYPE=Release", "-DHANDGRAD_INSTALL=ON")
        self.call("cmake", "--build", build, "--parallel", "2", "--target", "train_mlp")
        self.assert_trains(build / "train_mlp", shared=False)
        self.call("cmake", "--install", build, "--prefix", prefix, "--component", "development")
        self.assertEqual([path.name for path in prefix.rglob("libhandgrad*")], ["libhandgrad.a"])
        (library,) = prefix.rglob("libhandgrad.a")
        self.assert_trains(self.build_by_pkg_config("handgrad", library, "--static"), shared=False)
        self.assert_trains(self.build_by_cmake(prefix, "handgrad::handgrad"), shared=False)


@unittest.skipIf(SANITIZE, "another whole build: what it claims has nothing to do with sanitizers")
@unittest.skipUnless(shutil.which("dpkg-shlibdeps"), "dpkg-dev is not here")
class Packages(InstallationTest):
    """Everything happens in a directory that plays the root of a system."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call(SOURCE / "scripts/package", cls.top / "packages", env={**os.environ, "CC": COMPILER})
        cls.packages = {path.name.split("_")[0]: path for path in (cls.top / "packages").glob("*.deb")}

    def dpkg(self, *arguments):
        """On a system that has nothing but what dpkg itself needs to know, and so none of the libraries depended on."""
        root = self.here / "root"
        for directory in ("info", "updates", "triggers"):
            (root / "var/lib/dpkg" / directory).mkdir(parents=True, exist_ok=True)
        (root / "var/lib/dpkg/status").touch()
        self.call("dpkg", f"--root={root}", f"--log={self.here}/log", "--force-depends", "--force-not-root",
                  "--force-script-chrootless", *arguments)  # fmt: skip
        return root

    def field(self, package, name):
        return self.call("dpkg-deb", "--field", self.packages[package], name).strip()

    def test_there_are_three(self):
        self.assertEqual(set(self.packages), {"handgrad", "libhandgrad0", "libhandgrad-dev"})

    def test_they_depend_on_what_they_use(self):
        for package in ("handgrad", "libhandgrad0"):
            for library in ("libc6", "libcjson1", "libopenblas0", "zlib1g"):
                self.assertRegex(self.field(package, "Depends"), rf"\b{library}\b", package)
        self.assertIn(f"libhandgrad0 (= {self.field('libhandgrad0', 'Version')})", self.field("libhandgrad-dev", "Depends"))

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not here")
    def test_lintian_finds_no_error(self):
        self.call("lintian", "--allow-root", "--fail-on", "error", *self.packages.values())

    def test_nothing_tells_where_it_was_built(self):
        self.call("dpkg-deb", "--extract", self.packages["handgrad"], self.here)
        program = self.here / "usr/bin/handgrad"
        self.assertNotIn(bytes(SOURCE), program.read_bytes())
        self.assertNotIn("RUNPATH", self.call("readelf", "-dW", program))

    def test_install_use_remove(self):
        root = self.dpkg("--install", *self.packages.values())
        program = root / "usr/bin/handgrad"
        self.assertIn(str(root / "usr/share/handgrad/mnist"), self.call(program, "info", cwd=self.here))
        self.call(program, "train", "mlp", "--epochs", "1", "--limit", "500", "--out", "run", cwd=self.here)
        self.assertTrue((root / "usr/share/man/man1/handgrad-train-mlp.1.gz").exists())
        self.assertTrue((root / "usr/share/bash-completion/completions/handgrad").exists())
        self.assertTrue((root / "usr/share/zsh/vendor-completions/_handgrad").exists())

        (package,) = root.rglob("handgrad-static.pc")
        flags = self.call("pkg-config", "--cflags", "--libs", "handgrad-static",
                          env={**os.environ, "PKG_CONFIG_PATH": str(package.parent)}).split()  # fmt: skip
        self.call(COMPILER, SOURCE / "examples/train_mlp.c", *flags, "-o", self.here / "train_mlp")
        self.assertIn("test accuracy", self.call(self.here / "train_mlp", self.data, 1))

        self.dpkg("--purge", *self.packages)
        self.assertEqual([path for path in root.rglob("*") if re.search("handgrad", path.name)], [])
        self.assertFalse((root / "usr").exists())


if __name__ == "__main__":
    unittest.main()
