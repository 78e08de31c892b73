"""The built program: where it is, running it, small datasets to run it on, and what it wrote. Needs nothing but Python."""

import contextlib
import fcntl
import gzip
import json
import os
import pathlib
import pty
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
MNIST = SOURCE / "data" / "mnist"
SKIPPED = 77  # what CTest counts as skipped


def find_program():
    """The program that HANDGRAD names, as in CTest, or else the one built last."""
    named = os.environ.get("HANDGRAD")
    if named and not os.path.isfile(named):
        sys.exit(f"HANDGRAD={named}: there is no such program; build it, or unset HANDGRAD to test the one built last")
    built = [pathlib.Path(named)] if named else sorted(SOURCE.glob("build*/handgrad"), key=os.path.getmtime)
    if not built:
        sys.exit("there is no program to test: build it (cmake --preset debug && cmake --build --preset debug), or set "
                 "HANDGRAD to its path")  # fmt: skip
    return built[-1].resolve()


PROGRAM = find_program()
BUILD = PROGRAM.parent


def build_setting(name):
    """What the build was configured with, such as CMAKE_C_COMPILER."""
    found = re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)
    return found[1] if found else ""


OK, CHECK_FAILED, USAGE, BAD_DATA, NO_INPUT, UNAVAILABLE, CANNOT_CREATE, IO = 0, 1, 64, 65, 66, 69, 73, 74


def run(*arguments, **options):
    """Runs the program; returns the finished process, its output as text."""
    options = {"stdin": subprocess.DEVNULL, "capture_output": "stdout" not in options, "timeout": 600, **options}
    return subprocess.run([PROGRAM, *map(str, arguments)], text=True, check=False, **options)


def run_ok(*arguments, **options):
    """The same; ends the test where the program fails."""
    done = run(*arguments, **options)
    if done.returncode != OK:
        sys.exit(f"{' '.join(map(str, done.args))}: exit code {done.returncode}\n{done.stderr}")
    return done


def require_backend(backend):
    """Ends the test as skipped where `backend` cannot run, or as failed where a GPU was asked for."""
    found = {entry["name"]: entry for entry in json.loads(run_ok("info", "--json").stdout)["backends"]}
    if backend in found and found[backend]["usable"]:
        return
    print(f"backend {backend}: {found[backend]['reason'] if backend in found else 'not part of this build'}")
    sys.exit(1 if os.environ.get("HANDGRAD_REQUIRE_GPU") else SKIPPED)


def idx(values, *shape):
    """An IDX file of unsigned bytes."""
    return struct.pack(">HBB", 0, 8, len(shape)) + struct.pack(f">{len(shape)}I", *shape) + bytes(values)


def write_dataset(directory, train=60, test=30, side=8, classes=4, compress=False):
    """Images whose bright quarter is their class: learnable, and different from run to run of nothing."""
    directory.mkdir(parents=True, exist_ok=True)
    source = random.Random(7)
    for prefix, count in (("train", train), ("t10k", test)):
        labels = [source.randrange(classes) for _ in range(count)]
        pixels = bytearray()
        for label in labels:
            for row in range(side):
                for column in range(side):
                    quarter = 2 * (row >= side // 2) + (column >= side // 2)
                    lit = quarter == label and source.random() < 0.8 or source.random() < 0.1
                    pixels.append(source.randrange(128, 256) if lit else 0)
        files = {
            f"{prefix}-images-idx3-ubyte": idx(pixels, count, side, side),
            f"{prefix}-labels-idx1-ubyte": idx(labels, count),
        }
        for name, content in files.items():
            if compress:
                (directory / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (directory / name).write_bytes(content)
    return directory


def read_safetensors(path):
    """Name to (dtype, shape, bytes)."""
    content = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    data = content[8 + length :]
    return {
        name: (tensor["dtype"], tensor["shape"], data[slice(*tensor["data_offsets"])])
        for name, tensor in header.items()
        if name != "__metadata__"
    }


def read_metadata(path):
    """What a safetensors file says of itself."""
    content = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]).get("__metadata__", {})


def write_safetensors(path, tensors, metadata=None):
    """Of tensors as read_safetensors gives them."""
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def metrics(run):
    return [json.loads(line) for line in (pathlib.Path(run) / "metrics.jsonl").read_text().splitlines()]


class ProgramTest(unittest.TestCase):
    """Each test has an empty working directory, self.here, with a dataset beside it, self.data."""

    @classmethod
    def setUpClass(cls):
        cls.top = pathlib.Path(tempfile.mkdtemp(prefix="handgrad-test-"))
        cls.data = write_dataset(cls.top / "data")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.top)

    def setUp(self):
        self.here = self.top / self.id().rsplit(".", 1)[-1]
        self.here.mkdir()

    def run_program(self, *arguments, expect=OK, **options):
        """Runs it in self.here, as a user would; fails with all it said where the exit code is another one."""
        result = run(*arguments, cwd=self.here, timeout=120, **options)
        if result.returncode != expect:
            self.fail(f"{arguments}: exit code {result.returncode} instead of {expect}\n{result.stdout}{result.stderr}")
        return result

    def run_on_terminal(self, *arguments, columns=80, **environment):
        """Its standard output, and what a terminal of so many columns shows of its standard error."""
        master, terminal = pty.openpty()
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            cwd=self.here, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=terminal,
            env={**os.environ, "TERM": "xterm", **environment},
        )  # fmt: skip
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that nobody holds the other end any more
            while block := os.read(master, 4096):
                shown += block
        os.close(master)
        written = process.communicate(timeout=120)[0]
        self.assertEqual(process.returncode, OK)
        return written, shown

    def train(self, model, *arguments, expect=OK):
        """A short training on self.data."""
        return self.run_program(
            "train", model, "--data", self.data, "--epochs", 2, "--batch-size", 16,
            *(["--hidden", 12] if model == "mlp" else ["--latent", 5]), *arguments, expect=expect,
        )  # fmt: skip

    def assert_refused(self, expect, named, *arguments):
        """It fails with that code, names the culprit, says it as one line, and leaves nothing behind."""
        before = sorted(self.here.rglob("*"))
        result = self.run_program(*arguments, expect=expect)
        self.assertIn(str(named), result.stderr)
        message = result.stderr.splitlines()[-1]
        self.assertTrue(message.startswith("handgrad"), message)
        self.assertEqual(result.stdout, "")
        self.assertEqual(sorted(self.here.rglob("*")), before)
        return message
