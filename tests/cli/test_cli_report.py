"""Claims: the page of `handgrad report` is whole and well-formed HTML that needs nothing from elsewhere; its numbers are
those of eval and metrics.jsonl; nothing that comes from paths or data is taken for markup; whatever a run lacks, its page
says so; bad input writes nothing."""

import base64
import io
import json
import os
import pathlib
import re
import shlex
import shutil
import sys
import unittest

try:
    import html5lib
    import numpy
    from PIL import Image
except ImportError as error:
    raise SystemExit(f"{error}: this test needs the packages of tests/requirements.txt")  # noqa: B904

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, CANNOT_CREATE, CHECK_FAILED, NO_INPUT, USAGE, ProgramTest, metrics, read_safetensors

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
LIMIT = 2_000_000  # bytes


class Page:
    def __init__(self, file):
        self.bytes = pathlib.Path(file).read_bytes()
        self.source = self.bytes.decode()
        self.root = html5lib.HTMLParser(strict=True).parse(self.source)  # raises on every error of the syntax

    def all(self, name, class_name=None):
        wanted = (XHTML + name, SVG + name)
        return [e for e in self.root.iter() if e.tag in wanted and class_name in (None, *e.get("class", "").split())]

    def texts(self, name, class_name=None):
        return [" ".join("".join(e.itertext()).split()) for e in self.all(name, class_name)]

    def text(self):
        return " ".join("".join(self.root.find(XHTML + "body").itertext()).split())

    def verdicts(self):
        return self.texts("p", "verdict")

    def remarks(self):
        return self.texts("li")

    def section(self, heading):
        """What follows a heading, up to the next of its kind."""
        main = self.root.find(f"{XHTML}body/{XHTML}main")
        found, inside = [], False
        for element in main:
            if element.tag in (XHTML + "h2", XHTML + "h1"):
                inside = "".join(element.itertext()).startswith(heading)
            elif inside:
                found.append(element)
        return found

    def rows(self, table):
        return [["".join(cell.itertext()) for cell in row] for row in table.iter(XHTML + "tr")]

    def picture(self, image):
        """As an array, at the scale of the file."""
        data = image.get("src").split(",", 1)[1]
        return numpy.asarray(Image.open(io.BytesIO(base64.b64decode(data))))

    def plots(self):
        """Title to the names of its lines and, for each, how many points are drawn."""
        found = {}
        for plot in self.all("svg", "plot"):
            lines = [e for e in plot if e.get("class", "").startswith("line")]
            title = next(e.text for e in plot if e.tag == SVG + "title")
            found[title] = [len(re.findall(r"[ML]", line.get("d"))) for line in lines]
        return found


class ReportTest(ProgramTest):
    def report(self, *runs, out="page.html", options=()):
        self.run_program("report", *runs, "--out", out, *options)
        page = Page(self.here / out)
        self.assertLess(len(page.bytes), LIMIT)
        self.assert_self_contained(page)
        return page

    def assert_self_contained(self, page):
        self.assertEqual(page.all("script") + page.all("link") + page.all("iframe"), [])
        for element in page.root.iter():
            for name, value in element.items():
                self.assertFalse(name.startswith("on"), name)
                if name in ("src", "href") or name.endswith("}href"):
                    self.assertRegex(value, r"\A(#|data:image/png;base64,)")
        ids = [e.get("id") for e in page.root.iter() if e.get("id")]
        self.assertEqual(len(set(ids)), len(ids))
        for link in page.all("a"):
            self.assertIn(link.get("href")[1:], ids)
        self.assertNotRegex(page.source.replace("http://www.w3.org/", ""), r"https?://|url\(|@import")


def images_of(directory, prefix, side=8):
    content = (directory / f"{prefix}-images-idx3-ubyte").read_bytes()
    return numpy.frombuffer(content[16:], numpy.uint8).reshape(-1, side, side)


def labels_of(directory, prefix):
    return numpy.frombuffer((directory / f"{prefix}-labels-idx1-ubyte").read_bytes()[8:], numpy.uint8)


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
        self.assertEqual(self.page.picture(image).shape, (8 + 2, 3 * 9 + 1))

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

    def test_without_a_test_set_it_is_judged_on_the_training_set(self):
        data = self.here / "data"
        shutil.copytree(self.data, data)
        for file in data.glob("t10k*"):
            file.unlink()
        self.run_program("train", "mlp", "--data", data, "--no-test", "--epochs", 1, "--out", "run")
        page = self.report("run")
        self.assertIn("60 training images", page.verdicts()[0])
        self.assertTrue(any("no test set" in remark for remark in page.remarks()))


