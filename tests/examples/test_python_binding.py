"""Claims: the Python example trains on NumPy arrays, saves and applies the model; the binding gives the numbers that the
program gives on the same data; failures are exceptions with the library's message; arrays that would need a copy are
refused."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, BUILD, NO_INPUT, SKIPPED, SOURCE, USAGE, ProgramTest, build_setting, metrics, read_safetensors

LIBRARY = BUILD / "libhandgrad.so"
if build_setting("HANDGRAD_SANITIZE") or not LIBRARY.exists():
    print("a plain Python cannot load a library with sanitizers, nor one that is static")
    sys.exit(SKIPPED)
os.environ["HANDGRAD_LIBRARY"] = str(LIBRARY)
sys.path.append(str(SOURCE / "examples/python"))

import numpy as np

import handgrad

ALIKE = {"hidden": 7, "epochs": 3, "batch_size": 16, "backend": "reference", "seed": 5}


class Binding(ProgramTest):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(1)
        self.labels = random.integers(0, 3, 90).astype(np.uint8)
        self.values = (random.normal(size=(90, 6)) + self.labels[:, None]).astype(np.float32)

    def train(self, model, **options):
        dataset = handgrad.Dataset(self.values, self.labels)
        trainer = handgrad.Trainer(handgrad.Options(model, **{**ALIKE, **options}), dataset)
        return trainer, list(trainer)

    def test_the_example(self):
        done = subprocess.run([sys.executable, SOURCE / "examples/python/train_spirals.py", "run"], cwd=self.here,
                              capture_output=True, text=True, check=True)  # fmt: skip
        self.assertRegex(done.stdout, r"epoch 40: training loss 0\.\d+, test accuracy 9\d\.\d %")
        self.assertTrue((self.here / "run/model.safetensors").exists())

    def test_it_is_the_programs_training(self):
        """The same arrays as files, the same options: the same numbers."""
        data = self.here / "data"
        data.mkdir()
        np.save(data / "x_train.npy", self.values)
        np.save(data / "y_train.npy", self.labels)
        for model, name, hidden in ((handgrad.MLP, "mlp", "--hidden"), (handgrad.AUTOENCODER, "autoencoder", "--latent")):
            options = {**ALIKE, "hidden": 4}
            self.run_program("train", name, "--data", data, "--out", name, hidden, 4, "--epochs", 3, "--batch-size", 16,
                             "--backend", "reference", "--seed", 5, "--no-test")  # fmt: skip
            _, ours = self.train(model, **options)
            theirs = metrics(self.here / name)
            self.assertEqual([m.epoch for m in ours], [line["epoch"] for line in theirs])
            for field in ("lr", "train_loss"):
                np.testing.assert_allclose([getattr(m, field) for m in ours], [line[field] for line in theirs],
                                           rtol=1e-14, err_msg=f"{name}: {field}")  # written with 15 digits

    def test_the_model_computes_what_its_weights_say(self):
        trainer, _ = self.train(handgrad.MLP)
        trainer.save(self.here / "run")
        tensors = {
            name: np.frombuffer(content, "<f4").reshape(shape)
            for name, (_, shape, content) in read_safetensors(self.here / "run/model.safetensors").items()
        }
        z1 = self.values @ tensors["fc1.weight"].T + tensors["fc1.bias"]
        z2 = (z1 / (1 + np.exp(-z1))) @ tensors["fc2.weight"].T + tensors["fc2.bias"]
        expected = np.exp(z2) / np.exp(z2).sum(axis=1, keepdims=True)
        model, dataset = handgrad.Model(self.here / "run"), handgrad.Dataset(self.values, self.labels)
        np.testing.assert_allclose(model.forward(dataset), expected, atol=1e-5)  # sums of 7 products in float
        accuracy = (expected.argmax(axis=1) == self.labels).mean()
        self.assertAlmostEqual(model.evaluate(dataset).accuracy, accuracy, places=12)

    def test_bytes_are_pixels(self):
        pixels = np.random.default_rng(2).integers(0, 256, (40, 4, 5)).astype(np.uint8)
        labels = (np.arange(40) % 2).astype(np.uint8)
        options = {**ALIKE, "lr": 0.1, "epochs": 1}
        losses = []
        for values in (pixels, pixels.reshape(40, 20).astype(np.float32) / np.float32(255)):
            trainer = handgrad.Trainer(handgrad.Options(handgrad.MLP, **options), handgrad.Dataset(values, labels))
            losses += [m.train_loss for m in trainer]
        self.assertAlmostEqual(losses[0], losses[1], places=6)  # value / 255 may round by another unit

    def test_failures_are_exceptions(self):
        for status, named, call in (
            (USAGE, "did you mean hidden", lambda: handgrad.Options(handgrad.MLP, hiden=3)),
            (USAGE, "hidden: ", lambda: handgrad.Options(handgrad.MLP, hidden="many")),
            (USAGE, "nesterov: ", lambda: handgrad.Options(handgrad.MLP, nesterov="perhaps")),
            (USAGE, "model: ", lambda: handgrad.Options(handgrad.MLP, model="autoencoder")),
            (USAGE, "lr_schedule: ", lambda: handgrad.Options(handgrad.MLP, lr_schedule="cosin")),
            (BAD_DATA, "finite", lambda: handgrad.Dataset(np.full((4, 2), np.nan, np.float32))),
            (NO_INPUT, "nowhere", lambda: handgrad.Model(self.here / "nowhere")),
        ):
            with self.assertRaisesRegex(handgrad.Error, named) as caught:
                call()
            self.assertEqual(caught.exception.status, status)

    def test_what_would_need_a_copy_is_refused(self):
        with self.assertRaises(TypeError):
            handgrad.Dataset(self.values.astype(np.float64))
        with self.assertRaises(TypeError):
            handgrad.Dataset(self.values.tolist())
        with self.assertRaisesRegex(ValueError, "ascontiguousarray"):
            handgrad.Dataset(self.values[:, ::2])
        with self.assertRaises(ValueError):
            handgrad.Dataset(self.values, self.labels[:-1])
        with self.assertRaises(TypeError):
            handgrad.Dataset(self.values, self.labels.astype(np.int64))


if __name__ == "__main__":
    unittest.main()
