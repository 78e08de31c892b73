"""Claims: on tables as people have them, training learns from the columns that they mean, eval and predict read later files
as the run read its own, and where a table does not say which column is what, the program asks, and names the option that
answers."""

import json
import pathlib
import random
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, USAGE, ProgramTest, metrics, read_metadata, read_safetensors


def flowers(count, seed):
    """Rows of four measures whose first two tell three classes apart, and the class."""
    source = random.Random(seed)
    rows = []
    for i in range(count):
        label = source.randrange(3)
        measures = [label + source.gauss(0, 0.1), 2 - label + source.gauss(0, 0.1), source.gauss(0, 1), source.gauss(0, 1)]
        rows.append([*(f"{value:.3f}" for value in measures), label])
    return rows


NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


class Tables(ProgramTest):
    def write(self, name, rows, header=None, separator=","):
        lines = [header] if header else []
        (self.here / name).write_text("".join(separator.join(map(str, row)) + "\n" for row in lines + rows))

    def learn(self, *arguments, features=4, model="mlp", out="run"):
        result = self.run_program(
            "train", model, "--data", ".", "--epochs", 10, "--batch-size", 4, "--lr", 0.1, "--threads", 1, "--out", out,
            *(["--hidden", 8] if model == "mlp" else ["--latent", 1]), *arguments,
        )  # fmt: skip
        shape = read_safetensors(self.here / out / "model.safetensors")[
            "fc1.weight" if model == "mlp" else "encoder.weight"
        ][1]
        self.assertEqual(shape[1], features)
        return result

    def assert_learnt(self, run="run"):
        last = metrics(self.here / run)[-1]
        self.assertGreaterEqual(last["test_accuracy"] if "test_accuracy" in last else last["train_accuracy"], 0.97)

    def test_labels_that_are_words(self):
        """They are the classes' names, which the model keeps, and by which later files are read: whatever classes a file has, and
        in whatever order, each row keeps its own."""
        names = ["versicolor", "setosa", "virginica"]
        train, test = ([[*r[:4], names[r[4]]] for r in flowers(*how)] for how in ((120, 1), (60, 2)))
        self.write("train.csv", train, [*NAMES, "species"])
        self.write("test.csv", [r for r in test if r[4] != "setosa"], [*NAMES, "species"])
        self.learn()
        self.assert_learnt()
        facts = read_metadata(self.here / "run/model.safetensors")
        self.assertEqual(facts["class_names"].split("\n"), sorted(names))
        self.assertNotIn("height", facts)
        self.run_program("resume", "run", "--epochs", 12, "--threads", 1)
        (self.here / "later").mkdir()
        self.write("later/test.csv", [[r[4], *r[:4]] for r in test if r[4] == "virginica"], ["species", *NAMES])
        result = json.loads(self.run_program("eval", "run", "--data", "later", "--json").stdout)
        self.assertGreaterEqual(result["accuracy"], 0.97)
        self.write("later/test.csv", [*test[:3], [*test[3][:4], "rose"]], [*NAMES, "species"])
        self.assert_refused(BAD_DATA, 'line 5: "rose" is not one of the classes', "eval", "run", "--data", "later")
        self.write("later/test.csv", [[*r[:4], names.index(r[4])] for r in test], [*NAMES, "species"])
        self.assert_refused(BAD_DATA, "is not one of the classes", "eval", "run", "--data", "later")

        self.write("train.csv", [[*r[:4], names.index(r[4])] for r in train], [*NAMES, "species"])
        self.write("test.csv", test, [*NAMES, "species"])
        self.assert_refused(BAD_DATA, "its labels are names, those of training were numbers", "train", "mlp", "--data", ".",
                            "--out", "mixed")  # fmt: skip
        self.assertFalse((self.here / "mixed").exists())

    def test_the_ways_in_which_people_write_one(self):
        """Which column holds the labels, and which is to be left out, is different in each."""
        train, test = flowers(120, 1), flowers(60, 2)
        forms = {
            "UCI and OpenML: the class last": (lambda n, r: r, [*NAMES, "class"], []),
            "Kaggle: the label first": (lambda n, r: [r[4], *r[:4]], ["label", *NAMES], []),
            "Kaggle: an Id": (lambda n, r: [n + 1, *r], ["Id", *NAMES, "Species"], []),
            "pandas: an index without a name": (lambda n, r: [n, *r], ["", *NAMES, "target"], []),
            "pandas: integer names": (lambda n, r: [n, *r], ["", 0, 1, 2, 3, "y"], []),
            "an unusual name": (lambda n, r: r, [*NAMES, "variety"], ["--label", "variety"]),
            "no header, label first": (lambda n, r: [r[4], *r[:4]], None, []),
            "no header, label last": (lambda n, r: r, None, ["--label", "last"]),
            "NumPy: labels as floats": (lambda n, r: [*r[:4], f"{r[4]:.18e}"], [f"# {NAMES[0]}", *NAMES[1:], "label"], []),
            "text beside the numbers": (
                lambda n, r: [*r, f'"flower {n}, of Fisher"'], [*NAMES, "class", "name"], ["--skip-columns", "name"],
            ),
        }  # fmt: skip
        for number, (what, (row, header, options)) in enumerate(forms.items()):
            with self.subTest(what):
                for name, rows in (("train.csv", train), ("test.csv", test)):
                    self.write(name, [row(n, list(r)) for n, r in enumerate(rows)], header)
                run = f"run-{number}"
                self.learn(*options, out=run)
                self.assert_learnt(run)
                # What the run was told need not be told again, and the same columns in another file are the same.
                report = json.loads(self.run_program("eval", run, "--json").stdout)
                self.assertEqual(report["accuracy"], metrics(self.here / run)[-1]["test_accuracy"])
                self.run_program("resume", run, "--epochs", 11)

    def test_columns_in_another_order(self):
        train, test = flowers(120, 1), flowers(60, 2)
        self.write("train.csv", train, [*NAMES, "class"])
        self.write("test.csv", [[r[4], *r[3::-1]] for r in test], ["class", *NAMES[::-1]])
        result = self.learn()
        self.assertIn("test.csv: its columns stand in another order", result.stderr)
        self.assert_learnt()

        self.write("plain.csv", [r[:4] for r in test], NAMES)
        self.write("turned.csv", [r[::-1] for r in test], ["class", *NAMES[::-1]])
        self.write("nameless.csv", [r[:4] for r in test])
        predicted = self.run_program("predict", "run", "plain.csv").stdout
        self.assertEqual(self.run_program("predict", "run", "turned.csv").stdout, predicted)
        self.assertEqual(self.run_program("predict", "run", "nameless.csv").stdout, predicted)
        classes = [int(line.split(",")[0]) for line in predicted.splitlines()[1:]]
        right = sum(given == row[4] for given, row in zip(classes, test))
        self.assertGreaterEqual(right / len(test), 0.97)

        self.write("other.csv", [r[:4] for r in test], ["a", *NAMES[1:]])
        self.assert_refused(BAD_DATA, '"a" is not one of the training data\'s', "predict", "run", "other.csv")
        self.write("labelled.csv", test)
        self.assert_refused(BAD_DATA, "--label=last", "predict", "run", "labelled.csv")
        self.assertEqual(self.run_program("predict", "run", "labelled.csv", "--label", "last").stdout, predicted)

    def test_what_was_taken_for_what(self):
        self.write("train.csv", [[r[4], *r[:4]] for r in flowers(40, 1)])
        result = self.learn("--no-test")
        self.assertIn("train.csv: it has no header; the first column is taken for the labels (--label=last", result.stderr)
        self.assertNotIn("header", self.run_program("resume", "run", "--epochs", 11, "--quiet").stderr)

    def test_what_is_asked(self):
        self.write("train.csv", flowers(40, 1), [*NAMES, "variety"])
        for command in (["train", "mlp", "--data"], ["train", "autoencoder", "--data"], ["gradcheck", "--data"], ["bench", "--data"]):
            self.assert_refused(BAD_DATA, "--label=NAME, or --label=none", *command, ".")
        self.assert_refused(USAGE, "--label: ", "train", "mlp", "--data", ".", "--label", "kind")
        self.assert_refused(USAGE, "--skip-columns: ", "train", "mlp", "--data", ".", "--skip-columns", "kind")
        self.run_program("gradcheck", "--data", ".", "--label", "variety")
        self.learn("--label", "none", "--no-test", model="autoencoder", features=5)

    def test_a_test_set_without_labels(self):
        self.write("train.csv", flowers(40, 1), [*NAMES, "class"])
        self.write("test.csv", [r[:4] for r in flowers(20, 2)], NAMES)
        self.assert_refused(BAD_DATA, "--no-test", "train", "mlp", "--data", ".")
        (self.here / "test.csv").rename(self.here / "new.csv")
        self.assert_refused(66, "--no-test", "train", "mlp", "--data", ".")
        self.learn("--no-test")
        self.run_program("predict", "run", "new.csv")

    def test_a_run_of_version_0_1(self):
        """It took the first column for the labels, whatever the header said, and left none out."""
        self.write("train.csv", [[r[4], n, *r[:4]] for n, r in enumerate(flowers(40, 1))], ["class", "id", *NAMES])
        self.learn("--no-test", "--label", "class", "--skip-columns", "none", features=5)
        config = json.loads((self.here / "run" / "config.json").read_text())
        for key in ("label", "skip_columns", "header"):
            del config[key]
        (self.here / "run" / "config.json").write_text(json.dumps(config))
        self.run_program("resume", "run", "--epochs", 12)
        self.assertEqual(metrics(self.here / "run")[-1]["epoch"], 12)