class Incomplete(ReportTest):
    def setUp(self):
        super().setUp()
        self.data_here = self.here / "data"
        shutil.copytree(self.data, self.data_here)
        self.run_program("train", "mlp", "--data", self.data_here, "--epochs", 2, "--out", "run")

    def test_data_that_are_gone(self):
        accuracy = metrics(self.here / "run")[-1]["test_accuracy"]
        shutil.rmtree(self.data_here)
        page = self.report("run")
        self.assertEqual(page.verdicts(), [f"By its own record right on {100 * accuracy:.2f} % of the test samples."])
        self.assertTrue(any(str(self.data_here) in remark for remark in page.remarks()))
        self.assertIn("Loss", page.plots())
        self.assertIn("30 test images", self.report("run", options=("--data", self.data)).verdicts()[0])

    def test_data_of_another_size(self):
        for file in self.data_here.iterdir():
            file.unlink()
        for name in ("train.csv", "test.csv"):
            (self.data_here / name).write_text("label,a,b\n0,1,2\n1,2,3\n")
        self.assertTrue(any("could not be used" in remark for remark in self.report("run").remarks()))
        self.assert_refused(BAD_DATA, "features", "report", "run", "--data", self.data_here, "--out", "x.html")

    def test_data_that_have_changed(self):
        self.assertFalse(any("have changed" in remark for remark in self.report("run").remarks()))
        file = self.data_here / "train-images-idx3-ubyte"
        content = bytearray(file.read_bytes())
        content[16:1000] = bytes(255 - byte for byte in content[16:1000])
        file.write_bytes(content)
        self.assertTrue(any("have changed" in remark for remark in self.report("run").remarks()))

    def test_test_samples_without_labels_alone(self):
        data = self.here / "table"
        data.mkdir()
        rows = "".join(f"{k % 2},{k % 5},{k % 7}\n" for k in range(40))
        (data / "train.csv").write_text("label,a,b\n" + rows)
        self.run_program("train", "mlp", "--data", data, "--epochs", 1, "--no-test", "--out", "t")
        (data / "train.csv").unlink()
        (data / "test.csv").write_text("a,b\n1,2\n3,4\n")
        self.assertTrue(any("no labels" in remark for remark in self.report("t").remarks()))

    def test_no_epoch_has_ended(self):
        (self.here / "run/metrics.jsonl").unlink()
        (self.here / "run/model.safetensors").unlink()
        page = self.report("run")
        self.assertEqual(page.verdicts(), ["No epoch of its training has ended."])
        self.assertTrue(any("handgrad resume run" in remark for remark in page.remarks()))

    def test_damaged_metrics(self):
        with (self.here / "run/metrics.jsonl").open("a") as file:
            file.write('{"epoch":3,"train_l')
        page = self.report("run")
        self.assertTrue(any("1 of 3 lines" in remark for remark in page.remarks()))
        self.assertEqual(page.plots()["Loss"], [2, 2])

    def test_training_that_went_wrong(self):
        (self.here / "run/metrics.jsonl").write_text(
            "".join(json.dumps({"epoch": e, "train_loss": l}) + "\n" for e, l in ((1, 2.0), (2, 0.5), (3, 7e30)))
        )
        self.assertTrue(any("rose, from 0.5 to 7e+30" in remark for remark in self.report("run").remarks()))


class Several(ReportTest):
    def test_lines_of_each_run_in_one_plot(self):
        self.train("autoencoder", "--out", "a")
        self.train("autoencoder", "--gradient", "decoder", "--epochs", 3, "--out", "b")
        self.train("mlp", "--out", "c")
        page = self.report("a", "b", "c")
        self.assertEqual(len(page.verdicts()), 3)
        plots = page.plots()
        self.assertEqual(plots["Loss, training"], [2, 3, 2])
        self.assertEqual(plots["Accuracy, test"], [2])
        self.assertEqual(plots["Loss above the best possible"], [2, 3])

    def test_the_same_run_twice(self):
        self.train("mlp", "--out", "a")
        self.assertEqual(len(self.report("a", "a").verdicts()), 2)

    def test_what_differs(self):
        for latent in (2, 5):
            self.train("autoencoder", "--latent", latent, "--seed", latent, "--out", f"l{latent}")
        page = self.report("l2", "l5")
        gaps = {run: metrics(self.here / run)[-1]["optimality_gap"] for run in ("l2", "l5")}
        best, worst = sorted(gaps, key=gaps.get)
        sentence = page.verdicts()[0]
        self.assertRegex(sentence, f"Nearest .* is {best}, [0-9.]+ % above it; farthest is {worst}, ")
        rows = {row[0]: row[1:] for row in page.rows(page.all("table")[0])}
        self.assertEqual(rows["--latent"], ["2", "5"])
        self.assertEqual(rows["--seed"], ["2", "5"])
        self.assertNotIn("--epochs", rows)
        self.assertEqual(rows["train loss"], [f"{metrics(self.here / run)[-1]['train_loss']:.5g}" for run in ("l2", "l5")])

    def test_classifiers_are_ranked_by_what_is_held_out(self):
        for seed in (1, 2):
            self.train("mlp", "--validation-fraction", 0.3, "--hidden", 2, "--seed", seed, "--out", f"s{seed}")
        kept = {run: min(metrics(self.here / run), key=lambda line: line["validation_loss"]) for run in ("s1", "s2")}
        values = {run: line["validation_accuracy"] for run, line in kept.items()}
        sentence = self.report("s1", "s2").verdicts()[0]
        self.assertIn(f"right on {100 * max(values.values()):.2f} % of them", sentence)
        self.assertIn(f"right on {100 * min(values.values()):.2f} %.", sentence)


