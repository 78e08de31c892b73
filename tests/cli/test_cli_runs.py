"""Claims: a run's files are complete; one seed gives one result, bit for bit; a run that was stopped, between epochs or
within one, by either signal, goes on to the very weights of a run that was not; config.json brings a run back."""

import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import PROGRAM, ProgramTest, metrics, read_metadata, read_safetensors, write_dataset, write_safetensors

MOMENTUM = ["--momentum", "0.9", "--weight-decay", "0.001", "--lr", "0.01"]


class RunTest(ProgramTest):
    def weights(self, run):
        return (self.here / run / "model.safetensors").read_bytes()

    def checkpoint_numbers(self, run):
        tensors = read_safetensors(self.here / run / "checkpoint.safetensors")
        return {
            name: struct.unpack("<Q" if dtype == "U64" else "<d", data)[0]
            for name, (dtype, shape, data) in tensors.items()
            if shape == []
        }


class Files(RunTest):
    def test_mlp(self):
        self.train("mlp", "--out", "deep/run")
        run = self.here / "deep/run"
        self.assertEqual(
            sorted(path.name for path in run.iterdir()),
            ["checkpoint.safetensors", "config.json", "metrics.jsonl", "model.safetensors"],
        )
        model = {name: (dtype, shape) for name, (dtype, shape, _) in read_safetensors(run / "model.safetensors").items()}
        self.assertEqual(
            model,
            {
                "fc1.weight": ("F32", [12, 64]),
                "fc1.bias": ("F32", [12]),
                "fc2.weight": ("F32", [4, 12]),
                "fc2.bias": ("F32", [4]),
            },
        )
        lines = metrics(run)
        self.assertEqual([(line["epoch"], line["step"]) for line in lines], [(1, 4), (2, 8)])
        for key in ("train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds", "samples_per_second"):
            self.assertGreaterEqual(lines[1][key], 0, key)

    def test_autoencoder(self):
        self.train("autoencoder", "--validation-fraction", "0.25")
        run = self.here / "runs/autoencoder"
        self.assertEqual(read_safetensors(run / "model.safetensors")["encoder.weight"][:2], ("F32", [5, 64]))
        for key in ("train_loss", "test_loss", "validation_loss", "optimality_gap"):
            self.assertGreater(metrics(run)[0][key], 0, key)

    def test_what_the_data_chose_can_be_given(self):
        for model, keys in (("mlp", ("lr", "input_scale")), ("autoencoder", ("lr",))):
            self.train(model, "--out", f"{model}-chosen")
            config = json.loads((self.here / f"{model}-chosen" / "config.json").read_text())
            given = [word for key in keys for word in (f"--{key.replace('_', '-')}", config[key])]
            self.train(model, "--out", f"{model}-given", *given)
            self.assertEqual(self.weights(f"{model}-given"), self.weights(f"{model}-chosen"))

    def test_nesterov_without_momentum_is_plain(self):
        for nesterov in ("--nesterov", "--no-nesterov"):
            self.train("mlp", "--out", f"run{nesterov}", "--momentum", 0, nesterov)
        self.assertEqual(self.weights("run--nesterov"), self.weights("run--no-nesterov"))

    def test_default_names_count_up(self):
        for expected in ("runs/mlp", "runs/mlp-2", "runs/mlp-3"):
            self.assertEqual(json.loads(self.train("mlp", "--json").stdout)["run"], expected)

    def test_config_brings_the_run_back(self):
        self.train("autoencoder", "--out", "first", "--seed", 5, "--gradient", "decoder", "--no-shuffle", *MOMENTUM)
        self.run_program("train", "autoencoder", "--config", "first/config.json", "--out", "second")
        self.assertEqual(self.weights("second"), self.weights("first"))
        self.run_program("train", "autoencoder", "--config", "first/config.json", "--out", "third", "--seed", 6)
        self.assertNotEqual(self.weights("third"), self.weights("first"))


class Paths(RunTest):
    def test_a_path_that_is_not_utf_8(self):
        """It comes back from config.json, and what is printed as JSON is JSON."""
        data, out = os.fsencode(self.here) + b"/caf\xe9 100 %", os.fsdecode(b"r\xe9")
        shutil.copytree(os.fsencode(self.data), data)

        def json_of(*arguments):
            printed = self.run_program(*arguments, "--json", errors="surrogateescape").stdout
            return json.loads(printed.encode("utf-8"))  # which fails where the bytes are no UTF-8

        options = ["--epochs", 1, "--hidden", 4, "--data", os.fsdecode(data), "--out", out]
        self.assertEqual(json_of("train", "mlp", *options)["run"], "r\ufffd")
        config = json.loads((self.here / out / "config.json").read_bytes().decode("utf-8"))
        self.assertEqual(config["data"], "file:" + urllib.parse.quote_from_bytes(os.path.realpath(data)))
        self.assertEqual(json_of("resume", out, "--epochs", 2)["epochs"], 2)
        json_of("eval", out)


