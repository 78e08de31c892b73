"""Claims: folders of pictures are a dataset to every command: trained on, resumed, tested, and applied by the names of the
classes and the size of training; an NPZ file is one, too; and what is wrong with either is one line with the right exit code,
and nothing is written."""

import csv
import json
import pathlib
import shutil
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from png import png
from program import BAD_DATA, NO_INPUT, USAGE, ProgramTest, metrics, read_metadata

COLOURS = {"blue": (0, 0, 200), "green": (0, 200, 0), "red": (200, 0, 0)}


def picture(width, height, pixels, channels=3):
    """A PNG file of these bytes."""
    stride = width * channels
    rows = b"".join(b"\0" + pixels[y * stride : (y + 1) * stride] for y in range(height))
    return png(width, height, rows, kind=2 if channels == 3 else 0)


def write_pictures(directory, count, width=6, height=4):
    """One folder a class, whose pictures have its colour, more or less of it."""
    for name, colour in COLOURS.items():
        (directory / name).mkdir(parents=True)
        for i in range(count):
            shade = bytes(max(0, c - 7 * (i % 9)) for c in colour)
            (directory / name / f"{i}.png").write_bytes(picture(width, height, shade * (width * height)))


class PicturesAsData(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pictures = cls.top / "pictures"
        write_pictures(cls.pictures / "train", 24)
        write_pictures(cls.pictures / "test", 9)

    def train_on(self, data, *arguments, model="mlp", **options):
        return self.run_program("train", model, "--data", data, "--epochs", 4, "--batch-size", 8, "--out", "run", *arguments,
                                **options)  # fmt: skip

    def classes(self, *files):
        rows = csv.DictReader(self.run_program("predict", "run", *files).stdout.splitlines())
        return [row["class"] for row in rows]

    def test_from_training_to_use(self):
        self.train_on(self.pictures)
        metadata = read_metadata(self.here / "run/model.safetensors")
        self.assertEqual([metadata[key] for key in ("height", "width", "channels")], ["4", "6", "3"])
        self.assertEqual(metadata["class_names"].split(), sorted(COLOURS))
        self.assertEqual(metrics(self.here / "run")[-1]["test_accuracy"], 1)
        evaluation = json.loads(self.run_program("eval", "run", "--json").stdout)
        self.assertEqual((evaluation["accuracy"], evaluation["samples"]), (1, 27))
        resumed = self.run_program("resume", "run", "--epochs", 6)
        self.assertIn("epoch  6/6", resumed.stderr)

        one = self.pictures / "test/green/0.png"
        several = [self.pictures / f"test/{name}/1.png" for name in ("red", "blue", "green")]
        first = self.classes(one)
        self.assertEqual(self.classes(self.pictures / "test/green"), first * 9)
        self.assertEqual(len(set(self.classes(*several))), 3)
        self.assertEqual(self.classes(*several)[2:], first)
        self.assertEqual(len(self.classes(self.pictures)), 27)  # the test part
        large = self.here / "large.png"
        large.write_bytes(picture(60, 40, bytes(COLOURS["green"]) * 2400))
        self.assertEqual(self.classes(large), first)

    def test_a_later_part_may_lack_classes_but_not_have_others(self):
        self.train_on(self.pictures, "--no-test")
        (self.here / "later/red").mkdir(parents=True)
        (self.here / "later/red/x.png").write_bytes((self.pictures / "test/red/0.png").read_bytes())
        arguments = ("eval", "run", "--data", "later", "--split", "train", "--json")
        self.assertEqual(json.loads(self.run_program(*arguments).stdout)["accuracy"], 1)
        (self.here / "later/purple").mkdir()  # without pictures it is no class
        self.assertEqual(json.loads(self.run_program(*arguments).stdout)["accuracy"], 1)
        (self.here / "later/purple").rmdir()
        (self.here / "later/red").rename(self.here / "later/purple")
        self.assert_refused(BAD_DATA, "later/purple: training had no class of that name", *arguments)

    def test_sizes(self):
        write_pictures(self.here / "other/train", 3, width=5)
        write_pictures(self.here / "other/test", 3, width=9)
        train = ("train", "mlp", "--data", "other", "--epochs", 1, "--batch-size", 2, "--out", "run")
        (self.here / "other/train/red/3.png").write_bytes(picture(7, 7, bytes(147)))
        self.assertIn("--image-size", self.assert_refused(BAD_DATA, "red/3.png", *train))
        self.assert_refused(USAGE, "--image-size", *train, "--image-size", "7x")
        self.run_program(*train, "--image-size", "3x2x1")
        self.assertEqual(read_metadata(self.here / "run/model.safetensors")["features"], "6")
        self.assertEqual(json.loads((self.here / "run/config.json").read_text())["image_size"], "3x2x1")
        self.run_program("resume", "run", "--epochs", 2)
        self.assertIn("resized to 3 x 2", self.run_program("eval", "run").stderr)

    def test_the_test_part_is_prepared_as_the_training_part_was(self):
        """Also where the training pictures look like digits: stretched, and not made as MNIST was."""
        for part, side in (("train", 8), ("test", 16)):
            for name in "ab":
                (self.here / "ink" / part / name).mkdir(parents=True)
                ink = bytes(255 * (k % 6 == 0) for k in range(side * side))
                (self.here / "ink" / part / name / "0.png").write_bytes(picture(side, side, ink, 1))
        plan = self.run_program("train", "mlp", "--data", "ink", "--dry-run").stdout
        self.assertIn("2 of 2 pictures are resized to 8 x 8", plan)
        self.assertNotIn("MNIST", plan)

    def test_an_autoencoder_takes_any_classes(self):
        self.train_on(self.pictures, "--latent", 3, model="autoencoder")
        evaluation = json.loads(self.run_program("eval", "run", "--json").stdout)
        self.assertEqual(evaluation["samples"], 27)
        codes = csv.DictReader(self.run_program("encode", "run", self.pictures).stdout.splitlines())
        self.assertEqual(len(list(codes)), 27)

    def test_words_are_no_classes_of_a_classifier_of_numbers(self):
        numbers = self.here / "numbers"
        for label, name in enumerate(sorted(COLOURS)):
            shutil.copytree(self.pictures / "train" / name, numbers / str(label))
        self.train_on(numbers, "--no-test")
        arguments = ("eval", "run", "--split", "train", "--data")
        self.run_program(*arguments, numbers)
        self.assert_refused(BAD_DATA, "its labels are names, those of training were numbers", *arguments, self.pictures)
        (numbers / "1").rename(numbers / "256")
        self.assert_refused(BAD_DATA, "numbers/256", *arguments, numbers)

    def test_an_autoencoder_needs_no_classes(self):
        flat = self.here / "flat"
        flat.mkdir()
        for i in range(20):
            (flat / f"{i:02}.png").write_bytes(picture(4, 4, bytes((7 * i * (k + 1)) % 256 for k in range(16)), 1))
        self.train_on(flat, "--no-test", "--latent", 3, model="autoencoder")
        self.run_program("reconstruct", "run", flat / "00.png", flat / "01.png", "--out", "sheet.png", "--show", "seen.png")
        self.assertTrue((self.here / "seen.png").read_bytes().startswith(b"\x89PNG"))
        self.assert_refused(BAD_DATA, "has no labels", "train", "mlp", "--data", flat, "--no-test", "--out", "other")
        self.assertIn("--no-test", self.assert_refused(NO_INPUT, flat, "train", "autoencoder", "--data", flat, "--out", "other"))

    def test_show_must_be_a_picture_elsewhere(self):
        self.train_on(self.pictures)
        one = self.pictures / "test/green/0.png"
        self.assert_refused(USAGE, "--show", "predict", "run", one, "--show", "seen.jpg")
        before = one.read_bytes()
        self.assert_refused(USAGE, "--show", "predict", "run", one, "--show", one)
        self.assertEqual(one.read_bytes(), before)

    def test_what_is_no_picture(self):
        self.train_on(self.pictures)
        bad = self.here / "bad.png"
        for content in (b"", b"text", (self.pictures / "test/red/0.png").read_bytes()[:60], picture(1 << 20, 1 << 20, b"")):
            bad.write_bytes(content)
            for command in ("predict", "run", bad), ("predict", "run", self.pictures / "test/red/0.png", bad, "--out", "x.csv"):
                self.assert_refused(BAD_DATA, bad, *command)
        self.assert_refused(BAD_DATA, bad, "train", "mlp", "--data", self.here, "--no-test", "--out", "other")
        self.assert_refused(NO_INPUT, "none.png", "predict", "run", "none.png")
        self.assert_refused(BAD_DATA, "t10k", "predict", "run", self.data / "t10k-images-idx3-ubyte", bad)


if __name__ == "__main__":
    unittest.main()
