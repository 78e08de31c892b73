"""What the Python tests share: the built program, a small dataset from data/mnist, and files of tensors."""

import gzip
import json
import os
import pathlib
import struct
import subprocess
import sys

import numpy as np

SKIPPED = 77  # what CTest counts as skipped
UNAVAILABLE = 69  # the program's exit code where a backend cannot run on this machine

PROGRAM = os.environ.get("HANDGRAD", "handgrad")
MNIST = pathlib.Path(__file__).resolve().parents[2] / "data" / "mnist"


def run(*arguments):
    """Runs the program; returns the finished process, its output as text."""
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


def run_ok(*arguments):
    done = run(*arguments)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, done.args))}: exit code {done.returncode}\n{done.stderr}")
    return done


def require_backend(backend):
    """Ends the test as skipped where `backend` cannot run, or as failed where a GPU was asked for."""
    done = run("info", "--json")
    if done.returncode != 0:
        sys.exit(f"info: exit code {done.returncode}\n{done.stderr}")
    found = {entry["name"]: entry for entry in json.loads(done.stdout)["backends"]}
    if backend in found and found[backend]["usable"]:
        return
    reason = found[backend]["reason"] if backend in found else "not part of this build"
    print(f"backend {backend}: {reason}")
    sys.exit(1 if os.environ.get("HANDGRAD_REQUIRE_GPU") else SKIPPED)


def read_idx(path):
    with gzip.open(path) as file:
        content = file.read()
    dimensions = content[3]
    shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def write_idx(path, array):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.tobytes())


def mnist_subset(directory, train, test, crop=slice(None)):
    """Writes the first samples of MNIST, or a square of each image, as a dataset of their own."""
    directory.mkdir()
    for split, count in (("train", train), ("t10k", test)):
        for kind in ("images-idx3", "labels-idx1"):
            array = read_idx(MNIST / f"{split}-{kind}-ubyte.gz")[:count]
            if kind.startswith("images"):
                array = array[:, crop, crop]
            write_idx(directory / f"{split}-{kind}-ubyte", array)
    return directory


def samples(directory, split="train"):
    """Pixels as float64 rows in 0 ... 1, and labels."""
    images = _read_plain(directory / f"{split}-images-idx3-ubyte")
    labels = _read_plain(directory / f"{split}-labels-idx1-ubyte")
    return images.reshape(len(images), -1) / 255.0, labels


def _read_plain(path):
    content = path.read_bytes()
    dimensions = content[3]
    shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def relative_l2(actual, expected):
    """|actual - expected| / |expected|, infinite where anything is not finite."""
    actual = np.asarray(actual, np.float64)
    if actual.shape != expected.shape or not np.isfinite(actual).all() or not np.isfinite(expected).all():
        return np.inf
    return np.linalg.norm(actual - expected) / np.linalg.norm(expected)
