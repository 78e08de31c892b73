"""Claims: the page of `handgrad report` on one run says what eval, predict, gradcheck and metrics.jsonl say; every picture on it is
the one that it says it is."""

import json
import pathlib
import re
import shlex
import shutil
import sys
import unittest

import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import metrics, read_safetensors
from report_page import XHTML, ReportTest, images_of, labels_of


class Classifier(ReportTest):
    """Everything on what a classifier does, held against `predict` and NumPy."""

    def setUp(self):
        super().setUp()
        self.train("mlp", "--hidden", 3, "--epochs", 1, "--out", "run")
        self.run_program("predict", "run", self.data, "--out", "p.npy")
        self.probabilities = numpy.load(self.here / "p.npy")
        self.labels = labels_of(self.data, "t10k")
        self.answers = self.probabilities.argmax(axis=1)
        self.counts = numpy.zeros((4, 4), int)
        numpy.add.at(self.counts, (self.labels, self.answers), 1)
        self.page = self.report("run")

    def test_the_confusion_matrix(self):
        table = self.page.all("table", "confusion")[0]
        rows = self.page.rows(table)[1:]
        self.assertEqual([row[0] for row in rows], ["0", "1", "2", "3"])
        self.assertEqual([[int(cell or 0) for cell in row[1:]] for row in rows], self.counts.tolist())
        # every cell with samples leads to its images, the first of which is one of its samples
        images, links = images_of(self.data, "t10k"), 0
        for row in range(4):
            for column in range(4):
                members = numpy.flatnonzero((self.labels == row) & (self.answers == column))
                figures = [f for f in self.page.all("figure") if f.get("id") == f"r0-{row}-{column}"]
                self.assertEqual(len(figures), int(len(members) > 0))
                for figure in figures:
                    links += 1
                    (image,) = figure.iter(XHTML + "img")
                    first = self.page.picture(image)[1:9, 1:9]
                    self.assertTrue(any((first == images[m]).all() for m in members))
        self.assertEqual(len([a for a in table.iter(XHTML + "a")]), links)
        # mistakes first, the most frequent cells of each kind before the others
        cells = [tuple(map(int, f.get("id").split("-")[1:])) for f in self.page.all("figure") if f.get("id")]
        self.assertEqual(cells, sorted(cells, key=lambda c: (c[0] == c[1], -self.counts[c], c)))

    def test_the_scores(self):
        table = next(t for t in self.page.all("table") if "Recall" in "".join(t.itertext()))
        for c, row in enumerate(self.page.rows(table)[1:]):
            right, support, answers = self.counts[c, c], self.counts[c].sum(), self.counts[:, c].sum()
            self.assertEqual(row[:3], [str(c), str(support), str(answers)])
            for shown, (part, whole) in zip(row[3:], ((right, support), (right, answers), (2 * right, support + answers))):
                self.assertEqual(shown, f"{100 * part / whole:.2f}" if whole else "–")

    def test_the_most_confident_mistakes(self):
        wrong = numpy.flatnonzero(self.labels != self.answers)
        wrong = sorted(wrong, key=lambda i: (-self.probabilities[i].max(), i))[:25]
        captions = self.page.texts("figcaption")
        images = images_of(self.data, "t10k")
        figures = [f for f in self.page.all("figure") if "sample " in "".join(f.itertext())]
        self.assertEqual(len(figures), len(wrong))
        for figure, i in zip(figures, wrong):
            caption = "".join(figure.itertext())
            self.assertTrue(caption.startswith(f"{self.labels[i]} taken for {self.answers[i]}"), caption)
            self.assertIn(f"{100 * self.probabilities[i].max():.2f} %", caption)
            self.assertTrue(caption.endswith(f"sample {i}"), caption)
            (image,) = figure.iter(XHTML + "img")
            self.assertTrue((self.page.picture(image)[1:9, 1:9] == images[i]).all())
        self.assertTrue(captions)

    def test_the_rows_of_w1(self):
        (image,) = [i for e in self.page.section("What it has learned") for i in e.iter(XHTML + "img")]
        picture = self.page.picture(image)
        self.assertEqual(picture.shape, (8 + 2, 3 * 9 + 1))
        tensors = read_safetensors(self.here / "run/model.safetensors").values()
        weights = {tuple(shape): numpy.frombuffer(data, numpy.float32).reshape(shape) for _, shape, data in tensors}
        w1, w2 = weights[3, 64], weights[4, 3]
        strengths = numpy.linalg.norm(w1, axis=1) * numpy.linalg.norm(w2, axis=0)
        for place, unit in enumerate(numpy.argsort(-strengths)):
            shown = picture[1:9, 9 * place + 1 : 9 * place + 9].astype(int)
            expected = (w1[unit].reshape(8, 8) / numpy.abs(w1[unit]).max() + 1) / 2 * 255
            self.assertLessEqual(numpy.abs(shown - expected).max(), 0.51)  # grey is a whole number; weights are floats

    def test_gradcheck(self):
        rows = json.loads(self.run_program("gradcheck", "mlp", "--data", self.data, "--json").stdout)["rows"]
        (table,) = [t for e in self.page.section("Are the gradients right") for t in e.iter(XHTML + "table")]
        shown = self.page.rows(table)[1:]
        self.assertEqual([row[0] for row in shown], [row["equation"] for row in rows])
        self.assertEqual([float(row[2]) for row in shown], [float(f"{row['analytic']:.8e}") for row in rows])

    def test_the_command_trains_the_same_weights(self):
        command = shlex.split(self.page.texts("pre")[0])
        self.assertEqual(command[:3], ["handgrad", "train", "mlp"])
        self.run_program(*command[1:], "--out", "again")
        weights = [read_safetensors(self.here / run / "model.safetensors") for run in ("run", "again")]
        self.assertEqual(*weights)


