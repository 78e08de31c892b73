"""Claims: what a number of the data means is decided by the training data, for the test set, for resume and for every command
that takes the trained model, whatever format the numbers come in; what cannot be of the kind that was trained on is refused
before anything is computed or written, and ordinary data never meet a word of it.
"""

import pathlib
import shutil
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, USAGE, ProgramTest, idx, metrics, read_metadata, write_dataset

SIDE, TRAIN, TEST = 8, 60, 30


def npy(descr, code, values, *shape):
    """An .npy file, version 1."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape if len(shape) > 1 else f'({shape[0]},)'}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}{code}", *values)


def csv(values, labels=None):
    rows = [values[i : i + SIDE * SIDE] for i in range(0, len(values), SIDE * SIDE)]
    return "".join(",".join(map(str, ([labels[i]] if labels else []) + row)) + "\n" for i, row in enumerate(rows)).encode()


# What people make of pixels, with the range of what MNIST's pixels become.
FORMS = {
    "unit": lambda p: p / 255,
    "symmetric": lambda p: p / 127.5 - 1,
    "standardised": lambda p: (p / 255 - 0.1307) / 0.3081,
    "to_255": float,
    "offset_50": lambda p: 50 + p / 255,
}


class NumbersTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pixels, cls.labels = {}, {}
        for split, name in (("train", "train"), ("test", "t10k")):
            cls.pixels[split] = list((cls.data / f"{name}-images-idx3-ubyte").read_bytes()[16:])
            cls.labels[split] = list((cls.data / f"{name}-labels-idx1-ubyte").read_bytes()[8:])

    def write_npy_dataset(self, name, train, test=None, types=("<f4", "<f4")):
        """x_train.npy and the others; `train` and `test` make numbers of pixels."""
        directory = self.here / name
        directory.mkdir()
        for split, form, descr in (("train", train, types[0]), ("test", test or train, types[1])):
            values = [form(p) for p in self.pixels[split]]
            count = len(values) // SIDE**2
            code = {"<f4": "f", "|u1": "B"}[descr]
            (directory / f"x_{split}.npy").write_bytes(npy(descr, code, values, count, SIDE, SIDE))
            (directory / f"y_{split}.npy").write_bytes(npy("|u1", "B", self.labels[split], count))
        return directory

    def train_on(self, directory, name, *arguments, **options):
        return self.run_program("train", "mlp", "--data", directory, "--epochs", 3, "--batch-size", 16, "--hidden", 12,
                                "--out", name, *arguments, **options)  # fmt: skip

    def predict(self, run, name, content, says=None):
        """The predictions for a file of that content; `says`: what else the program tells, in one line."""
        (self.here / name).write_bytes(content)
        result = self.run_program("predict", run, name, "--probabilities")
        if says is None:
            self.assertEqual(result.stderr, "")
        else:
            self.assertIn(says, result.stderr)
            self.assertIn(name, result.stderr)
            self.assertEqual(len(result.stderr.splitlines()), 1)
        return [list(map(float, line.split(","))) for line in result.stdout.splitlines()[1:]]

    def assert_same(self, actual, expected):
        """The inputs may differ by a rounding to float32 and the sums by their order: far less than 1e-4 of a probability."""
        self.assertEqual(len(actual), len(expected))
        for row, other in zip(actual, expected):
            self.assertEqual(row[0], other[0])
            for value, wanted in zip(row, other):
                self.assertAlmostEqual(value, wanted, delta=1e-4)

    def formats(self, form):
        """The test samples in a form, in each format that holds it."""
        values = [form(p) for p in self.pixels["test"]]
        return {
            "x.npy": npy("<f4", "f", values, TEST, SIDE * SIDE),
            "images.npy": npy("<f8", "d", values, TEST, SIDE, SIDE),
            "x.csv": csv(values),
        }

    def bytes_formats(self):
        pixels = self.pixels["test"]
        return {"x.npy": npy("|u1", "B", pixels, TEST, SIDE * SIDE), "x.idx": idx(pixels, TEST, SIDE, SIDE)}


class Predictions(NumbersTest):
    def test_each_form_in_each_format(self):
        """And nothing is said of ordinary data: many samples, one, a black one."""
        for name, form in FORMS.items():
            with self.subTest(form=name):
                self.train_on(self.write_npy_dataset(name, form), f"run-{name}")
                metadata = read_metadata(self.here / f"run-{name}/model.safetensors")
                self.assertEqual(metadata["input"], "values")
                self.assertAlmostEqual(float(metadata["input_largest"]), form(255), delta=1e-5)
                self.assertAlmostEqual(float(metadata["input_least"]), form(0), delta=1e-5)
                run = f"run-{name}"
                results = [self.predict(run, file, content) for file, content in self.formats(form).items()]
                for result in results[1:]:
                    self.assert_same(result, results[0])
                right = sum(row[0] == label for row, label in zip(results[0], self.labels["test"]))
                self.assertAlmostEqual(right / TEST, metrics(self.here / run)[-1]["test_accuracy"], delta=1e-12)
                one = [form(p) for p in self.pixels["test"][: SIDE * SIDE]]
                self.assert_same(self.predict(run, "one.csv", csv(one)), results[0][:1])
                self.predict(run, "black.csv", csv([form(0)] * SIDE**2))

    def test_a_model_of_bytes(self):
        self.train_on(self.data, "run")
        self.assertEqual(read_metadata(self.here / "run/model.safetensors")["input"], "bytes/255")
        pixels = self.pixels["test"]
        expected = self.predict("run", "x.idx", idx(pixels, TEST, SIDE, SIDE))
        self.assert_same(self.predict("run", "x.npy", npy("|u1", "B", pixels, TEST, SIDE * SIDE)), expected)
        self.assert_same(self.predict("run", "x.csv", csv(pixels)), expected)
        for file, content in self.formats(FORMS["unit"]).items():
            self.assert_same(self.predict("run", file, content), expected)
        for file, content in self.formats(FORMS["to_255"]).items():
            self.assert_same(self.predict("run", file, content, "divided by 255"), expected)

    def test_bytes_for_a_model_of_floats(self):
        self.train_on(self.write_npy_dataset("unit", FORMS["unit"]), "of-unit")
        self.train_on(self.write_npy_dataset("to_255", FORMS["to_255"]), "of-255")
        expected = {run: self.predict(run, "x.csv", self.formats(FORMS[form])["x.csv"])
                    for run, form in (("of-unit", "unit"), ("of-255", "to_255"))}  # fmt: skip
        for file, content in self.bytes_formats().items():
            self.assert_same(self.predict("of-unit", file, content, "divided by 255"), expected["of-unit"])
            self.assert_same(self.predict("of-255", file, content, "stand for themselves"), expected["of-255"])
        whole = csv(self.pixels["test"])
        self.assert_same(self.predict("of-unit", "x.csv", whole, "divided by 255"), expected["of-unit"])
        self.assert_same(self.predict("of-255", "x.csv", whole), expected["of-255"])
        for file, content in self.formats(FORMS["unit"]).items():
            self.assert_same(self.predict("of-255", file, content, "multiplied by 255"), expected["of-255"])

    def test_one_row_of_a_table(self):
        """6,2 is 6.0,2.0 to a model of floats, and 6.0,2.0 is 6,2 to one of whole numbers."""
        rows = [(1, 0.5, 9), (0, 8, 1.5), (1, 2, 8), (0, 9, 3), (1, 0, 7), (0, 7, 2)]
        for name, convert in (("floats", float), ("whole", int)):
            directory = self.here / name
            directory.mkdir()
            for split in ("train", "test"):
                text = "".join(f"{label},{convert(a)},{convert(b)}\n" for label, a, b in rows)
                (directory / f"{split}.csv").write_text(text)
            self.train_on(directory, f"of-{name}", "--lr", 0.5)
            says = "divided by 255" if name == "whole" else None
            self.assertEqual(self.predict(f"of-{name}", "a.csv", b"6,2\n"),
                             self.predict(f"of-{name}", "b.csv", b"6.0,2\n", says))  # fmt: skip


class TestSets(NumbersTest):
    def test_whole_numbers_beside_floats(self):
        """train.csv with a decimal point in it, test.csv without one: 0 to 255 in both."""
        expected = self.write_npy_dataset("expected", FORMS["to_255"])
        self.train_on(expected, "expected-run")
        mixed = self.here / "mixed"
        mixed.mkdir()
        train = [float(p) for p in self.pixels["train"]]
        (mixed / "train.csv").write_bytes(csv(train, self.labels["train"]))
        (mixed / "test.csv").write_bytes(csv(self.pixels["test"], self.labels["test"]))
        self.train_on(mixed, "run")
        for ours, wanted in zip(metrics(self.here / "run"), metrics(self.here / "expected-run")):
            self.assertEqual(ours["test_accuracy"], wanted["test_accuracy"])
            self.assertAlmostEqual(ours["test_loss"] / wanted["test_loss"], 1, delta=1e-5)

    def test_floats_beside_bytes(self):
        """The same samples: the test loss is that of bytes, to the sums of float32 in another order."""
        expected = self.write_npy_dataset("bytes", int, int, ("|u1", "|u1"))
        mixed = self.write_npy_dataset("mixed", int, FORMS["unit"], ("|u1", "<f4"))
        for backend in ("cpu", "reference"):
            self.train_on(expected, f"expected-{backend}", "--backend", backend)
            self.train_on(mixed, f"run-{backend}", "--backend", backend)
            for ours, wanted in zip(metrics(self.here / f"run-{backend}"), metrics(self.here / f"expected-{backend}")):
                self.assertAlmostEqual(ours["test_loss"] / wanted["test_loss"], 1, delta=1e-4)
        self.assert_refused(USAGE, "--input", "train", "mlp", "--data", "mixed", "--backend", "cpu", "--input", "sparse")

    def test_another_kind_is_refused_before_the_first_step(self):
        for name, types, train, test in (
            ("a", ("|u1", "<f4"), int, FORMS["standardised"]),
            ("b", ("|u1", "<f4"), int, FORMS["offset_50"]),
            ("c", ("<f4", "|u1"), FORMS["standardised"], int),
            ("d", ("<f4", "|u1"), FORMS["symmetric"], int),
            ("e", ("<f4", "<f4"), FORMS["offset_50"], FORMS["unit"]),
            ("f", ("<f4", "<f4"), FORMS["standardised"], FORMS["to_255"]),
        ):
            self.write_npy_dataset(name, train, test, types)
            message = self.assert_refused(BAD_DATA, "x_test.npy", "train", "mlp", "--data", name, "--out", "run")
            self.assertIn("prepare", message)
            self.run_program("train", "mlp", "--data", name, "--no-test", "--epochs", 1, "--out", f"without-{name}")


class Resume(NumbersTest):
    def test_another_scale(self):
        unit = self.write_npy_dataset("unit", FORMS["unit"])
        self.train_on(unit, "run")
        for form in ("offset_50",):
            self.write_npy_dataset(form, FORMS[form])
            before = {path: path.read_bytes() for path in (self.here / "run").iterdir()}
            message = self.assert_refused(BAD_DATA, "x_train.npy", "resume", "run", "--epochs", 5, "--data", form)
            self.assertIn("prepare", message)
            self.assertEqual(before, {path: path.read_bytes() for path in (self.here / "run").iterdir()})
        # The same samples at another scale that can only be meant in one way train the same model.
        shutil.copytree(self.here / "run", self.here / "again")
        self.run_program("resume", "run", "--epochs", 5)
        result = self.run_program("resume", "again", "--epochs", 5, "--data", self.write_npy_dataset("to_255", float))
        self.assertIn("divided by 255", result.stderr)
        for ours, wanted in zip(metrics(self.here / "again"), metrics(self.here / "run")):
            self.assertAlmostEqual(ours["train_loss"] / wanted["train_loss"], 1, delta=1e-4)

    def test_first_weights_of_another_kind(self):
        """--init is the user's choice, but he is told."""
        self.write_npy_dataset("unit", FORMS["unit"])
        self.write_npy_dataset("offset_50", FORMS["offset_50"])
        self.train_on("unit", "run")
        for data, told in (("unit", False), ("offset_50", True)):
            result = self.train_on(data, f"from-{data}", "--init", "run/model.safetensors", "--lr", 1e-6)
            self.assertEqual("was trained on inputs from 0 to 1, these are from 50 to 51" in result.stderr, told)

    def test_other_data_of_the_same_kind(self):
        self.train_on(self.data, "run")
        other = write_dataset(self.here / "other", train=50, test=20)
        result = self.run_program("resume", "run", "--epochs", 5, "--data", other)
        self.assertNotIn("note", result.stderr)


if __name__ == "__main__":
    unittest.main()