class Reproducible(RunTest):
    def test_one_seed_gives_one_result(self):
        for model in ("mlp", "autoencoder"):
            for name, seed in (("a", 3), ("b", 3), ("c", 4)):
                self.train(model, "--out", f"{model}-{name}", "--seed", seed, *MOMENTUM)
            self.assertEqual(self.weights(f"{model}-a"), self.weights(f"{model}-b"))
            self.assertNotEqual(self.weights(f"{model}-a"), self.weights(f"{model}-c"))

    def test_steps_and_limit(self):
        self.train("mlp", "--out", "run", "--steps", 3)
        self.assertEqual(metrics(self.here / "run")[-1]["step"], 3)
        self.train("mlp", "--out", "limited", "--limit", 20)
        self.assertEqual(metrics(self.here / "limited")[-1]["step"], 4)


class Resumed(RunTest):
    def test_between_epochs(self):
        for model in ("mlp", "autoencoder"):
            constant = [*MOMENTUM, "--lr-schedule", "constant"]
            self.train(model, "--out", f"{model}-whole", "--epochs", 4, *constant)
            self.train(model, "--out", f"{model}-part", "--epochs", 2, *constant)
            self.run_program("resume", f"{model}-part", "--epochs", 4)
            self.assertEqual(self.weights(f"{model}-part"), self.weights(f"{model}-whole"))
            whole, part = (
                [{k: v for k, v in line.items() if "seconds" not in k and "samples" not in k} for line in metrics(run)]
                for run in (self.here / f"{model}-whole", self.here / f"{model}-part")
            )
            self.assertEqual(part, whole)
            self.assertEqual(json.loads((self.here / f"{model}-part" / "config.json").read_text())["epochs"], 4)

    def test_another_number_of_threads_is_said(self):
        one = {"env": {**os.environ, "OMP_NUM_THREADS": "1"}}  # what --threads 0 then means
        self.train("mlp", "--out", "run", "--backend", "cpu", "--threads", 2)
        self.assertEqual(self.checkpoint_numbers("run")["threads"], 2)
        said = self.run_program("resume", "run", "--epochs", 3, "--threads", 0, **one).stderr
        self.assertIn("trained with 2 threads so far, and goes on with 1", said)
        self.assertIn("--threads=2 would go on as before", said)
        self.assertNotIn("threads so far", self.run_program("resume", "run", "--epochs", 4, **one).stderr)

        checkpoint = self.here / "run/checkpoint.safetensors"  # as version 0.2 wrote it
        tensors = read_safetensors(checkpoint)
        del tensors["threads"]
        write_safetensors(checkpoint, tensors, read_metadata(checkpoint))
        self.assertNotIn("threads so far", self.run_program("resume", "run", "--epochs", 5, "--threads", 2).stderr)

        self.train("mlp", "--out", "plain", "--backend", "reference", "--threads", 2)
        self.assertNotIn("threads so far", self.run_program("resume", "plain", "--epochs", 3, "--threads", 1).stderr)

    def test_a_finished_run_is_left_alone(self):
        self.train("mlp", "--out", "run")
        before = self.weights("run")
        self.assertIn("--epochs", self.run_program("resume", "run").stdout)
        self.assertEqual(self.weights("run"), before)


class Stopped(RunTest):
    """Epochs that take a while: large layers, and one thread of the plainest backend."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.large = write_dataset(cls.top / "large", train=1500, side=16)

    def command(self, model, out):
        size = ["--hidden", "256"] if model == "mlp" else ["--latent", "64"]
        return [
            PROGRAM, "train", model, *size, "--data", self.large, "--backend", "reference", "--epochs", "2",
            "--batch-size", "20", "--out", out, *MOMENTUM,
        ]  # fmt: skip

    def stop(self, model, number, delay):
        """Sends the signal some seconds after training has begun. Returns the steps done of the epoch under way."""
        process = subprocess.Popen(
            self.command(model, "stopped"), cwd=self.here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while not process.stderr.readline().startswith("run "):
            self.assertIsNone(process.poll())
        time.sleep(delay)
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 128 + number, err)
        self.assertIn("handgrad resume stopped", err.splitlines()[-1])
        self.assertEqual(out, "")
        return self.checkpoint_numbers("stopped")["step_in_epoch"]

    def check(self, model, number):
        subprocess.run(self.command(model, "whole"), cwd=self.here, capture_output=True, check=True, timeout=120)
        epoch = metrics(self.here / "whole")[0]["seconds"]
        # Where the machine is busy the signal may hit the end of an epoch, or all be over: then once more.
        for delay in (0.5 * epoch, 0.3 * epoch, 0.1 * epoch, 0):
            if self.stop(model, number, delay):
                break
            shutil.rmtree(self.here / "stopped")
        else:
            self.fail("no signal came within an epoch")
        self.run_program("resume", "stopped")
        self.assertEqual(self.weights("stopped"), self.weights("whole"))
        self.assertEqual([line["epoch"] for line in metrics(self.here / "stopped")], [1, 2])
        self.assertEqual(
            [line["train_loss"] for line in metrics(self.here / "stopped")],
            [line["train_loss"] for line in metrics(self.here / "whole")],
        )

    def test_by_interrupt(self):
        self.check("mlp", signal.SIGINT)

    def test_by_termination(self):
        self.check("autoencoder", signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