class SortedTables(ProgramTest):
    """Rows of one class after the other, as many datasets are published."""

    def write(self, name, count, seed, stray=()):
        rows = sorted(flowers(count, seed), key=lambda row: row[4])
        text = ",".join([*NAMES, "class"]) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in [*rows, *stray])
        (self.here / name).write_text(text)

    def learn(self, out, *arguments, model="mlp"):
        result = self.run_program(
            "train", model, "--data", ".", "--epochs", 10, "--batch-size", 4, "--lr", 0.1, "--threads", 1, "--out", out,
            *(["--hidden", 8] if model == "mlp" else ["--latent", 1, "--lr", 0.01]), *arguments,
        )  # fmt: skip
        return result, metrics(self.here / out)[-1]

    def test_what_is_held_out_and_what_is_taken(self):
        self.write("train.csv", 120, 1)
        self.write("test.csv", 60, 2)
        result, last = self.learn("held-out", "--validation-fraction", 0.2)
        self.assertGreaterEqual(last["validation_accuracy"], 0.95)
        self.assertGreaterEqual(last["test_accuracy"], 0.97)
        self.assertNotIn("warning", result.stderr)
        result, last = self.learn("limited", "--limit", 30)
        self.assertGreaterEqual(last["test_accuracy"], 0.9)
        self.assertNotIn("warning", result.stderr)

        result, last = self.learn("as-in-the-file", "--limit", 30, "--split-order", "file")
        self.assertLess(last["test_accuracy"], 0.5)
        self.assertRegex(result.stderr, r"warning .*none of the 30 samples to train on is of class 1 \(\d+ in all\), 2")
        result, last = self.learn("end-of-the-file", "--validation-fraction", 0.2, "--split-order", "file")
        self.assertRegex(result.stderr, r"warning .*none of the 24 samples held out is of class 0 \(\d+ in all\), 1")

    def test_the_autoencoder_draws_too(self):
        self.write("train.csv", 120, 1)
        drawn, last = self.learn("drawn", "--validation-fraction", 0.5, "--no-test", model="autoencoder")
        self.assertNotIn("warning", drawn.stderr)
        # Halves of the same rows are alike: their mean squares differ by a few percent. By order they differ by their class.
        self.assertLess(abs(last["validation_loss"] / last["train_loss"] - 1), 0.5)

    def test_resumed_to_the_bit(self):
        self.write("train.csv", 60, 1)
        options = ["--validation-fraction", 0.3, "--limit", 50, "--no-test", "--lr-schedule", "constant", "--warmup-epochs", 0]
        self.learn("whole", *options)
        self.learn("halves", *options, "--epochs", 4)
        self.run_program("resume", "halves", "--epochs", 10, "--threads", 1)
        for name in ("model.safetensors", "best.safetensors"):
            self.assertEqual(*(read_safetensors(self.here / run / name) for run in ("whole", "halves")))

    def test_labels_with_holes(self):
        for stray, classes in ((10, 11), (255, 256)):
            self.write("train.csv", 60, 1, [["1", "1", "0", "0", stray]])
            result, _ = self.learn(f"stray-{stray}", "--no-test")
            self.assertIn(
                f"labels up to {stray} make {classes} classes, but only 4 of them have samples; {stray} has 1", result.stderr
            )


if __name__ == "__main__":
    unittest.main()
