"""Claims: nobody's work is lost or mixed. A run has one writer at a time; default names and one --out are won by one
process; a run can be resumed from its first moment on, however its process ended; a failed training takes away what it
made and nothing else; what is not finite never replaces what is."""

import hashlib
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import CANNOT_CREATE, CHECK_FAILED, PROGRAM, USAGE, ProgramTest, metrics, read_safetensors

LONG = ["--epochs", "100000", "--hidden", "32", "--batch-size", "4", "--backend", "cpu", "--threads", "1"]


class SafetyTest(ProgramTest):
    def start(self, *arguments):
        """A process in self.here, ended with the test."""
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.here, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, path):
        deadline = time.monotonic() + 60
        while not (self.here / path).exists():
            self.assertLess(time.monotonic(), deadline, f"{path} does not come")
            time.sleep(0.01)


class OneWriter(SafetyTest):
    def test_a_second_resume_is_refused_with_the_first_ones_number(self):
        self.train("mlp", "--out", "run")
        first = self.start("resume", "run", "--epochs", 1000000, "--threads", 1)
        self.wait_for("run/.lock")
        while not (self.here / "run/.lock").read_text():
            time.sleep(0.01)
        while len(metrics(self.here / "run")) == 2:  # its signals are answered from its first epoch on
            time.sleep(0.01)
        lines = len(metrics(self.here / "run"))
        refused = self.run_program("resume", "run", "--epochs", 3, expect=CANNOT_CREATE)
        self.assertIn(f"process {first.pid} ", refused.stderr)
        self.assertGreaterEqual(len(metrics(self.here / "run")), lines)
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(60), 143)
        epochs = [line["epoch"] for line in metrics(self.here / "run")]
        self.assertEqual(epochs, list(range(1, len(epochs) + 1)))
        self.assertFalse((self.here / "run/.lock").exists())

    def test_the_lock_of_a_killed_process_is_gone(self):
        process = self.start("train", "mlp", "--data", self.data, "--out", "run", *LONG)
        self.wait_for("run/metrics.jsonl")
        process.kill()
        process.wait()
        self.run_program("resume", "run", "--epochs", 100001, "--steps", 1)

    def test_sixteen_starts_have_sixteen_runs(self):
        started = [self.start("train", "mlp", "--data", self.data, "--epochs", 1, "--hidden", 4, "--quiet") for _ in range(16)]
        for process in started:
            self.assertEqual(process.wait(120), 0, process.stderr.read())
        runs = list((self.here / "runs").iterdir())
        self.assertEqual(len(runs), 16)
        for run in runs:
            self.assertEqual(len(metrics(run)), 1, run)

    def test_one_out_is_won_once(self):
        for attempt in range(4):
            pair = [self.start("train", "mlp", "--data", self.data, "--epochs", 2, "--out", f"run{attempt}", "--seed", seed,
                               "--quiet") for seed in (1, 2)]  # fmt: skip
            codes = sorted(process.wait(120) for process in pair)
            self.assertEqual(codes, [0, CANNOT_CREATE])
            self.assertEqual(len(metrics(self.here / f"run{attempt}")), 2)


class Resumable(SafetyTest):
    def test_a_run_killed_before_its_first_epoch_ended(self):
        whole = [*LONG[:1], "3", *LONG[2:]]
        self.run_program("train", "mlp", "--data", self.data, "--out", "undisturbed", *whole)
        process = self.start("train", "mlp", "--data", self.data, "--out", "killed", *whole)
        self.wait_for("killed/checkpoint.safetensors")
        process.kill()
        process.wait()
        self.run_program("resume", "killed")
        self.assertEqual((self.here / "killed/model.safetensors").read_bytes(),
                         (self.here / "undisturbed/model.safetensors").read_bytes())  # fmt: skip

    def test_the_first_checkpoint_holds_the_first_weights(self):
        self.train("autoencoder", "--out", "run", "--steps", 1, "--lr", "1e-30", "--warmup-epochs", 0)
        trained = read_safetensors(self.here / "run/model.safetensors")["encoder.weight"]
        process = self.start("train", "autoencoder", "--data", self.data, "--out", "killed", "--latent", 5, "--epochs", 100000,
                             "--checkpoint-every", 0)  # fmt: skip
        self.wait_for("killed/metrics.jsonl")
        process.kill()
        process.wait()
        self.assertEqual(read_safetensors(self.here / "killed/checkpoint.safetensors")["encoder.weight"], trained)
        self.assertFalse((self.here / "killed/model.safetensors").exists(), "weights that never learnt are no model")