class Autoencoder(ReportTest):
    def test_the_exact_solution_has_the_principal_components(self):
        self.run_program("optimum", "--data", self.data, "--latent", 5, "--out", "run")
        page = self.report("run")
        text = " ".join(page.texts("p"))
        angle = float(re.search(r"at an angle of at most ([0-9.e-]+)° to that of the 5 principal components", text)[1])
        # weights are float32: an angle of about 1e-7, which its cosine shows as at most its root, 3e-4 radians
        self.assertLess(angle, 0.05)
        pictures = [i for e in page.section("What it has learned") for i in e.iter(XHTML + "img")]
        pair = page.picture(pictures[0])
        self.assertEqual(pair.shape, (2 * 9 + 1, 5 * 9 + 1))
        self.assertLessEqual(numpy.abs(pair[1:9].astype(int) - pair[10:18]).max(), 1)
        command = shlex.split(page.texts("pre")[0])
        self.assertEqual(command[:2], ["handgrad", "optimum"])

    def test_reconstructions(self):
        self.train("autoencoder", "--out", "run")
        self.run_program("reconstruct", "run", self.data, "--out", "r.npy")
        page = self.report("run")
        first = next(i for e in page.section("What it reconstructs") for i in e.iter(XHTML + "img"))
        picture = page.picture(first)
        self.assertTrue((picture[1:9, 1:9] == images_of(self.data, "t10k")[0]).all())
        expected = numpy.clip(numpy.load(self.here / "r.npy").reshape(-1, 8, 8)[0], 0, 1) * 255
        self.assertLessEqual(numpy.abs(picture[10:18, 1:9] - expected).max(), 0.51)

    def test_directions_of_a_table(self):
        data = self.here / "t"
        data.mkdir()
        rows = "".join(f"{k % 2},{k % 5},{k % 3 / 8},{k % 7}\n" for k in range(60))
        (data / "train.csv").write_text("label,first,second,third\n" + rows)
        command = ("train", "autoencoder", "--data", data, "--latent", 2, "--no-test", "--epochs", 300, "--batch-size", 0)
        self.run_program(*command, "--out", "run")
        page = self.report("run")
        self.assertEqual(page.all("img"), [])
        x = numpy.array([[float(v) for v in row.split(",")[1:]] for row in rows.splitlines()])
        values, vectors = numpy.linalg.eigh(x.T @ x / len(x))
        table = next(t for e in page.section("What it has learned") for t in e.iter(XHTML + "table"))
        shown = page.rows(table)
        self.assertEqual([row[0] for row in shown[1:]], ["first", "second", "third"])
        component = numpy.array([float(row[2]) for row in shown[1:]])
        self.assertAlmostEqual(abs(component @ vectors[:, -1]), 1, delta=1e-3)  # four decimals are shown


