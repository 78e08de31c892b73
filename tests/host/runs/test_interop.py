"""Claims: model.safetensors is what docs/FORMATS.md says, as the safetensors package reads it; and a NumPy forward pass
with those weights gives the program's test accuracy and losses, and the outputs of predict, encode and reconstruct."""

import json
import pathlib
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import oracle
import program

import numpy as np
from safetensors import safe_open

HIDDEN, LATENT, CLASSES = 37, 16, 10
TRAIN, TEST = 2000, 500


def load(path, shapes):
    """The tensors of a file, which must be these and float32."""
    with safe_open(path, "np") as file:
        assert set(file.keys()) == set(shapes), list(file.keys())
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    for name, shape in shapes.items():
        assert tensors[name].shape == shape, (name, tensors[name].shape)
        assert tensors[name].dtype == np.float32, (name, tensors[name].dtype)
    return {name: tensor.astype(np.float64) for name, tensor in tensors.items()}


def train(model, data, run, *options):
    done = program.run_ok("train", model, "--data", data, "--out", run, "--epochs", 2, "--backend", "cpu", "--json", *options)
    return json.loads(done.stdout)


def apply(command, run, data, out):
    program.run_ok(command, run, data / "t10k-images-idx3-ubyte", "--out", out, "--backend", "cpu")
    return np.load(out).astype(np.float64)


def assert_close(actual, expected, limit, what):
    error = abs(actual - expected) / abs(expected)
    assert error <= limit, f"{what}: {actual} instead of {expected}"


def check_mlp(data, work):
    result = train("mlp", data, work / "mlp", "--hidden", HIDDEN)
    w = load(
        work / "mlp" / "model.safetensors",
        {"fc1.weight": (HIDDEN, 784), "fc1.bias": (HIDDEN,), "fc2.weight": (CLASSES, HIDDEN), "fc2.bias": (CLASSES,)},
    )
    x, y = oracle.samples(data, "t10k")
    z1 = x @ w["fc1.weight"].T + w["fc1.bias"]
    z2 = z1 / (1 + np.exp(-z1)) @ w["fc2.weight"].T + w["fc2.bias"]
    p = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    accuracy, loss = (p.argmax(axis=1) == y).mean(), -np.log(p[np.arange(len(y)), y]).mean()

    assert accuracy > 0.5, accuracy  # trained, so that the comparison means something
    assert result["test_accuracy"] == accuracy, (result["test_accuracy"], accuracy)
    assert_close(result["test_loss"], loss, 1e-5, "test loss")
    evaluated = json.loads(program.run_ok("eval", work / "mlp", "--data", data, "--json").stdout)
    assert evaluated["accuracy"] == accuracy, (evaluated["accuracy"], accuracy)

    predicted = apply("predict", work / "mlp", data, work / "predictions.npy")
    assert oracle.relative_l2(predicted[:, -CLASSES:], p) < 1e-5
    table = program.run_ok("predict", work / "mlp", data / "t10k-images-idx3-ubyte", "--backend", "cpu").stdout.splitlines()
    classes = np.array([int(float(line.split(",")[0])) for line in table[1:]])
    assert (classes == p.argmax(axis=1)).all()


def check_autoencoder(data, work):
    result = train("autoencoder", data, work / "autoencoder", "--latent", LATENT)
    w = load(work / "autoencoder" / "model.safetensors", {"encoder.weight": (LATENT, 784)})["encoder.weight"]
    x, _ = oracle.samples(data, "t10k")
    z = x @ w.T
    loss = ((z @ w - x) ** 2).sum() / 2 / len(x)
    assert_close(result["test_loss"], loss, 1e-5, "test loss")

    # The distance to the optimum, from the eigenvalues of the training set's second moment: (A16).
    x, _ = oracle.samples(data)
    optimum = np.linalg.eigvalsh(x.T @ x / len(x))[:-LATENT].sum() / 2
    train_loss = ((x @ w.T @ w - x) ** 2).sum() / 2 / len(x)
    assert_close(result["optimum"], optimum, 1e-6, "optimum")
    assert_close(result["train_loss"], train_loss, 1e-5, "training loss")
    gap = (train_loss - optimum) / optimum
    assert abs(result["optimality_gap"] - gap) < 1e-5, (result["optimality_gap"], gap)

    assert oracle.relative_l2(apply("encode", work / "autoencoder", data, work / "codes.npy"), z) < 1e-6
    images = apply("reconstruct", work / "autoencoder", data, work / "images.npy")
    assert oracle.relative_l2(images.reshape(len(z), -1), z @ w) < 1e-6


def main():
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        data = oracle.mnist_subset(work / "data", TRAIN, TEST)
        check_mlp(data, work)
        check_autoencoder(data, work)
    print("weights, losses and outputs agree with NumPy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