class NothingElseIsTaken(SafetyTest):
    DIVERGES = ["--lr", "1e30", "--warmup-epochs", 0, "--momentum", 0]

    def test_a_directory_of_the_users_own_survives(self):
        run = self.here / "mine"
        run.mkdir()
        (run / "notes.txt").write_text("dear diary")
        result = self.train("autoencoder", "--out", "mine", *self.DIVERGES, expect=CHECK_FAILED)
        self.assertIn("diverged", result.stderr)
        self.assertEqual([path.name for path in run.iterdir()], ["notes.txt"])
        self.train("autoencoder", "--out", "mine")
        self.assertEqual((run / "notes.txt").read_text(), "dear diary")

    def test_an_empty_directory_of_the_users_own_survives(self):
        (self.here / "mine").mkdir()
        self.train("autoencoder", "--out", "mine", *self.DIVERGES, expect=CHECK_FAILED)
        self.assertEqual(list((self.here / "mine").iterdir()), [])

    def test_what_was_made_is_taken_away(self):
        self.train("autoencoder", "--out", "run", *self.DIVERGES, expect=CHECK_FAILED)
        self.assertFalse((self.here / "run").exists())

    def test_a_run_that_failed_before_it_learnt_stays_when_it_was_there(self):
        process = self.start("train", "autoencoder", "--data", self.data, "--out", "run", "--latent", 5, "--epochs", 1000000,
                             "--checkpoint-every", 0)  # fmt: skip
        self.wait_for("run/checkpoint.safetensors")
        process.kill()
        process.wait()
        run = self.here / "run"
        config = json.loads((run / "config.json").read_text())
        (run / "config.json").write_text(json.dumps({**config, "lr": 1e30, "warmup_epochs": 0, "momentum": 0}))
        self.assertIn("diverged", self.run_program("resume", "run", expect=CHECK_FAILED).stderr)
        self.assertTrue((run / "config.json").exists() and (run / "checkpoint.safetensors").exists())

    def test_a_directory_of_pictures_takes_no_other_file_away(self):
        self.train("autoencoder", "--out", "run")
        self.run_program("reconstruct", "run", self.data, "--count", 3, "--out", "pictures")
        (self.here / "pictures/notes.txt").write_text("dear diary")
        self.assert_refused(CANNOT_CREATE, "notes.txt", "reconstruct", "run", self.data, "--out", "pictures")
        self.assertEqual(len(list((self.here / "pictures").iterdir())), 4)

    def test_no_file_of_a_run_is_written_over(self):
        for name in ("config.json", "metrics.jsonl", "checkpoint.safetensors", "model.safetensors", "best.safetensors"):
            run = self.here / name.split(".")[0]
            run.mkdir()
            (run / name).write_text("mine")
            message = self.assert_refused(CANNOT_CREATE, name, "train", "mlp", "--data", self.data, "--out", run)
            self.assertIn("would be overwritten", message)
            self.assertEqual((run / name).read_text(), "mine")


class Ruined(SafetyTest):
    """A step to 1e38 in the last step of all: its loss is that of the weights before, and fine."""

    LAST_STEP = ["--epochs", 2, "--batch-size", 0, "--momentum", 0, "--lr-schedule", "constant", "--warmup-epochs", 0,
                 "--weight-decay", 0]  # fmt: skip

    def test_good_weights_are_not_replaced(self):
        for model in ("mlp", "autoencoder"):
            self.train(model, "--out", model, *self.LAST_STEP, "--lr", "1e-3", "--no-test")
            run = self.here / model
            before = {name: (run / name).read_bytes() for name in ("model.safetensors", "checkpoint.safetensors")}
            config = json.loads((run / "config.json").read_text())
            (run / "config.json").write_text(json.dumps({**config, "lr": 1e38, "epochs": 3}))
            result = self.run_program("resume", run, expect=CHECK_FAILED)
            self.assertIn("diverged in epoch 3", result.stderr)
            self.assertIn("the checkpoint after epoch 2 is kept", result.stderr)
            for name, content in before.items():
                self.assertEqual((run / name).read_bytes(), content, f"{model}: {name}")


class Overfitting(SafetyTest):
    """On labels that have nothing to do with the images the validation loss soon rises."""

    OVERFITS = ["--validation-fraction", 0.4, "--lr", 0.5, "--lr-schedule", "constant", "--warmup-epochs", 0, "--momentum", 0]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        labels = cls.data / "train-labels-idx1-ubyte"
        content = labels.read_bytes()
        labels.write_bytes(content[:8] + bytes(random.Random(3).choices(range(4), k=len(content) - 8)))


