"""Claims: whatever a run lacks, the page of `handgrad report` says so; nothing that comes from paths or data is taken for markup; a
page stays small however long a training was; bad input writes nothing."""

import json
import os
import pathlib
import shutil
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, CANNOT_CREATE, NO_INPUT, USAGE, metrics
from report_page import ReportTest


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

    def test_long_names_are_cut_between_characters(self):
        data = self.here / "long"
        data.mkdir()
        names = ["x" + "é" * 60, "é" * 60]  # two bytes each, from an even and from an odd place on
        for file in ("train.csv", "test.csv"):
            (data / file).write_text("label,a\n" + "".join(f"{names[k % 2]},{k % 2}\n" for k in range(20)))
        self.run_program("train", "mlp", "--data", data, "--epochs", 1, "--out", "run")
        page = self.report("run")
        self.assertNotIn("\ufffd", page.source)
        rows = page.rows(page.all("table", "confusion")[0])[1:]
        for k, row in enumerate(rows):
            self.assertRegex(row[0], f"^{('x', '')[k]}é{{30,}}…: {k}$")

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
