"""Claims: doctor finds each fault that is planted in a dataset, and what it advises can be done; it has nothing to say against sound
data, whatever their scale, shape or format; its figures are NumPy's; what cannot be read ends with exit code 65 or 66."""

import json
import pathlib
import sys
import unittest

import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, CHECK_FAILED, MNIST, NO_INPUT, ProgramTest


def blobs(count, features=6, classes=3, seed=0):
    """Gaussian clouds, which touch."""
    source = numpy.random.default_rng(seed)
    centres = numpy.random.default_rng(99).normal(0, 2, (classes, features))
    y = source.integers(0, classes, count)
    return centres[y] + source.normal(0, 1, (count, features)), y


class Doctor(ProgramTest):
    def write(self, train, test=None, name="data"):
        """NPY files of (x, y), y None for no labels."""
        data = self.here / name
        data.mkdir(exist_ok=True)
        for part, pair in (("train", train), ("test", test)):
            for letter, array in zip("xy", pair or ()):
                if array is not None:
                    array = numpy.asarray(array)
                    floats = array.dtype.kind == "f"
                    numpy.save(data / f"{letter}_{part}.npy", array.astype(numpy.float32 if floats else numpy.uint8))
        return data

    def write_table(self, header, rows, test_rows=None, name="table"):
        data = self.here / name
        data.mkdir()
        for part, lines in (("train", rows), ("test", test_rows or rows[::3])):
            text = "\n".join([header, *(",".join(str(cell) for cell in row) for row in lines)])
            (data / f"{part}.csv").write_text(text + "\n")
        return data

    def look(self, data, *arguments, **options):
        return json.loads(self.run_program("doctor", "--data", data, "--json", *arguments, **options).stdout)

    def found(self, data, *arguments):
        """The names of errors and warnings, and the text of the first."""
        findings = self.look(data, *arguments)["findings"]
        order = [("error", "warning", "note").index(finding["severity"]) for finding in findings]
        self.assertEqual(order, sorted(order), "the most important first")
        bad = [finding for finding in findings if finding["severity"] != "note"]
        return [finding["name"] for finding in bad], bad[0]["text"] if bad else ""

    def notes(self, data):
        return [finding["name"] for finding in self.look(data)["findings"] if finding["severity"] == "note"]


class Sound(Doctor):
    def assert_sound(self, data, *arguments):
        self.assertEqual(self.found(data, *arguments), ([], ""))
        self.assertIn("Nothing is amiss", self.run_program("doctor", "--data", data, "--strict", *arguments).stdout)

    def test_mnist(self):
        self.assert_sound(MNIST)

    def test_scales_and_offsets(self):
        train, test = blobs(300, seed=1), blobs(150, seed=2)
        low, high = train[0].min(), train[0].max()
        scales = {
            "as they are": lambda x: x, "offset 50": lambda x: x + 50, "0 to 1": lambda x: (x - low) / (high - low),
            "-1 to 1": lambda x: 2 * (x - low) / (high - low) - 1, "0 to 255": lambda x: 255 * (x - low) / (high - low),
            "standardised": lambda x: (x - train[0].mean(0)) / train[0].std(0), "tiny": lambda x: x / 1e4, "huge": lambda x: x * 1e4,
            "bytes": lambda x: numpy.clip(255 * (x - low) / (high - low), 0, 255).astype(numpy.uint8),
        }  # fmt: skip
        for name, scale in scales.items():
            with self.subTest(scale=name):
                self.assert_sound(self.write((scale(train[0]), train[1]), (scale(test[0]), test[1]), name))

    def test_shapes(self):
        source = numpy.random.default_rng(3)
        moons = source.uniform(0, numpy.pi, 400)
        y = source.integers(0, 2, 400)
        x = numpy.stack([numpy.cos(moons) * (1 - 2 * y) + y, numpy.sin(moons) * (1 - 2 * y) + 0.5 * y], 1) + source.normal(0, 0.1, (400, 2))
        with self.subTest("two features"):
            self.assert_sound(self.write((x[:250], y[:250]), (x[250:], y[250:]), "moons"))
        with self.subTest("sorted labels, as in iris.csv"):
            order = numpy.argsort(y[:250], kind="stable")
            self.assert_sound(self.write((x[:250][order], y[:250][order]), (x[250:], y[250:]), "sorted"))
        with self.subTest("colour"):
            images = source.integers(0, 256, (60, 5, 4, 3)).astype(numpy.uint8)
            images[:30] //= 2
            labels = numpy.repeat([1, 0], 30)
            half = numpy.arange(60) % 2 == 0
            self.assert_sound(self.write((images[half], labels[half]), (images[~half], labels[~half]), "colour"))
        with self.subTest("no labels, no test set"):
            data = self.write_table("a,b", numpy.round(x, 3).tolist(), name="alone")
            (data / "test.csv").unlink()
            self.assert_sound(data, "--label", "none")

    def test_words_for_classes(self):
        x, y = blobs(120)
        rows = [[*numpy.round(row, 3), ("setosa", "versicolor", "virginica")[label]] for row, label in zip(x, y)]
        self.assert_sound(self.write_table("a,b,c,d,e,f,species", rows[:80], rows[80:]), "--label", "species")

    def test_an_archive(self):
        (x, y), (x_test, y_test) = blobs(100), blobs(60, seed=5)
        numpy.savez(self.here / "all.npz", x_train=x.astype("f4"), y_train=y.astype("u1"), x_test=x_test.astype("f4"), y_test=y_test.astype("u1"))  # fmt: skip
        self.assert_sound(self.here / "all.npz")