class Best(Overfitting):
    def best_epoch(self, run):
        return min(metrics(self.here / run), key=lambda line: line["validation_loss"])["epoch"]

    def tensors(self, run, name="model.safetensors"):
        """What tells files of tensors apart, short enough to read in a failure."""
        content = repr(sorted(read_safetensors(self.here / run / name).items()))
        return hashlib.sha256(content.encode()).hexdigest()

    def test_the_best_weights_are_kept(self):
        result = self.train("mlp", *self.OVERFITS, "--out", "long", "--epochs", 60, "--json")
        best = self.best_epoch("long")
        self.assertLess(best, 60, "this data does not overfit: the test shows nothing")
        summary = json.loads(result.stdout)
        self.assertEqual(summary["kept_epoch"], best)
        self.assertEqual(summary["kept_test_loss"], metrics(self.here / "long")[best - 1]["test_loss"])
        self.train("mlp", *self.OVERFITS, "--out", "short", "--epochs", best, "--keep", "last")
        self.assertEqual(self.tensors("long"), self.tensors("short"))
        self.assertEqual(self.tensors("long", "best.safetensors"), self.tensors("short"))
        evaluated = json.loads(self.run_program("eval", "long", "--json").stdout)
        self.assertAlmostEqual(evaluated["loss"], summary["kept_test_loss"], places=5)  # float32, summed in another order

    def test_the_last_weights_on_request(self):
        self.train("mlp", *self.OVERFITS, "--out", "run", "--epochs", 60)
        self.run_program("resume", "run", "--keep", "last")
        self.assertNotEqual(self.tensors("run"), self.tensors("run", "best.safetensors"))
        self.run_program("resume", "run", "--keep", "best")
        self.assertEqual(self.tensors("run"), self.tensors("run", "best.safetensors"))

    def test_without_validation_the_test_set_does_not_choose(self):
        self.train("mlp", "--out", "run", "--lr", 0.5, "--epochs", 60)
        self.assertFalse((self.here / "run/best.safetensors").exists())

    def test_the_best_survives_a_resume(self):
        self.train("mlp", *self.OVERFITS, "--out", "whole", "--epochs", 60)
        best = self.best_epoch("whole")
        self.train("mlp", *self.OVERFITS, "--out", "parts", "--epochs", best + 5)
        self.run_program("resume", "parts", "--epochs", 60)
        self.assertEqual(self.tensors("parts"), self.tensors("whole"))


class Hints(Overfitting):
    """What the summary proposes can be pasted into a shell, and does what it says."""

    def epochs_after(self, output):
        (hint,) = [line for line in output.splitlines() if "handgrad resume" in line]
        command = hint[hint.index("handgrad resume") :].removeprefix("handgrad")
        subprocess.run(["sh", "-c", f"{PROGRAM}{command} --quiet"], cwd=self.here, check=True, capture_output=True)
        return len(metrics(self.here / "my 'run'"))

    def test_each_kind_of_end(self):
        for options in (["--epochs", 3], ["--epochs", 30, "--steps", 8], [*self.OVERFITS, "--epochs", 60, "--early-stopping", 1]):
            finished = self.train("mlp", "--out", "my 'run'", *options).stdout
            before = len(metrics(self.here / "my 'run'"))
            nothing = self.run_program("resume", "my 'run'").stdout
            self.assertIn("Nothing to do", nothing)
            after = self.epochs_after(finished)
            self.assertGreater(after, before, options)
            shutil.rmtree(self.here / "my 'run'")
            self.train("mlp", "--out", "my 'run'", *options)
            self.assertEqual(self.epochs_after(nothing), after, options)
            shutil.rmtree(self.here / "my 'run'")

    def test_no_test_is_remembered(self):
        self.train("mlp", "--out", "run", "--no-test")
        self.run_program("resume", "run", "--epochs", 3)
        self.assertNotIn("test_loss", metrics(self.here / "run")[2])
        self.run_program("resume", "run", "--epochs", 4, "--test")
        self.assertIn("test_loss", metrics(self.here / "run")[3])
        self.train("mlp", "--out", "both", "--no-test", "--test")  # the last one counts
        self.assertIn("test_loss", metrics(self.here / "both")[0])

    def test_results_do_not_replace_what_they_are_made_of(self):
        self.train("mlp", "--out", "run")
        self.run_program("predict", "run", self.data, "--probabilities", "--out", "p.csv")
        (self.here / "x.csv").write_text("0," * 63 + "0\n")
        before = (self.here / "x.csv").read_text()
        for out in ("x.csv", "./x.csv"):
            self.run_program("predict", "run", "x.csv", "--out", out, expect=USAGE)
        self.assertEqual((self.here / "x.csv").read_text(), before)

    def test_results_do_not_replace_files_of_the_run(self):
        self.train("mlp", "--out", "run")
        before = {path.name: path.read_bytes() for path in (self.here / "run").iterdir()}
        for command in (["predict", "run", self.data, "--out", "run/metrics.jsonl"],
                        ["predict", "./run/", self.data, "--out", "run/lr-find.csv"],
                        ["export", "run", "--format", "c", "--out", "run/checkpoint.safetensors"],
                        ["report", "run", "--out", "run/config.json"]):  # fmt: skip
            message = self.run_program(*command, expect=USAGE).stderr
            self.assertIn("is a file of the run itself", message)
            self.assertEqual({path.name: path.read_bytes() for path in (self.here / "run").iterdir()}, before, command)


if __name__ == "__main__":
    unittest.main()
