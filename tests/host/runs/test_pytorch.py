"""Claim: the text that docs/FORMATS.md gives for PyTorch loads the weights of both models as they are, with load_state_dict,
and computes what handgrad computes; and the weights of such a model come back. Skipped where PyTorch is missing, which is
too large to be a requirement of the tests."""

import gzip
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import MNIST, SKIPPED, SOURCE, ProgramTest

try:
    import numpy as np
    import torch
    from safetensors.torch import save_file
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(SKIPPED)


# Both sum a few hundred products of floats, in orders of their own.
LIMIT = 1e-5


def documented():
    """The Python text of docs/FORMATS.md that defines the models."""
    blocks = re.findall(r"```python\n(.*?)```", (SOURCE / "docs" / "FORMATS.md").read_text(), re.DOTALL)
    return next(block for block in blocks if "nn.Module" in block)


class PyTorch(ProgramTest):
    def test_the_documented_models(self):
        for model, run in (("mlp", "runs/mlp"), ("autoencoder", "runs/autoencoder")):
            self.run_program("train", model, "--data", MNIST, "--limit", 2000, "--epochs", 2, "--no-test", "--out", run)
        names, before = {}, os.getcwd()
        os.chdir(self.here)
        try:
            exec(documented(), names)
        finally:
            os.chdir(before)

        images = gzip.decompress((MNIST / "t10k-images-idx3-ubyte.gz").read_bytes())
        x = np.frombuffer(images, np.uint8, 784000, 16).reshape(1000, 784)
        for model, command in (("classifier", "predict"), ("autoencoder", "reconstruct")):
            with torch.no_grad():
                y = names[model](torch.from_numpy(x / np.float32(255)))
                y = (y.softmax(1) if model == "classifier" else y).numpy()
            run = "runs/mlp" if model == "classifier" else "runs/autoencoder"
            self.run_program(command, run, MNIST, "--count", 1000, "--out", f"{model}.npy")
            expected = np.load(self.here / f"{model}.npy").reshape(y.shape)
            self.assertLess(np.abs(y - expected).max() / np.abs(expected).max(), LIMIT)

            save_file(names[model].state_dict(), self.here / f"{model}.safetensors")
            self.run_program(command, f"{model}.safetensors", MNIST, "--count", 1000, "--out", "back.npy")
            np.testing.assert_array_equal(np.load(self.here / "back.npy").reshape(y.shape), expected)


if __name__ == "__main__":
    unittest.main()