class Sweep(ReportTest):
    def test_the_page_has_the_numbers_of_the_object(self):
        command = ("sweep", "mlp", "--data", self.data, "--epochs", 2, "--batch-size", 16, "--lr", "0.3,0.03", "--hidden", "4,8",
                   "--seeds", 2, "--out", "s & <w>", "--json")  # fmt: skip
        points = json.loads(self.run_program(*command).stdout)["points"]
        page = Page(self.here / "s & <w>/sweep.html")
        self.assert_self_contained(page)
        rows = page.rows(page.all("table")[0])
        column = rows[0].index("validation accuracy")
        for row, point in zip(rows[1:], points, strict=True):
            mean, deviation = point["validation_accuracy_mean"], point["validation_accuracy_deviation"]
            self.assertEqual(row[1], point["name"])
            self.assertEqual(row[column], f"{mean:.5g} ± {deviation:.2g}")
        self.assertIn(points[0]["name"], page.verdicts()[0])
        plots = page.plots()
        self.assertEqual(plots["By --lr"], [2, 2])
        self.assertEqual(plots["By --hidden"], [2, 2])
        self.assertIn("test set chose nothing", page.text())

    def test_failed_runs(self):
        command = ("sweep", "autoencoder", "--data", self.data, "--epochs", 2, "--lr", "1e30", "--latent", "2,3", "--out", "s")
        self.run_program(*command, expect=CHECK_FAILED)
        page = Page(self.here / "s/sweep.html")
        self.assertIn("none is the best", page.verdicts()[0])
        self.assertTrue(any("2 of 2 runs failed" in remark for remark in page.remarks()))


class Robustness(ReportTest):
    def test_hostile_names(self):
        name = "<script>alert(1)</script>&\"'\x1b[31m\udcff\u202e"
        data = self.here / ("data " + name.replace("/", ""))
        data.mkdir()
        classes = ["<b>", "&amp;", '"><img src=x onerror=alert(1)>']
        rows = "".join('"{}",{},{}\n'.format(classes[k % 3].replace('"', '""'), k % 3, k % 7) for k in range(30))
        for file in ("train.csv", "test.csv"):
            (data / file).write_text('label,"<i>",b\n' + rows)
        run = name.replace("/", "") + "/<run>"
        self.run_program("train", "mlp", "--data", data, "--epochs", 1, "--out", run, errors="surrogateescape")
        page = self.report(run)
        self.assertEqual(page.all("script") + page.all("b") + page.all("i"), [])
        for byte in ("\x1b", "\u202e"):
            self.assertNotIn(byte, page.source)
        self.assertIn("<script>alert(1)<script>&\"'␛[31m\ufffd\ufffd/<run>", page.texts("h1")[0])

    def test_ten_thousand_epochs(self):
        self.train("mlp", "--out", "run")
        lines = ({"epoch": e, "lr": 0.1 / e, "train_loss": 1 / e, "test_loss": 1 / e + 0.1} for e in range(1, 10001))
        (self.here / "run/metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        page = self.report("run")
        self.assertLess(len(page.bytes), 300_000)
        self.assertGreater(min(page.plots()["Loss"]), 100)


class BadInput(ReportTest):
    def test_refused(self):
        self.train("mlp", "--out", "run")
        self.assert_refused(USAGE, "RUN is missing", "report")
        self.assert_refused(USAGE, "--out", "report", "run")
        self.assert_refused(NO_INPUT, "nowhere", "report", "nowhere", "--out", "x.html")
        self.assert_refused(NO_INPUT, "nowhere", "report", "run", "nowhere", "--out", "x.html")
        self.assert_refused(NO_INPUT, "config.json", "report", ".", "--out", "x.html")
        self.assert_refused(NO_INPUT, "is a file", "report", "run/config.json", "--out", "x.html")
        self.assert_refused(NO_INPUT, "gone", "report", "run", "--data", "gone", "--out", "x.html")
        self.assert_refused(CANNOT_CREATE, "no/x.html", "report", "run", "--out", "no/x.html")
        (self.here / "run/model.safetensors").write_bytes(b"no weights")
        self.assert_refused(BAD_DATA, "model.safetensors", "report", "run", "--out", "x.html")
        (self.here / "run/config.json").write_text('{"lr": "fast"}')
        self.assert_refused(BAD_DATA, "run/config.json", "report", "run", "--out", "x.html")

    def test_a_page_is_replaced_as_a_whole(self):
        self.train("mlp", "--out", "run")
        (self.here / "page.html").write_text("before")
        self.report("run")
        os.chmod(self.here / "run/model.safetensors", 0o644)
        (self.here / "run/model.safetensors").write_bytes(b"no weights")
        before = (self.here / "page.html").read_bytes()
        self.run_program("report", "run", "--out", "page.html", expect=BAD_DATA)
        self.assertEqual((self.here / "page.html").read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
