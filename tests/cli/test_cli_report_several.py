"""Claims: the page of `handgrad report` on several runs, and that of a sweep, compare by what was held out, with the numbers that
metrics.jsonl and --json have."""

import json
import pathlib
import re
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import CHECK_FAILED, metrics
from report_page import SVG, Page, ReportTest


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

    def test_a_run_looks_alike_in_every_plot(self):
        """Also where it is the only one, which then has its name in the legend."""
        for model, out in (("autoencoder", "a"), ("mlp", "b"), ("mlp", "c")):
            self.train(model, "--seed", 1 + (out == "c"), "--out", out)
        page = self.report("a", "b", "c")
        runs = {"c0 d0": "a", "c1 d1": "b", "c2 d2": "c"}
        seen = {}
        for plot in page.all("svg", "plot"):
            title = next(e.text for e in plot if e.tag == SVG + "title")
            if title == "Principal angles":
                break  # of one run, as all behind it
            drawn = [runs[e.get("class").removeprefix("line ")] for e in plot if e.get("class", "").startswith("line")]
            legend = {}
            for entry in plot.iter(SVG + "g"):
                name = entry.find(SVG + "title")
                if name is not None:
                    legend[name.text] = runs[entry.find(SVG + "path").get("class").removeprefix("line ")]
            self.assertEqual(legend, {name: name for name in drawn}, title)
            described = next(e.text for e in plot if e.tag == SVG + "desc")
            self.assertEqual([part.split(":")[0] for part in described.split("; ")], drawn)
            seen[title] = drawn
        self.assertEqual(seen["Loss, training"], ["a", "b", "c"])
        self.assertEqual(seen["Accuracy, test"], ["b", "c"])
        self.assertEqual(seen["Loss above the best possible"], ["a"])

    def test_rates_that_differ_in_a_late_digit_differ(self):
        for lr in ("0.1", "0.10000001"):
            self.train("mlp", "--lr", lr, "--out", lr)
        page = self.report("0.1", "0.10000001")
        rows = {row[0]: row[1:] for row in page.rows(page.all("table")[0])}
        self.assertEqual(rows["--lr"], ["0.1", "0.10000001"])

    def test_an_option_that_models_call_differently(self):
        self.train("autoencoder", "--latent", 5, "--out", "a")
        self.train("mlp", "--hidden", 6, "--out", "b")
        for order, name, sizes in (("ab", "--latent, --hidden", ["5", "6"]), ("ba", "--hidden, --latent", ["6", "5"])):
            page = self.report(*order)
            rows = {row[0]: row[1:] for row in page.rows(page.all("table")[0])}
            self.assertEqual(rows[name], sizes)
            self.assertEqual(rows["model"], [{"a": "autoencoder", "b": "mlp"}[run] for run in order])

    def test_the_same_run_twice(self):
        """It is no better than itself; without samples held out nothing is said of classifiers."""
        self.train("mlp", "--out", "a")
        page = self.report("a", "a")
        self.assertEqual(len(page.verdicts()), 2)
        self.assertEqual(page.texts("h2").count("Are the gradients right?"), 1)  # the same equations on the same data
        self.train("mlp", "--validation-fraction", 0.3, "--out", "b")
        self.assertIn("none is better than another", self.report("b", "b").verdicts()[0])
        self.run_program("optimum", "--data", self.data, "--latent", 5, "--out", "c")
        self.assertEqual(self.report("c", "c").verdicts()[0],
                         "Each is as near to the least possible loss as another, 0.00 % above it.")  # fmt: skip

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
        self.assertEqual(column, 3)  # what they are compared by, first of all the metrics
        for row, point in zip(rows[1:], points, strict=True):
            mean, deviation = point["validation_accuracy_mean"], point["validation_accuracy_deviation"]
            self.assertEqual(row[1], point["name"])
            self.assertEqual(row[column], f"{mean:.5g} ± {deviation:.2g}")
        self.assertIn(points[0]["name"], page.verdicts()[0])
        plots = page.plots()
        self.assertEqual(plots["By --lr"], [2, 2])
        for line in page.all("path", "line"):
            places = [float(x) for x in re.findall(r"[ML]([0-9.]+) ", line.get("d"))]
            self.assertEqual(places, sorted(places))  # 0.3 was given before 0.03
        self.assertEqual(plots["By --hidden"], [2, 2])
        self.assertIn("test set chose nothing", page.text())

    def test_failed_runs(self):
        command = ("sweep", "autoencoder", "--data", self.data, "--epochs", 2, "--lr", "1e30", "--latent", "2,3", "--out", "s")
        self.run_program(*command, expect=CHECK_FAILED)
        page = Page(self.here / "s/sweep.html")
        self.assertIn("none is the best", page.verdicts()[0])
        self.assertTrue(any("2 of 2 runs failed" in remark for remark in page.remarks()))

    def near(self, *arguments, expect=0):
        """The page on two points whose rates differ in the sixth digit."""
        command = ("sweep", "mlp", "--data", self.data, "--epochs", 2, "--hidden", 4, "--lr", "0.1,0.100001", "--out", "s")
        self.run_program(*command, *arguments, expect=expect)
        return Page(self.here / "s/sweep.html")

    def test_a_tie_is_called_one(self):
        remarks = self.near("--seeds", 1).remarks()
        self.assertIn("The second, lr=0.100001, is as good: it comes later in the grid.", remarks)

    def test_a_point_that_lacks_a_run_is_compared_with_none(self):
        for lr in ("0.1", "0.100001"):
            (self.here / f"s/lr={lr}").mkdir(parents=True)
            (self.here / f"s/lr={lr}/seed-3").write_text("in the way")
        page = self.near("--seeds", 3, expect=CHECK_FAILED)
        self.assertIn("none is the best", page.verdicts()[0])
        self.assertEqual([remark for remark in page.remarks() if "second" in remark], [])
        self.assertNotIn("handgrad train", page.text())

    def test_a_difference_within_the_spread_is_called_chance(self):
        """Of autoencoders, whose losses are no fractions of a few samples and never the same."""
        command = ("sweep", "autoencoder", "--data", self.data, "--epochs", 2, "--lr", "1e-4,1.001e-4", "--seeds", 3, "--out", "s")
        points = json.loads(self.run_program(*command, "--json").stdout)["points"]
        first, second = (point["validation_loss_mean"] for point in points)
        self.assertLess(first, second)
        self.assertLess(second - first, max(point["validation_loss_deviation"] for point in points))
        remarks = Page(self.here / "s/sweep.html").remarks()
        self.assertTrue(any("chance may have put" in r and points[1]["name"] in r for r in remarks), remarks)


if __name__ == "__main__":
    unittest.main()
