"""Claim: what `--tensorboard` writes is what the tensorboard package reads: every value of metrics.jsonl under its tag at its
step, also after a run was killed and resumed, and pictures of the right size and content where the data are images.
Without the option no such file is there."""

import io
import json
import logging
import pathlib
import struct
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import ProgramTest, metrics

try:
    from PIL import Image
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError as error:
    raise SystemExit(f"{error}: this test needs the packages of tests/requirements.txt")  # noqa: B904

logging.disable(logging.WARNING)  # TensorBoard tells of the steps that it drops

TAGS = {"epoch": "epoch", "lr": "learning_rate", "train_loss": "loss/train", "train_accuracy": "accuracy/train",
        "validation_loss": "loss/validation", "validation_accuracy": "accuracy/validation", "test_loss": "loss/test",
        "test_accuracy": "accuracy/test", "optimality_gap": "optimum/gap", "optimality_distance": "optimum/distance",
        "seconds": "time/seconds", "samples_per_second": "time/samples_per_second"}  # fmt: skip


def read(run):
    events = EventAccumulator(str(run), size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    return events


def decode(image):
    picture = Image.open(io.BytesIO(image.encoded_image_string))
    picture.load()
    return np.asarray(picture)


class Events(ProgramTest):
    def assert_same_as_metrics(self, run):
        """TensorBoard has floats. A double in JSON may be a rounding away, which decides between two floats where it lies
        half way; times in multiples of a power of two do."""
        events, lines, found = read(run), metrics(run), {}
        for tag in events.Tags()["scalars"]:
            for event in events.Scalars(tag):
                self.assertNotIn((tag, event.step), found)
                found[tag, event.step] = event.value
        expected = {(TAGS[key], line["step"]): value
                    for line in lines for key, value in line.items() if key != "step"}  # fmt: skip
        self.assertEqual(set(found), set(expected))
        for key, value in expected.items():
            self.assertAlmostEqual(found[key], value, delta=abs(value) * 2**-23, msg=key)
        return events

    def test_scalars(self):
        for model in ("mlp", "autoencoder"):
            for case in ([], ["--validation-fraction", 0.2], ["--no-test"]):
                run = self.here / f"{model}{len(case)}{case[:1]}"
                self.train(model, "--epochs", 3, "--tensorboard", "--out", run, *case)
                self.assert_same_as_metrics(run)

    def test_pictures(self):
        """8 x 8 pixels, enlarged to 56 x 56 with a frame of 7: 12 hidden units make two rows, 5 latent units one."""
        for model, features in (("mlp", (133, 637)), ("autoencoder", (70, 322))):
            self.train(model, "--epochs", 5, "--tensorboard", "--out", model)
            events = read(self.here / model)
            samples = {"mlp": "inputs", "autoencoder": "reconstructions"}[model]
            self.assertEqual(set(events.Tags()["images"]), {"features", samples})
            steps = {line["epoch"]: line["step"] for line in metrics(self.here / model)}
            self.assertEqual([e.step for e in events.Images("features")], [steps[epoch] for epoch in (1, 2, 4, 5)])
            image = decode(events.Images("features")[-1])
            self.assertEqual(image.shape, features)
            self.assertEqual((image.shape[1], image.shape[0]), (events.Images("features")[0].width, events.Images("features")[0].height))  # fmt: skip
            raw = np.frombuffer((self.data / "t10k-images-idx3-ubyte").read_bytes()[16:], np.uint8).reshape(-1, 8, 8)
            shown = decode(events.Images(samples)[-1])
            for i in range(10):
                np.testing.assert_array_equal(shown[7:63:7, 7 + 63 * i : 63 * (i + 1) : 7], raw[i])

    def test_features_are_the_weights(self):
        self.train("autoencoder", "--tensorboard", "--out", "run")
        self.run_program("export", "run", "--out", "w.safetensors")
        weights = np.frombuffer((self.here / "w.safetensors").read_bytes()[-4 * 5 * 64 :], "<f4").reshape(5, 8, 8)
        shown = decode(read(self.here / "run").Images("features")[-1])
        for i, w in enumerate(weights):
            expected = (w / np.abs(w).max() + 1) / 2 * 255
            np.testing.assert_allclose(shown[7:63:7, 7 + 63 * i : 63 * (i + 1) : 7], expected, atol=0.51)  # rounded

    def test_reconstructions(self):
        self.train("autoencoder", "--tensorboard", "--out", "run")
        self.run_program("reconstruct", "run", "--count", 10, "--out", "r.npy", self.data)
        shown = decode(read(self.here / "run").Images("reconstructions")[-1])
        for i, expected in enumerate(np.load(self.here / "r.npy").reshape(10, 8, 8)):
            below = shown[70:126:7, 7 + 63 * i : 63 * (i + 1) : 7]
            np.testing.assert_allclose(below, expected.clip(0, 1) * 255, atol=0.51)

    def write_data(self, name, x, classes=2):
        path = self.here / name
        path.mkdir()
        for part in ("train", "test"):
            np.save(path / f"x_{part}.npy", x.astype("<f4"))
            np.save(path / f"y_{part}.npy", np.arange(len(x)) % classes)
        return path

    def test_other_data(self):
        """Colour, an offset, images one pixel wide, a constant, and a table, of which there are no pictures."""
        source = np.random.default_rng(1)
        for name, x, scale in (
            ("colour", source.uniform(0, 1, (12, 5, 4, 3)), 14),
            ("offset", source.normal(50, 5, (12, 6, 6)), 10),
            ("thin", source.uniform(0, 1, (12, 9, 1)), 56),
            ("tall", source.uniform(0, 1, (12, 700, 1)), 23),  # 24 * 702 are more than a picture's 16384
            ("constant", np.full((12, 6, 6), 3.0), 10),
            ("one", source.uniform(0, 1, (1, 6, 6)), 10),
            ("large", source.uniform(0, 1, (2, 1025, 1)), None),
            ("table", source.normal(0, 1, (12, 2)), None),
        ):
            data = self.write_data(name, x)
            for model in ("mlp", "autoencoder") if len(x) > 1 else ("autoencoder",):
                with self.subTest(f"{name} {model}"):
                    size = ("--latent", 1) if model == "autoencoder" else ("--hidden", 4)
                    run = self.here / f"{name}-{model}"
                    self.run_program("train", model, "--data", data, *size, "--epochs", 2, "--tensorboard", "--out", run)
                    events = self.assert_same_as_metrics(run)
                    tags = events.Tags()["images"]
                    self.assertEqual(bool(tags), scale is not None)
                    if not scale:
                        continue
                    height, width = x.shape[1] + 1, min(10, len(x)) * (x.shape[2] + 1)
                    tag = "inputs"
                    if model == "autoencoder":
                        tag, height = "reconstructions", 2 * height
                        scale = min(scale, 16384 // (height + 1))
                    shown = decode(events.Images(tag)[0])
                    self.assertEqual(shown.shape, (scale * (height + 1), scale * (width + 1), *x.shape[3:]))

    def test_resumed(self):
        """Epochs done twice are there once, as they were done last, though the first file ends within an event."""
        for batch, steps in ((16, 4), (60, 1)):
            run, size = self.here / f"run{batch}", ("--epochs", 6, "--batch-size", batch, "--tensorboard")
            self.train("mlp", *size, "--out", run)
            self.assertEqual(len(read(run).Scalars("epoch")), 6)
            first = run / "events.out.tfevents.0001.handgrad"
            first.write_bytes(first.read_bytes()[:-10])
            # As if the process had been killed, with a checkpoint after epoch 2.
            early = self.here / f"early{batch}"
            self.train("mlp", *size, "--steps", 2 * steps, "--out", early)
            (run / "checkpoint.safetensors").write_bytes((early / "checkpoint.safetensors").read_bytes())
            self.run_program("resume", run, "--epochs", 7)
            self.assertTrue((run / "events.out.tfevents.0002.handgrad").is_file())
            self.assertEqual([line["epoch"] for line in metrics(run)], list(range(1, 8)))
            self.assert_same_as_metrics(run)
            self.run_program("resume", run, "--epochs", 8, "--no-tensorboard")
            self.assertFalse((run / "events.out.tfevents.0003.handgrad").exists())
            self.assertEqual(len(read(run).Scalars("epoch")), 7)

    def test_off_by_default(self):
        self.train("mlp", "--out", "run")
        self.run_program("resume", "run", "--epochs", 3)
        self.assertFalse(list((self.here / "run").glob("*tfevents*")))
        self.assertFalse(json.loads((self.here / "run" / "config.json").read_text())["tensorboard"])

    def test_dry_run(self):
        said = self.train("mlp", "--tensorboard", "--dry-run", "--out", "run").stdout
        self.assertIn("events.out.tfevents.0001.handgrad", said)
        self.assertFalse((self.here / "run").exists())

    def test_a_run_that_fails_leaves_nothing(self):
        self.train("mlp", "--tensorboard", "--lr", 1e30, "--out", "run", expect=1)
        self.assertFalse((self.here / "run").exists())

    def test_records(self):
        """The framing by hand: each record has its length, and ends where the next begins."""
        self.train("mlp", "--tensorboard", "--out", "run")
        content, records = (self.here / "run" / "events.out.tfevents.0001.handgrad").read_bytes(), 0
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            content, records = content[16 + length :], records + 1
        self.assertEqual(records, 4)  # version, start, two epochs


if __name__ == "__main__":
    unittest.main()
