"""Claims: nobody's work is lost or mixed. A run has one writer at a time; default names and one --out are won by one
process; a run can be resumed from its first moment on, however its process ended; a failed training takes away what it
made and nothing else; what is not finite never replaces what is."""

import json
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import CANNOT_CREATE, CHECK_FAILED, PROGRAM, ProgramTest, metrics, read_safetensors

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


if __name__ == "__main__":
    unittest.main()
