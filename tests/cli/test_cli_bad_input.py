"""Claims: missing input exits 66, malformed input 65, output that cannot be made 73, a backend that cannot run 69; each
names the file or option; nothing is written, no run directory is left."""

import gzip
import json
import pathlib
import shutil
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import (
    BAD_DATA, CANNOT_CREATE, CHECK_FAILED, NO_INPUT, UNAVAILABLE, USAGE, ProgramTest, idx, write_dataset,
)  # fmt: skip

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


class Data(ProgramTest):
    def damaged(self, **files):
        """A copy of the dataset in which some files are others, or missing where None."""
        directory = self.top / f"{self.here.name}-{len(list(self.top.iterdir()))}"
        shutil.copytree(self.data, directory)
        for name, content in files.items():
            path = directory / name.replace("_", "-")
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)
        return directory

    def train_on(self, expect, named, directory):
        for model in ("mlp", "autoencoder"):
            self.assert_refused(expect, named, "train", model, "--data", directory)

    def test_missing(self):
        self.train_on(NO_INPUT, "nowhere", "nowhere")
        self.train_on(NO_INPUT, "train-images", self.damaged(train_images_idx3_ubyte=None))
        self.train_on(NO_INPUT, "t10k-images", self.damaged(t10k_images_idx3_ubyte=None))
        (self.top / "empty").mkdir()
        self.train_on(NO_INPUT, "empty", self.top / "empty")

    def test_malformed(self):
        good = (self.data / IMAGES).read_bytes()
        for what, content in {
            "empty": b"",
            "cut off in its header": good[:9],
            "cut off in its data": good[:-1],
            "longer than it says": good + b"\0",
            "not IDX": b"P5 8 8 255\n" + bytes(4000),
            "of another type": good[:2] + b"\x0d" + good[3:],
            "of a size that overflows": idx(b"", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
            "of 2 GiB that are not there": idx(b"", 0x80000, 64, 64),
        }.items():
            with self.subTest(what):
                self.train_on(BAD_DATA, IMAGES, self.damaged(train_images_idx3_ubyte=content))
        with self.subTest("labels that are too few"):
            self.train_on(BAD_DATA, LABELS, self.damaged(train_labels_idx1_ubyte=idx(bytes(59), 59)))

    def test_damaged_gzip(self):
        directory = write_dataset(self.top / "compressed", compress=True)
        path = directory / f"{IMAGES}.gz"
        good = path.read_bytes()
        for content in (good[:-100], good[:200] + b"\xff\xff\xff\xff" + good[204:], gzip.compress(b"no IDX at all")):
            path.write_bytes(content)
            self.train_on(BAD_DATA, f"{IMAGES}.gz", directory)

    def test_test_samples_of_another_size(self):
        wide = write_dataset(self.top / "wide", side=10)
        for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
            shutil.copy(self.data / name, wide)
        self.train_on(BAD_DATA, "", wide)

    def test_gradcheck_reads_data_too(self):
        self.assert_refused(NO_INPUT, "nowhere", "gradcheck", "--data", "nowhere")


class Runs(ProgramTest):
    def setUp(self):
        super().setUp()
        self.train("mlp", "--quiet", "--out", "run")
        self.trained = self.here / "run"

    def test_init(self):
        def train(expect, named, init):
            self.assert_refused(expect, named, "train", "mlp", "--data", self.data, "--hidden", 12, "--init", init)

        train(NO_INPUT, "nowhere.safetensors", "nowhere.safetensors")
        (self.here / "bad.safetensors").write_bytes(b"\xff" * 100)
        train(BAD_DATA, "bad.safetensors", "bad.safetensors")
        self.assert_refused(
            BAD_DATA, "fc1.weight", "train", "mlp", "--data", self.data, "--hidden", 13, "--init", "run/model.safetensors"
        )

    def test_config(self):
        def train(expect, named, content=None, model="mlp"):
            if content is not None:
                (self.here / "config.json").write_text(content)
            self.assert_refused(expect, named, "train", model, "--config", "config.json")

        train(NO_INPUT, "config.json")
        train(BAD_DATA, "config.json", "{")
        train(BAD_DATA, "learning_rate", '{"learning_rate": 1}')
        train(BAD_DATA, "epochs", '{"epochs": "three"}')
        train(USAGE, "--epochs", '{"epochs": 0}')
        train(USAGE, "--config", (self.trained / "config.json").read_text(), model="autoencoder")

    def test_resume(self):
        self.assert_refused(NO_INPUT, "nowhere", "resume", "nowhere")
        checkpoint = self.trained / "checkpoint.safetensors"
        checkpoint.write_bytes(checkpoint.read_bytes()[:-1])
        self.assert_refused(BAD_DATA, "checkpoint.safetensors", "resume", "run", "--epochs", 3)
        checkpoint.unlink()
        self.assert_refused(NO_INPUT, "checkpoint.safetensors", "resume", "run", "--epochs", 3)

    def test_models(self):
        self.assert_refused(NO_INPUT, "nowhere", "eval", "nowhere")
        self.assert_refused(NO_INPUT, "nowhere", "predict", "run", "nowhere")
        self.assert_refused(USAGE, "run", "encode", "run", self.data)
        self.assert_refused(USAGE, "--out", "predict", "run", self.data, "--out", "x.png")
        self.assert_refused(USAGE, "--first", "predict", "run", self.data, "--first", 30)
        self.assert_refused(USAGE, "--count", "predict", "run", self.data, "--count", 31)
        self.assert_refused(CANNOT_CREATE, "none/x.npy", "predict", "run", self.data, "--out", "none/x.npy")
        self.assert_refused(BAD_DATA, "wide", "eval", "run", "--data", write_dataset(self.top / "wide", side=10))
        model = self.trained / "model.safetensors"
        model.write_bytes(model.read_bytes()[:-4])
        self.assert_refused(BAD_DATA, "model.safetensors", "eval", "run", "--data", self.data)


class Output(ProgramTest):
    def test_a_run_that_cannot_be_made(self):
        (self.here / "file").write_text("")
        for out, named in (("file", "file"), ("file/run", "file"), ("/proc/none/run", "/proc/none")):
            self.assert_refused(CANNOT_CREATE, named, "train", "mlp", "--data", self.data, "--out", out)

    def test_a_training_that_diverges(self):
        result = self.train("autoencoder", "--lr", "1e9", "--out", "run", expect=CHECK_FAILED)
        self.assertIn("diverged", result.stderr)
        self.assertFalse((self.here / "run").exists())


class Backends(ProgramTest):
    def test_cuda_without_a_gpu(self):
        backends = json.loads(self.run_program("info", "--json").stdout)["backends"]
        if any(backend["name"] == "cuda" and backend["usable"] for backend in backends):
            self.skipTest("CUDA is usable here")
        self.assert_refused(UNAVAILABLE, "cuda", "train", "mlp", "--data", self.data, "--backend", "cuda")
        self.assert_refused(UNAVAILABLE, "cuda", "crosscheck", "--backend", "cuda")
        result = self.train("mlp", "--backend", "auto")
        self.assertRegex(result.stderr, "backend +cpu")


if __name__ == "__main__":
    unittest.main()
