"""Claims: a sweep trains every combination with every seed, to the bit as a training of its own would; compares by what is
held out and never by the test set; means and deviations are NumPy's; a failing point does not end it; it goes on where a signal
or a kill ended it, repeats nothing that is done, and leaves no process behind; wrong use writes nothing."""

import csv
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import CANNOT_CREATE, CHECK_FAILED, NO_INPUT, PROGRAM, USAGE, ProgramTest, metrics, write_dataset


def children_in(directory):
    """Processes whose command line names the directory."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if os.fsencode(directory) in words:
            found.append(int(process.name))
    return found


class Sweep(ProgramTest):
    small = ("--epochs", 2, "--batch-size", 16)

    def sweep(self, *arguments, model="mlp", expect=0, out=None):
        out = out or self.here / "sweep"
        result = self.run_program(
            "sweep", model, "--data", self.data, *self.small, "--out", out, "--json", *arguments, expect=expect
        )
        return json.loads(result.stdout) if result.stdout else result

    def rows(self):
        with open(self.here / "sweep" / "results.csv", newline="") as file:
            return list(csv.DictReader(file))

    def test_every_combination_and_seed(self):
        report = self.sweep("--lr", "0.1,0.3", "--hidden", "4,8,12", "--seeds", 3, "--seed", 5)
        names = {f"hidden={hidden},lr={lr}" for lr in ("0.1", "0.3") for hidden in (4, 8, 12)}
        self.assertEqual({point["name"] for point in report["points"]}, names)
        rows = self.rows()
        self.assertEqual({(r["lr"], r["hidden"], r["seed"]) for r in rows},
                         {(lr, h, s) for lr in ("0.1", "0.3") for h in ("4", "8", "12") for s in ("5", "6", "7")})  # fmt: skip
        for point in report["points"]:
            config = json.loads(pathlib.Path(point["config"]).read_text())
            self.assertEqual(f"hidden={config['hidden']},lr={config['lr']}", point["name"])
            self.assertEqual(config["validation_fraction"], 0.1)

    def test_mean_and_sample_deviation(self):
        for model, size in (("mlp", "--hidden"), ("autoencoder", "--latent")):
            with self.subTest(model=model):
                out = self.here / model
                report = self.sweep(size, "2,4", "--seeds", 4, model=model, out=out)
                for point in report["points"]:
                    runs = [metrics(out / point["name"] / f"seed-{seed}") for seed in range(1, 5)]
                    kept = [min(run, key=lambda line: line["validation_loss"]) for run in runs]
                    for name in ("validation_loss", "test_loss", "train_loss"):
                        values = numpy.array([line[name] for line in kept])
                        # Rounding of sums of four numbers.
                        numpy.testing.assert_allclose(point[f"{name}_mean"], values.mean(), rtol=1e-14)
                        numpy.testing.assert_allclose(point[f"{name}_deviation"], values.std(ddof=1), rtol=1e-9)
                        self.assertEqual((point[f"{name}_least"], point[f"{name}_most"]), (values.min(), values.max()))

    def test_one_seed_has_no_deviation(self):
        point = self.sweep()["points"][0]
        self.assertIn("validation_loss_mean", point)
        self.assertNotIn("validation_loss_deviation", point)

    def test_runs_are_those_of_training_to_the_bit(self):
        self.sweep("--lr", "0.1,0.2", "--seeds", 2)
        for lr in ("0.1", "0.2"):
            for seed in (1, 2):
                self.run_program("train", "mlp", "--data", self.data, *self.small, "--validation-fraction", 0.1, "--lr", lr,
                                 "--seed", seed, "--threads", 1, "--out", f"alone-{lr}-{seed}")  # fmt: skip
                alone = (self.here / f"alone-{lr}-{seed}" / "model.safetensors").read_bytes()
                swept = (self.here / "sweep" / f"lr={lr}" / f"seed-{seed}" / "model.safetensors").read_bytes()
                self.assertEqual(alone, swept)

    def test_the_test_set_never_chooses(self):
        """Labels of the test set are turned round, so that the better a point has learnt, the worse it is there."""
        data = write_dataset(self.here / "turned", train=200, test=100, classes=2)
        labels = data / "t10k-labels-idx1-ubyte"
        content = labels.read_bytes()
        labels.write_bytes(content[:8] + bytes(1 - label for label in content[8:]))
        out = self.here / "sweep"
        result = self.run_program("sweep", "mlp", "--data", data, "--hidden", 8, "--epochs", 5, "--lr", "1e-6,0.3", "--out", out, "--json")  # fmt: skip
        best, worst = json.loads(result.stdout)["points"]
        self.assertEqual((best["name"], worst["name"]), ("lr=0.3", "lr=1e-06"))
        self.assertGreater(best["validation_accuracy_mean"], worst["validation_accuracy_mean"])
        self.assertLess(best["test_accuracy_mean"], worst["test_accuracy_mean"])
        self.assertIn("test set", result.stderr)

    def test_a_failing_point_is_shown_and_ends_nothing(self):
        report = self.sweep("--lr", "1e30,0.1", "--seeds", 2, expect=CHECK_FAILED)
        good, bad = report["points"]
        self.assertEqual((good["name"], good["finished"], good["failed"]), ("lr=0.1", 2, 0))
        self.assertEqual((bad["name"], bad["finished"], bad["failed"]), ("lr=1e+30", 0, 2))
        self.assertIn("diverged", bad["reason"])
        self.assertEqual([row["state"] for row in self.rows()], ["failed", "failed", "finished", "finished"])

    def test_finished_runs_are_not_repeated_and_a_grid_may_grow(self):
        self.sweep("--lr", "0.1,0.2")
        run = self.here / "sweep" / "lr=0.1" / "seed-1"
        before = {path.name: path.stat().st_mtime_ns for path in run.iterdir()}
        report = self.sweep("--lr", "0.1,0.2,0.3", "--seeds", 2)
        self.assertEqual([point["finished"] for point in report["points"]], [2, 2, 2])
        self.assertEqual({path.name: path.stat().st_mtime_ns for path in run.iterdir()}, before)
        result = self.sweep("--lr", "0.1", "--lr", "0.1,0.2", "--momentum", 0.5, expect=CANNOT_CREATE)
        self.assertIn("momentum", result.stderr)

    def test_numbers_are_told_apart_to_the_bit(self):
        rates = ["0.1", "0.10000001", "1e-05"]
        report = self.sweep("--lr", ",".join(rates), "--momentum", 0.5)
        self.assertEqual(sorted(point["name"] for point in report["points"]), [f"lr={lr}" for lr in rates])
        self.assertEqual([row["lr"] for row in self.rows()], rates)
        result = self.sweep("--lr", "0.1", "--lr", "0.1,0.2", "--momentum", 0.50000001, expect=CANNOT_CREATE)
        self.assertIn("momentum=0.5, not 0.50000001", result.stderr)

    def start_long(self):
        """A sweep of which two runs are under way, each with an epoch done."""
        data = write_dataset(self.here / "long", train=2000, side=16)
        self.command = [PROGRAM, "sweep", "mlp", "--data", data, "--backend", "reference", "--hidden", "64,96", "--epochs", "12",
                        "--checkpoint-every", "1", "--jobs", "2", "--out", self.here / "sweep", "--json"]  # fmt: skip
        self.runs = [self.here / "sweep" / f"hidden={hidden}" / "seed-1" for hidden in (64, 96)]
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not all((run / "model.safetensors").exists() for run in self.runs):
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        return process

    def wait_for_no_children(self):
        end = time.monotonic() + 60
        while children_in(self.here / "sweep"):
            self.assertLess(time.monotonic(), end, "orphans")
            time.sleep(0.01)

    def goes_on(self):
        """The same command ends what was begun: as many epochs as an undisturbed training, and its weights."""
        done = subprocess.run(self.command, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([point["finished"] for point in json.loads(done.stdout)["points"]], [1, 1])
        for run in self.runs:
            self.assertEqual([line["epoch"] for line in metrics(run)], list(range(1, 13)))
            config = run.parent / "config.json"
            alone = self.here / run.parent.name
            self.run_program("train", "mlp", "--config", config, "--seed", 1, "--threads", 1, "--out", alone)
            self.assertEqual((alone / "model.safetensors").read_bytes(), (run / "model.safetensors").read_bytes())

    def test_interrupted_it_saves_and_goes_on(self):
        process = self.start_long()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 128 + signal.SIGINT)
        self.assertEqual(children_in(self.here / "sweep"), [])
        self.goes_on()

    def test_killed_it_leaves_no_orphans_and_goes_on(self):
        process = self.start_long()
        process.kill()
        process.wait()
        self.wait_for_no_children()
        for run in self.runs:
            self.assertLess(len(metrics(run)), 12)  # saved and ended, not trained to the end without a parent
        self.goes_on()

    def test_one_sweep_at_a_time(self):
        process = self.start_long()
        second = subprocess.run(self.command, capture_output=True, text=True, timeout=60)
        self.assertEqual(second.returncode, CANNOT_CREATE)
        self.assertIn(str(self.here / "sweep"), second.stderr)
        process.terminate()
        self.assertEqual(process.wait(timeout=60), 128 + signal.SIGTERM)

    def test_wrong_use_writes_nothing(self):
        command = ("sweep", "mlp", "--data", self.data, "--out", "sweep")
        for named, *arguments in (
            ("--lr", "--lr", "0.1,abc"), ("--lr", "--lr", "0.1,"), ("--lr", "--lr", "0.1,-1"), ("--hidden", "--hidden", "8,0"),
            ("twice", "--lr", "0.1,0.10"), ("--seeds", "--seeds", 0), ("--seed", "--seed", "1,2"), ("10000", "--seeds", 9999, "--lr", "1,2"),
            ("--validation-fraction", "--validation-fraction", "0,0.1"), ("--warmup-epochs", "--epochs", "1,9", "--warmup-epochs", 2),
        ):  # fmt: skip
            with self.subTest(arguments=arguments):
                self.assert_refused(USAGE, named, *command, *arguments)
        self.assert_refused(USAGE, "--out", "sweep", "mlp", "--data", self.data)
        self.assert_refused(NO_INPUT, "nowhere", "sweep", "mlp", "--data", "nowhere", "--out", "sweep")
        self.assert_refused(USAGE, "--lr", "train", "mlp", "--data", self.data, "--lr", "0.1,0.3")


if __name__ == "__main__":
    unittest.main()
