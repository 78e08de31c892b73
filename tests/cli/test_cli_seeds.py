"""Claims: train --seeds N makes the runs that N trainings with those seeds make, to the bit; mean and spread are NumPy's; a run that
fails ends none of the others, and the same command goes on with what is missing; a directory of several runs is no run."""

import csv
import json
import pathlib
import sys
import unittest

import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, CANNOT_CREATE, CHECK_FAILED, NO_INPUT, USAGE, ProgramTest, idx, metrics


class Seeds(ProgramTest):
    def seeds(self, *arguments, model="mlp", **options):
        return json.loads(self.train(model, "--json", *arguments, **options).stdout)

    def test_runs_are_those_of_training(self):
        for model in ("mlp", "autoencoder"):
            with self.subTest(model=model):
                report = self.seeds("--seeds", 3, "--seed", 7, "--out", model, model=model)
                self.assertEqual([run["seed"] for run in report["runs"]], [7, 8, 9])
                for run in report["runs"]:
                    self.train(model, "--seed", run["seed"], "--threads", 1, "--out", f"{model}-{run['seed']}")
                    alone = self.here / f"{model}-{run['seed']}" / "model.safetensors"
                    self.assertEqual(alone.read_bytes(), (self.here / run["run"] / "model.safetensors").read_bytes())

    def test_mean_and_spread(self):
        for extra in ([], ["--validation-fraction", 0.2]):
            for model in ("mlp", "autoencoder"):
                with self.subTest(model=model, extra=extra):
                    report = self.seeds("--seeds", 4, *extra, model=model)
                    lines = [metrics(self.here / run["run"]) for run in report["runs"]]
                    # The epoch whose weights are kept: the best by what is held out, else the last.
                    kept = [min(run, key=lambda line: line["validation_loss"]) if extra else run[-1] for run in lines]
                    for name in ("train_loss", "test_loss", *(["test_accuracy"] if model == "mlp" else ["optimality_gap"])):
                        values = numpy.array([line[name] for line in kept])
                        # Rounding of sums of four numbers.
                        numpy.testing.assert_allclose(report[f"{name}_mean"], values.mean(), rtol=1e-14)
                        numpy.testing.assert_allclose(report[f"{name}_deviation"], values.std(ddof=1), rtol=1e-9, atol=1e-16)
                        self.assertEqual((report[f"{name}_least"], report[f"{name}_most"]), (values.min(), values.max()))

    def test_the_table(self):
        text = self.train("mlp", "--seeds", 3, "--out", "run").stdout
        with open(self.here / "run" / "results.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        values = numpy.array([float(row["test_accuracy"]) for row in rows])
        line = next(line for line in text.splitlines() if line.startswith("test_accuracy"))
        shown = [float(word) for word in line.replace("%", "").split()[1:]]
        expected = [100 * number for number in (values.mean(), values.std(ddof=1), values.min(), values.max())]
        numpy.testing.assert_allclose(shown, expected, atol=0.00501)  # two decimals are shown
        self.assertEqual(list((self.here / "run").glob("seed-*.finished")).__len__(), 3)

    def test_a_failing_seed_ends_nothing_and_is_tried_again(self):
        (self.here / "run").mkdir()
        (self.here / "run" / "seed-2").write_text("in the way")
        report = self.seeds("--seeds", 3, "--out", "run", expect=CHECK_FAILED)
        self.assertEqual([run["state"] for run in report["runs"]], ["finished", "failed", "finished"])
        self.assertEqual((report["finished"], report["failed"]), (2, 1))
        kept = self.here / "run" / "seed-1" / "model.safetensors"
        before = kept.stat().st_mtime_ns
        (self.here / "run" / "seed-2").unlink()
        report = self.seeds("--seeds", 4, "--out", "run")
        self.assertEqual([run["state"] for run in report["runs"]], ["finished"] * 4)
        self.assertEqual(kept.stat().st_mtime_ns, before)

    def test_from_a_config(self):
        self.train("mlp", "--hidden", 6, "--out", "first")
        self.run_program("train", "mlp", "--config", "first/config.json", "--seeds", 2, "--out", "more")
        config = json.loads((self.here / "more" / "seed-2" / "config.json").read_text())
        self.assertEqual((config["hidden"], config["seed"]), (6, 2))

    def test_without_a_name_it_takes_the_next(self):
        for name in ("runs/mlp", "runs/mlp-2"):
            report = self.seeds("--seeds", 2)
            self.assertEqual([run["run"] for run in report["runs"]], [f"{name}/seed-1", f"{name}/seed-2"])

    def test_a_directory_of_runs_is_no_run(self):
        self.seeds("--seeds", 2, "--out", "several")
        self.train("mlp", "--out", "one")
        self.assert_refused(NO_INPUT, "several/seed-1", "resume", "several")
        self.assert_refused(CANNOT_CREATE, "one", "train", "mlp", "--data", self.data, "--seeds", 2, "--out", "one")
        self.assert_refused(CANNOT_CREATE, "several", "train", "mlp", "--data", self.data, "--out", "several")
        self.assert_refused(CANNOT_CREATE, "momentum", "train", "mlp", "--data", self.data, "--epochs", 2,
                            "--batch-size", 16, "--hidden", 12, "--seeds", 2, "--out", "several", "--momentum", 0.5)  # fmt: skip

    def test_dry_run(self):
        plan = self.seeds("--seeds", 3, "--dry-run", "--out", "run")
        self.assertEqual((plan["seeds"], plan["run"]), (3, "run"))
        self.assertIn("run/seed-4 to seed-6", self.train("mlp", "--seeds", 3, "--seed", 4, "--dry-run", "--out", "run").stdout)
        self.assertEqual(list(self.here.iterdir()), [])

    def test_wrong_use_writes_nothing(self):
        train = ("train", "mlp", "--data", self.data)
        self.assert_refused(USAGE, "--seeds", *train, "--seeds", 0)
        self.assert_refused(USAGE, "--jobs", *train, "--jobs", 2)
        self.assert_refused(USAGE, "--limit", *train, "--seeds", 2, "--limit", 10**6)
        self.assert_refused(USAGE, "--latent", "train", "autoencoder", "--data", self.data, "--seeds", 2, "--latent", 65)


class UnfitData(ProgramTest):
    """What no run could be trained on is refused once, at the start."""

    def write(self, name, count, labels):
        data = self.here / name
        data.mkdir()
        for part in ("train", "t10k"):
            (data / f"{part}-images-idx3-ubyte").write_bytes(idx(bytes(range(count * 4)), count, 2, 2))
            (data / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels, count))
        return data

    def test_refused_at_once(self):
        one_class = self.write("one-class", 10, [0] * 10)
        one_sample = self.write("one-sample", 1, [1])
        for start in (("sweep", "mlp", "--out", "out"), ("train", "mlp", "--seeds", 2, "--out", "out")):
            self.assert_refused(BAD_DATA, "two classes", *start, "--data", one_class)
        self.assert_refused(USAGE, "--validation-fraction", "sweep", "mlp", "--out", "out", "--data", one_sample)
        self.assert_refused(USAGE, "--limit", "sweep", "mlp", "--out", "out", "--data", self.data, "--limit", "20,61")


class GivenRates(ProgramTest):
    def test_a_sweep_says_what_the_data_would_choose(self):
        """The same rates with and without it, and no word where there is nothing to say."""
        self.train("mlp", "--out", "auto")
        scale = json.loads((self.here / "auto" / "config.json").read_text())["input_scale"]
        sweep = ("sweep", "mlp", "--data", self.data, "--epochs", 1, "--hidden", 4)
        self.assertIn(f"multiplied by {scale:g}", self.run_program(*sweep, "--lr", "0.1,0.2", "--out", "a").stderr)
        for number, arguments in enumerate((["--lr", "0.1,0.2", "--input-scale", "auto"], ["--momentum", "0.5,0.9"], ["--lr", "auto,find"])):
            self.assertNotIn("multiplied", self.run_program(*sweep, *arguments, "--out", f"b{number}").stderr)
        config = json.loads((self.here / "b0" / "lr=0.1" / "seed-1" / "config.json").read_text())
        self.assertEqual((config["lr"], config["input_scale"]), (0.1, scale))


if __name__ == "__main__":
    unittest.main()