class Planted(Doctor):
    def assert_found(self, name, word, data, *arguments):
        names, _ = self.found(data, *arguments)
        self.assertIn(name, names)
        findings = self.look(data, *arguments)["findings"]
        self.assertIn(word, next(finding["text"] for finding in findings if finding["name"] == name))
        self.run_program("doctor", "--data", data, *arguments, expect=0)
        self.run_program("doctor", "--data", data, "--strict", *arguments, expect=CHECK_FAILED)

    def setUp(self):
        super().setUp()
        self.train, self.test = blobs(200, seed=1), blobs(100, seed=2)

    def test_repeated_samples(self):
        (x, y), (x_test, y_test) = self.train, self.test
        x_test = x_test.copy()
        x_test[:7], y_test[:7] = x[20:27], y[20:27]
        self.assert_found("duplicates_across", "test sample 0 is training sample 20", self.write((x, y), (x_test, y_test), "across"))
        self.assert_found("duplicates_across", "7 of the 100", self.write((x, y), (x_test, y_test), "across"))
        x[100:108], y[100:108] = x[0], y[0]
        self.assert_found("duplicates", "8 of the 200", self.write((x, y), self.test, "within"))
        y[100:108] = (y[0] + 1) % 3
        self.assert_found("conflicting_labels", "8 training samples", self.write((x, y), self.test, "conflict"))

    def test_minus_zero_is_zero(self):
        x, y = self.train
        x[3], x[5] = 0.0, -0.0
        self.assertEqual(self.look(self.write((x, y)))["training"]["repeats"], 1)

    def test_a_few_samples_do_not_make_a_leak(self):
        x, y = self.train
        y = numpy.where(numpy.arange(200) < 2, 3, y)  # a class of two samples
        x[:, 1] = y
        self.assertNotIn("label_leaks", self.found(self.write((x, y)))[0])
        x, y = x[2:], y[2:]
        self.assertIn("label_leaks", self.found(self.write((x, y)))[0])

    def test_bytes_and_floats_compare(self):
        images = numpy.random.default_rng(1).integers(0, 256, (40, 9)).astype(numpy.uint8)
        y = numpy.arange(40) % 2
        data = self.write((images, y), (images[:20] / numpy.float32(255), y[:20]))
        self.assertEqual(self.look(data)["test_samples_in_training"], 20)

    def test_features_that_give_the_label_away(self):
        (x, y), (x_test, y_test) = self.train, self.test
        rows = [[*numpy.round(row, 3), 10 * label + 3, label] for row, label in zip(x, y)]
        self.assert_found("label_leaks", '"copy"', self.write_table("a,b,c,d,e,f,copy,label", rows, name="copy"))
        one_of_three = (numpy.c_[x, y == 1], y), (numpy.c_[x_test, y_test == 1], y_test)
        self.assert_found("label_leaks", "feature 7", self.write(*one_of_three, "one-hot"))
        images = (127 + 20 * x).clip(0, 255).astype(numpy.uint8).reshape(-1, 2, 3)
        images[:, 1, 2] = 40 * y
        self.assert_found("label_leaks", "pixel (1, 2)", self.write((images, y), (images[:50], y[:50]), "mark"))

    def test_an_index(self):
        rows = [[5 + k, *numpy.round(row, 3), label] for k, (row, label) in enumerate(zip(*self.train))]
        data = self.write_table("patient,a,b,c,d,e,f,label", rows)
        self.assert_found("index_feature", "--skip-columns", data)
        self.assertNotIn("index_feature", self.found(data, "--skip-columns", "patient")[0])

    def test_constant_features(self):
        rows = [[*numpy.round(row, 3), 7, label] for row, label in zip(*self.train)]
        data = self.write_table("a,b,c,d,e,f,site,label", rows)
        self.assert_found("constant_features", '"site"', data)
        self.assertNotIn("constant_features", self.found(data, "--skip-columns", "site")[0])
        same = numpy.full((30, 4), 3.0)
        self.assert_found("all_constant", "nothing to learn", self.write((same, numpy.arange(30) % 2), None, "same"))

    def test_features_on_other_scales(self):
        (x, y), (x_test, y_test) = self.train, self.test
        scale = numpy.array([1, 1, 30000, 1, 1, 1])
        self.assert_found("scales_differ", "feature 3", self.write((x * scale, y), (x_test * scale, y_test)))

    def test_missing_numbers_in_disguise(self):
        (x, y), _ = self.train, self.test
        x[::20, 4] = -999
        self.assert_found("coded_missing", "10 numbers", self.write((x, y), None))

    def test_classes(self):
        x, y = self.train
        few = numpy.where(numpy.arange(200) < 3, 2, y % 2)
        self.assert_found("tiny_classes", "class 2 has 3", self.write((x, few), None, "tiny"))
        rare = numpy.where(numpy.arange(200) < 190, 0, 1)
        self.assert_found("unbalanced_classes", "class 0 has 190", self.write((x, rare), None, "rare"))
        stray = y.copy()
        stray[:20] = 9
        self.assert_found("classes", "only 4 of them have samples", self.write((x, stray), None, "holes"))
        self.assert_found("mlp_refused", "two classes", self.write((x, 0 * y), None, "one"))
        self.assert_found("labels_are_an_index", "--label=none", self.write((x, numpy.arange(200)), None, "index"))
        ages = numpy.random.default_rng(4).integers(18, 80, 200)
        self.assert_found("labels_are_a_quantity", "quantity", self.write((x, ages), None, "ages"))

    def test_splits(self):
        (x, y), (x_test, y_test) = self.train, self.test
        order = numpy.argsort(y, kind="stable")
        x, y = x[order], y[order]
        self.assert_found("other_shares", "at random", self.write((x[:130], y[:130]), (x[130:], y[130:]), "cut"))
        self.assertIn("sorted_labels", self.notes(self.here / "cut"))
        self.assert_found("splits_differ", "another kind", self.write((x, y), (3 * x_test, y_test), "scaled"))
        self.assert_found("autoencoder_refused", "features", self.write((x, y), (x_test[:, :5], y_test), "narrow"))
        data = self.write_table("a,b,c,d,e,f,label", [[*row, label] for row, label in zip(x, y)], name="unlabelled")
        (data / "test.csv").write_text("a,b,c,d,e,f\n" + "".join(",".join(map(str, row)) + "\n" for row in x_test))
        self.assert_found("mlp_refused", "no labels", data)

    def test_blank_and_single_samples(self):
        x, y = self.train
        x[:5] = 0
        self.assert_found("blank_samples", "5 of the 200", self.write((x, y), None, "blank"))
        self.assert_found("one_sample", "one training sample", self.write((x[7:8], [1]), None, "one"))

    def test_samples_that_cannot_be_learnt(self):
        """The same sample with every label: no network learns that by heart."""
        x = numpy.tile(numpy.array([[1.0, 2, 3], [3, 1, 2]]), (30, 1))
        self.assert_found("mlp_does_not_learn", "by heart", self.write((x, numpy.arange(60) // 2 % 2), None))
        (first, labels), rest = blobs(64, features=3, classes=2), numpy.arange(440) % 2
        data = self.write((numpy.concatenate([first, numpy.ones((440, 3))]), numpy.concatenate([labels, rest])), None, "behind")
        self.assert_found("mlp_does_not_learn", "by heart", data)  # though the first ones can be


    def test_numbers_beyond_the_arithmetic(self):
        x, y = self.train
        for scale in (1e-38, 1e30):
            self.assert_found("autoencoder_does_not_learn", "32 bits", self.write((scale * x, y), None, str(scale)))


class Figures(Doctor):
    def test_they_are_those_of_numpy(self):
        (x, y), (x_test, y_test) = blobs(90, seed=8), blobs(40, seed=9)
        x[:, 2] = 0
        x[4:6] = x[3]
        x, x_test = x.astype(numpy.float32), x_test.astype(numpy.float32)
        report = self.look(self.write((x, y), (x_test, y_test)))
        training = report["training"]
        self.assertEqual((training["samples"], training["features"], training["repeats"]), (90, 6, 2))
        self.assertEqual(training["class_counts"], numpy.bincount(y).tolist())
        self.assertEqual(report["constant_features"], 1)
        x = x.astype(numpy.float64)
        close = numpy.testing.assert_allclose  # both in double, and sums of some hundred numbers
        close([training["least"], training["largest"]], [x.min(), x.max()], rtol=1e-12)
        close([training["mean"], training["deviation"]], [x.mean(), x.std()], rtol=1e-12)
        close(training["density"], (x != 0).mean(), rtol=1e-12)
        shares = numpy.bincount(y) / len(y)
        close(report["mlp"]["majority_loss"], -(shares * numpy.log(shares)).sum(), rtol=1e-12)
        close(report["mlp"]["majority_accuracy"], shares.max(), rtol=1e-12)
        close(report["mlp"]["majority_test_accuracy"], (y_test == shares.argmax()).mean(), rtol=1e-12)
        autoencoder = report["autoencoder"]
        close(autoencoder["loss_of_zero"], (x**2).sum() / 2 / len(x), rtol=1e-10)
        close(autoencoder["loss_of_mean"], ((x - x.mean(0)) ** 2).sum() / 2 / len(x), rtol=1e-10)
        eigenvalues = numpy.linalg.eigvalsh(x.T @ x / len(x))[::-1]
        self.assertEqual([row["latent"] for row in autoencoder["optima"]], [1, 2, 4, 6])
        for row in autoencoder["optima"]:
            close(row["optimum"], eigenvalues[row["latent"] :].sum() / 2, rtol=1e-9, atol=1e-12)
        few = report["mlp"]["few_by_heart"]
        self.assertEqual((few["samples"], few["diverged"]), (64, False))
        self.assertLess(few["last_loss"], few["first_loss"])
        self.assertLess(autoencoder["few_by_heart"]["last_loss"], autoencoder["few_by_heart"]["first_loss"])

    def test_the_first_loss_is_that_of_the_first_weights(self):
        """With all samples in one step the loss of that step is that of the weights before it."""
        train = blobs(80, seed=8)
        data = self.write(train)
        self.run_program("train", "mlp", "--data", data, "--no-test", "--batch-size", 0, "--steps", 1, "--warmup-epochs", 0,
                         "--weight-decay", 0, "--out", "run")  # fmt: skip
        line = json.loads((self.here / "run" / "metrics.jsonl").read_text().splitlines()[0])
        # The same arithmetic, in floats, perhaps with other threads.
        numpy.testing.assert_allclose(self.look(data)["mlp"]["first_loss"], line["train_loss"], rtol=1e-5)


class BadInput(Doctor):
    def test_what_cannot_be_read(self):
        self.assert_refused(NO_INPUT, "nowhere", "doctor", "--data", "nowhere")
        x, y = blobs(20)
        x[3, 2] = x[5, 0] = numpy.nan
        data = self.write((x, y))
        self.assertIn("element 20 is not a finite number in 32 bits (nan); 2 in all, of 120",
                      self.assert_refused(BAD_DATA, "x_train.npy", "doctor", "--data", data))  # fmt: skip
        table = self.write_table("a,b,label", [[1, 2, 0], [3, "", 1], [5, 6, 0]])
        self.assert_refused(BAD_DATA, "line 3", "doctor", "--data", table)

    def test_a_test_set_that_cannot_be_read(self):
        x, y = blobs(60)
        broken = x.copy()
        broken[2, 1] = numpy.inf
        names, text = self.found(self.write((x, y), (broken, y)))
        self.assertEqual(names, ["no_test_set"])
        self.assertIn("x_test.npy", text)
        (self.here / "data" / "x_test.npy").unlink()
        self.assertIn("no_test_set", self.notes(self.here / "data"))


if __name__ == "__main__":
    unittest.main()