class ManyClasses(ReportTest):
    def test_two_hundred_classes(self):
        data = self.here / "t"
        data.mkdir()
        for name in ("train.csv", "test.csv"):
            (data / name).write_text("label,a,b\n" + "".join(f"{k % 200},{k % 7},{k % 11}\n" for k in range(800)))
        self.run_program("train", "mlp", "--data", data, "--epochs", 1, "--hidden", 4, "--out", "run")
        page = self.report("run")
        self.assertEqual(page.all("table", "confusion"), [])
        self.assertIn("The most frequent confusions.", page.text())
        f1 = [float(row[5]) for row in page.rows(page.all("table")[1])[1:]]
        self.assertEqual((len(f1), f1), (50, sorted(f1)))


class Course(ReportTest):
    """What is said of the way of training, by the record alone."""

    def remarks_on(self, *losses):
        """losses: of training and of what is held out, a pair an epoch."""
        if not (self.here / "run").exists():
            self.train("mlp", "--validation-fraction", 0.2, "--epochs", 3, "--out", "run")
            (self.here / "run/model.safetensors").unlink()
        lines = ({"epoch": e, "train_loss": t, "validation_loss": v} for e, (t, v) in enumerate(losses, 1))
        (self.here / "run/metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        remarks = self.report("run").remarks()
        self.assertEqual(remarks[-1], "No weights were saved, so the page has its record alone.")
        return remarks[:-1]

    def test_a_loss_that_still_falls(self):
        (remark,) = self.remarks_on((1, 1), (0.5, 0.9), (0.4, 0.8))
        self.assertEqual(remark, "In its last epoch the training loss still fell by 25 %: more epochs (--epochs) may help.")

    def test_samples_learnt_by_heart(self):
        (remark,) = self.remarks_on((1, 1), (0.5, 0.8), (0.3, 0.9))
        self.assertRegex(remark, "least after epoch 2, and 12.5 % above that in the end.* The weights are those of epoch 2.")

    def test_a_best_epoch_that_is_not_the_last(self):
        (remark,) = self.remarks_on((1, 1), (0.5, 0.8), (0.3, 0.801))
        self.assertEqual(remark, "The weights are those of epoch 2 of 3, kept for the best validation loss.")

    def test_nothing_to_say(self):
        self.assertEqual(self.remarks_on((1, 1), (0.5, 0.9), (0.499, 0.8)), [])


class OneRun(ReportTest):
    def test_a_classifier(self):
        self.train("mlp", "--validation-fraction", 0.2, "--epochs", 4, "--out", "run")
        page = self.report("run")
        evaluation = json.loads(self.run_program("eval", "run", "--json").stdout)
        wrong = round((1 - evaluation["accuracy"]) * evaluation["samples"])
        expected = f"Right on {100 * evaluation['accuracy']:.2f} % of 30 test images, wrong on {wrong}."
        self.assertEqual(page.verdicts(), [expected if wrong else "Right on all 30 test images."])
        plots = page.plots()
        self.assertEqual(list(plots), ["Loss", "Accuracy", "Learning rate"])
        self.assertEqual(plots["Loss"], [4, 4, 4])
        best = min(metrics(self.here / "run"), key=lambda line: line["validation_loss"])["epoch"]
        self.assertEqual(page.texts("text", "note"), [f"best: epoch {best}"] * 2)
        seconds = sum(line["seconds"] for line in metrics(self.here / "run"))
        self.assertIn(f"took {seconds:.3g} s, without evaluation: {seconds / 4:.3g} s an epoch.", page.text())

    def test_an_autoencoder(self):
        self.train("autoencoder", "--out", "run")
        page = self.report("run")
        evaluation = json.loads(self.run_program("eval", "run", "--split", "train", "--json").stdout)
        loss, optimum = evaluation["loss"], evaluation["optimum"]
        self.assertEqual(
            page.verdicts(),
            [f"Its training loss, {loss:.4g}, is {100 * (loss / optimum - 1):.2f} % above the best possible, {optimum:.7g}."],
        )
        self.assertEqual(list(page.plots())[:3], ["Loss", "Loss above the best possible", "Learning rate"])
        desc = next(e for e in page.all("desc")).text
        last = metrics(self.here / "run")[-1]
        self.assertIn(f"training: {last['train_loss']:.5g} at epoch 2", desc)
        self.assertIn(f"test: {last['test_loss']:.5g} at epoch 2", desc)

    def test_an_autoencoder_whose_training_set_is_gone(self):
        data = self.here / "data"
        shutil.copytree(self.data, data)
        self.run_program("train", "autoencoder", "--data", data, "--epochs", 2, "--latent", 5, "--out", "run")
        evaluation = json.loads(self.run_program("eval", "run", "--json").stdout)
        for file in data.glob("train*"):
            file.unlink()
        loss, optimum = evaluation["loss"], evaluation["optimum"]
        expected = f"Its loss on the test set, {loss:.4g}, is {100 * (loss / optimum - 1):.2f} % above the best possible, {optimum:.7g}."
        self.assertEqual(self.report("run").verdicts(), [expected])

    def test_the_exact_solution(self):
        self.run_program("optimum", "--data", self.data, "--latent", 5, "--out", "run")
        page = self.report("run")
        self.assertRegex(page.verdicts()[0], "^Its training loss is the best possible, [0-9.]+\\.$")
        self.assertIn("the exact solution", page.remarks()[0])
        self.assertNotIn("Loss", page.plots())

    def test_an_optimum_of_zero_has_a_distance(self):
        data = self.here / "line"
        data.mkdir()
        rows = "".join(f"{k % 2},{k / 8},{k / 4}\n" for k in range(1, 40))
        (data / "train.csv").write_text("label,a,b\n" + rows)
        self.run_program("train", "autoencoder", "--data", data, "--latent", 1, "--epochs", 3, "--no-test", "--out", "run")
        page = self.report("run")
        self.assertIn("above the best possible, 0.", page.verdicts()[0])
        self.assertIn("Distance to the optimum", page.plots())

    def test_the_formula_is_told_from_the_gradient(self):
        self.train("autoencoder", "--gradient", "encoder", "--out", "run")
        self.assertIn("which is not the gradient of the loss", self.report("run").remarks()[0])
        self.train("autoencoder", "--gradient", "W*X*X'", "--steps", 2, "--out", "typed")
        self.assertIn("handgrad check --formula 'W*X*X", self.report("typed").remarks()[0])

    def test_test_samples_of_one_class(self):
        data = self.here / "one"
        data.mkdir()
        (data / "train.csv").write_text("label,a,b\n" + "".join(f"{k % 2},{k % 2},1\n" for k in range(40)))
        (data / "test.csv").write_text("label,a,b\n" + "".join("0,0,1\n" for k in range(20)))
        self.run_program("train", "mlp", "--data", data, "--epochs", 9, "--out", "run")
        self.assertEqual(self.report("run").verdicts(), ["Right on all 20 test samples."])

    def test_a_classifier_that_is_no_better_than_one_answer(self):
        data = self.here / "turned"
        data.mkdir()
        (data / "train.csv").write_text("label,a,b\n" + "".join(f"{k % 2},{k % 2},1\n" for k in range(40)))
        (data / "test.csv").write_text("label,a,b\n" + "0,1,1\n" * 6 + "1,0,1\n" * 4)
        self.run_program("train", "mlp", "--data", data, "--epochs", 9, "--out", "run")
        nothing = "Always answering the most frequent class would be right on 60.00 %: it has learned nothing."
        self.assertEqual(self.report("run").verdicts(), [f"Right on 0.00 % of 10 test samples, wrong on 10. {nothing}"])
        (data / "test.csv").write_text("label,a,b\n" + "0,0,1\n" * 600 + "1,0,1\n" * 500)
        page = self.report("run")
        self.assertIn("of 1,100 test samples, wrong on 500. Always", page.verdicts()[0])
        self.assertIn("It never answers 1.", page.remarks())

    def test_without_a_test_set_it_is_judged_on_the_training_set(self):
        data = self.here / "data"
        shutil.copytree(self.data, data)
        for file in data.glob("t10k*"):
            file.unlink()
        self.run_program("train", "mlp", "--data", data, "--no-test", "--epochs", 1, "--out", "run")
        page = self.report("run")
        self.assertIn("60 training images", page.verdicts()[0])
        self.assertTrue(any("no test set" in remark for remark in page.remarks()))


if __name__ == "__main__":
    unittest.main()
