"""Datasets of many shapes, made from MNIST, from scikit-learn, or drawn from a fixed seed.

Each function gives (x, y): a table of samples, bytes or floats, and their classes."""

import gzip
from pathlib import Path

import numpy as np
from sklearn import datasets as sklearn

MNIST = Path(__file__).resolve().parents[2] / "data/mnist"


def mnist():
    x, y = (
        np.frombuffer(gzip.open(MNIST / f"train-{name}-ubyte.gz").read(), np.uint8, offset=offset)
        for name, offset in (("images-idx3", 16), ("labels-idx1", 8))
    )
    return x.reshape(-1, 784), y


def inverted_mnist():
    x, y = mnist()
    return 255 - x, y


def scaled(table, factor=1.0, offset=0.0):
    x, y = table
    return x.astype(np.float32) * np.float32(factor) + np.float32(offset), y


def standardised(table):
    x, y = table
    mean, deviation = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)
    return ((x - mean) / np.where(deviation > 0, deviation, 1)).astype(np.float32), y


def of_sklearn(name, kind=np.float32):
    table = getattr(sklearn, f"load_{name}")()
    return table.data.astype(kind), table.target.astype(np.uint8)


def moons():
    x, y = sklearn.make_moons(3000, noise=0.15, random_state=1)
    return x.astype(np.float32), y.astype(np.uint8)


def xor():
    source = np.random.default_rng(1)
    corners = source.integers(0, 2, (3000, 2))
    return (corners + source.normal(0, 0.1, (3000, 2))).astype(np.float32), (corners.sum(axis=1) % 2).astype(np.uint8)


def blobs():
    x, y = sklearn.make_blobs(3000, n_features=10, centers=4, center_box=(-2, 2), random_state=1)
    return x.astype(np.float32), y.astype(np.uint8)


def one_hot():
    """Eight categories of six values each; each value adds to the score of each of three classes, and the largest wins."""
    source = np.random.default_rng(1)
    values = source.integers(0, 6, (3000, 8))
    effects = source.normal(0, 1, (8, 6, 3))
    y = sum(effects[k][values[:, k]] for k in range(8)).argmax(axis=1)
    return np.eye(6, dtype=np.float32)[values].reshape(3000, 48), y.astype(np.uint8)


DATASETS = {
    "MNIST": mnist,
    "MNIST, inverted": inverted_mnist,
    "MNIST, 0 to 255 as floats": lambda: scaled(mnist()),
    "MNIST, -1 to 1": lambda: scaled(mnist(), 2 / 255, -1),
    "MNIST, standardised": lambda: standardised(mnist()),
    "digits, 0 to 16 as floats": lambda: of_sklearn("digits"),
    "digits, 0 to 16 as bytes": lambda: of_sklearn("digits", np.uint8),
    "iris": lambda: of_sklearn("iris"),
    "iris, standardised": lambda: standardised(of_sklearn("iris")),
    "wine, standardised": lambda: standardised(of_sklearn("wine")),
    "XOR with noise": xor,
    "moons": moons,
    "moons / 1000": lambda: scaled(moons(), 1e-3),
    "moons x 1000": lambda: scaled(moons(), 1e3),
    "blobs": blobs,
    "blobs + 50": lambda: scaled(blobs(), 1, 50),
    "one-hot": one_hot,
}


def write(name, directory, seed, most_rows):
    """The dataset as handgrad reads it, at most `most_rows` of it: a seeded half for training, the other for testing."""
    x, y = DATASETS[name]()
    order = np.random.default_rng(seed).permutation(len(x))[:most_rows]
    half = (len(order) + 1) // 2
    directory.mkdir(parents=True)
    for part, rows in (("train", order[:half]), ("test", order[half:])):
        np.save(directory / f"x_{part}.npy", np.ascontiguousarray(x[rows]))
        np.save(directory / f"y_{part}.npy", y[rows])
    pixels = x[order[:half]] / np.float64(255) if x.dtype == np.uint8 else x[order[:half]].astype(np.float64)
    return pixels
