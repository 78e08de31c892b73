"""What NumPy adds to program.py: parts of MNIST as datasets and as arrays, and the error of a result."""

import gzip
import struct
import sys

from program import MNIST, idx

try:
    import numpy as np
    import safetensors  # noqa: F401: the tests that import this module use it
except ImportError as error:
    sys.exit(f"{error}: this test needs the packages of tests/requirements.txt, which scripts/test puts into .venv-test: "
             "run it with .venv-test/bin/python3")  # fmt: skip


def read_idx(path):
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    dimensions = content[3]
    shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def mnist_subset(directory, train, test, crop=slice(None)):
    """Writes the first samples of MNIST, or a square of each image, as a dataset of their own."""
    directory.mkdir()
    for split, count in (("train", train), ("t10k", test)):
        for kind in ("images-idx3", "labels-idx1"):
            array = read_idx(MNIST / f"{split}-{kind}-ubyte.gz")[:count]
            if kind.startswith("images"):
                array = array[:, crop, crop]
            (directory / f"{split}-{kind}-ubyte").write_bytes(idx(array.tobytes(), *array.shape))
    return directory


def samples(directory, split="train"):
    """Pixels as float64 rows in 0 ... 1, and labels."""
    images = read_idx(directory / f"{split}-images-idx3-ubyte")
    return images.reshape(len(images), -1) / 255.0, read_idx(directory / f"{split}-labels-idx1-ubyte")


def relative_l2(actual, expected):
    """|actual - expected| / |expected|, infinite where anything is not finite."""
    actual = np.asarray(actual, np.float64)
    if actual.shape != expected.shape or not np.isfinite(actual).all() or not np.isfinite(expected).all():
        return np.inf
    return np.linalg.norm(actual - expected) / np.linalg.norm(expected)
