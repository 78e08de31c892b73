"""Claims: whatever call of the operating system fails, or is the last before the process is killed, nothing that was
saved is lost. A killed run opens, and resuming it, however often that is killed too, ends in the files of an undisturbed
run: the same weights to the bit, every epoch once in metrics.jsonl, nothing else left. A call that fails ends the program
with a documented exit code and the system's words for the reason; the files from before are intact, and no part of a
file is left. Interrupted and short writes are gone on with."""

import errno
import os
import pathlib
import random
import shutil
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BUILD, CANNOT_CREATE, IO, NO_INPUT, OK, ProgramTest, metrics, run

FAULTS = BUILD / "tests" / "libhg_faults.so"
KILLED = -9
MOST_CALLS = 2000  # far more than any command here makes: a test that reaches it does not end otherwise
TIMES = ("seconds", "samples_per_second", "eta_seconds")

MODELS = {
    "mlp": ["--hidden", 12, "--momentum", 0.9, "--validation-fraction", 0.3],
    "autoencoder": ["--latent", 5, "--momentum", 0.5, "--lr-schedule", "cosine"],
}


class FaultTest(ProgramTest):
    def with_fault(self, fault, *arguments):
        """The finished process, and the call that the fault struck; None where there were fewer calls."""
        log = self.here / "struck"
        log.unlink(missing_ok=True)
        # A library that is loaded first is what the address sanitizer takes for a mistake.
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        environment = {**os.environ, "LD_PRELOAD": str(FAULTS), "HANDGRAD_FAULT": fault, "HANDGRAD_FAULT_LOG": str(log),
                       "ASAN_OPTIONS": options}  # fmt: skip
        done = run(*arguments, cwd=self.here, env=environment)
        return done, log.read_text().split() if log.exists() else None

    def each_call(self, kind, *arguments, before=lambda: None):
        """Runs the command once for each of its calls, which meets the fault; yields the process and the call."""
        for number in range(1, MOST_CALLS):
            before()
            done, struck = self.with_fault(f"{kind}:{number}", *arguments)
            if not struck:
                self.assertGreater(number, 1, "no call was counted: is the library of faults loaded?")
                self.assertEqual(done.returncode, OK, done.stderr)
                return
            yield done, f"{kind} at call {number}, {' '.join(struck)}"
        self.fail("the command makes calls without end")

    def training(self, model, out):
        return ["train", model, "--data", self.data, "--out", out, "--epochs", 3, "--batch-size", 16, "--threads", 1,
                "--backend", "cpu", *MODELS[model]]  # fmt: skip

    def contents(self, name):
        """What a run is: every file but for the times in metrics.jsonl, and for where config.json says its data are."""
        directory = self.here / name
        found = {path.name: path.read_bytes() for path in directory.iterdir()}
        found["metrics.jsonl"] = [{k: v for k, v in line.items() if k not in TIMES} for line in metrics(directory)]
        if "checkpoint.safetensors" in found:
            del found["checkpoint.safetensors"]  # holds the seconds of its epoch
        return found

    def undisturbed(self, model):
        self.run_program(*self.training(model, "undisturbed"))
        return self.contents("undisturbed")

    def remove(self, name):
        shutil.rmtree(self.here / name, ignore_errors=True)

    def finish(self, model, where):
        """Resumes the run, or trains it where the process was killed before there was one."""
        done = run("resume", "run", cwd=self.here)
        if done.returncode == NO_INPUT and not (self.here / "run/config.json").exists():
            done = run(*self.training(model, "run"), cwd=self.here)
        self.assertEqual(done.returncode, OK, f"{where}: {done.stderr}")


class Killed(FaultTest):
    def killed_at_every_call(self, model):
        expected = self.undisturbed(model)
        for done, where in self.each_call("kill", *self.training(model, "run"), before=lambda: self.remove("run")):
            self.assertEqual(done.returncode, KILLED, where)
            self.finish(model, where)
            self.assertEqual(self.contents("run"), expected, where)

    def test_classifier(self):
        self.killed_at_every_call("mlp")

    def test_autoencoder(self):
        self.killed_at_every_call("autoencoder")

    def test_while_it_is_resumed(self):
        """A run whose first process was killed after its first epoch."""
        expected = self.undisturbed("mlp")
        for call in range(20, 200):
            self.remove("begun")
            done, _ = self.with_fault(f"kill:{call}", *self.training("mlp", "begun"))
            self.assertEqual(done.returncode, KILLED)
            if (self.here / "begun/metrics.jsonl").exists() and len(metrics(self.here / "begun")) == 1:
                break

        def again():
            self.remove("run")
            shutil.copytree(self.here / "begun", self.here / "run")

        for done, where in self.each_call("kill", "resume", "run", before=again):
            self.assertEqual(done.returncode, KILLED, where)
            self.finish("mlp", where)
            self.assertEqual(self.contents("run"), expected, where)

    def test_again_and_again(self):
        source = random.Random(11)
        for model in MODELS:
            self.remove("undisturbed")
            expected = self.undisturbed(model)
            for repetition in range(8):
                self.remove("run")
                kills = 0
                while True:
                    begun = (self.here / "run/config.json").exists()
                    command = ["resume", "run"] if begun else self.training(model, "run")
                    done, struck = self.with_fault(f"kill:{source.randrange(1, 200)}", *command)
                    if not struck:
                        break
                    kills += 1
                self.assertEqual(done.returncode, OK, done.stderr)
                self.assertEqual(self.contents("run"), expected, f"{model}, repetition {repetition}, {kills} kills")


class Failing(FaultTest):
    ERRORS = ("ENOSPC", "EIO")
    CODES = (NO_INPUT, CANNOT_CREATE, IO)

    def assert_failed_in_words(self, done, error, where):
        self.assertIn(done.returncode, self.CODES, f"{where}: {done.stderr}")
        self.assertIn(os.strerror(getattr(errno, error)), done.stderr.splitlines()[-1], where)

    def test_training_leaves_nothing_or_everything(self):
        expected = self.undisturbed("mlp")
        kept, best_alone = 0, 0  # how often weights were there, and model.safetensors not yet
        for error in self.ERRORS:
            for done, where in self.each_call(error, *self.training("mlp", "run"), before=lambda: self.remove("run")):
                if done.returncode == OK:  # closing a file that was read, removing the lock: nothing depends on it
                    (self.here / "run/.lock").unlink(missing_ok=True)
                    self.assertEqual(self.contents("run"), expected, where)
                    continue
                self.assert_failed_in_words(done, error, where)
                if "is kept in run" not in done.stderr and "are kept in run" not in done.stderr:
                    self.assertFalse((self.here / "run").exists(), where)
                    continue
                kept += 1
                left = {path.name: path.read_bytes() for path in (self.here / "run").iterdir() if path.name != ".lock"}
                self.assertLessEqual(left.keys(), expected.keys() | {"checkpoint.safetensors"}, where)
                best_alone += "model.safetensors" not in left
                self.assertEqual(left["best.safetensors"], expected["best.safetensors"], where)
                self.assertEqual(left.get("model.safetensors", expected["model.safetensors"]), expected["model.safetensors"], where)
                self.run_program("resume", "run")
                self.assertEqual(self.contents("run"), expected, where)
        self.assertGreater(kept, best_alone, "no call came after model.safetensors")
        self.assertGreater(best_alone, 0, "no call came between best.safetensors and model.safetensors")

    def test_a_resumed_run_keeps_what_it_had(self):
        self.run_program(*self.training("mlp", "begun"))
        self.run_program("resume", "begun", "--epochs", 5)
        expected = self.contents("begun")
        self.remove("begun")
        self.run_program(*self.training("mlp", "begun"))

        def again():
            self.remove("run")
            shutil.copytree(self.here / "begun", self.here / "run")

        for error in self.ERRORS:
            for done, where in self.each_call(error, "resume", "run", "--epochs", 5, before=again):
                if done.returncode != OK:
                    self.assert_failed_in_words(done, error, where)
                    self.assertEqual([path.name for path in (self.here / "run").iterdir() if ".tmp" in path.name], [], where)
                    self.run_program("resume", "run", "--epochs", 5)
                (self.here / "run/.lock").unlink(missing_ok=True)
                self.assertEqual(self.contents("run"), expected, where)

    def test_results_are_written_whole_or_not_at_all(self):
        for model in MODELS:
            self.run_program(*self.training(model, model))
        self.run_program("encode", "autoencoder", self.data, "--out", "codes.npy", "--threads", 1)
        commands = {
            "digits.onnx": ["export", "mlp", "--out"],
            "digits.h": ["export", "mlp", "--out"],
            "digits.safetensors": ["export", "mlp", "--out"],
            "classes.csv": ["predict", "mlp", self.data, "--threads", 1, "--out"],
            "codes.npy": ["encode", "autoencoder", self.data, "--threads", 1, "--out"],
            "sheet.png": ["reconstruct", "autoencoder", self.data, "--threads", 1, "--out"],
        }
        for name, command in commands.items():
            out = self.here / name
            self.run_program(*command, name)
            expected = out.read_bytes()
            files = {path.name for path in self.here.iterdir()} | {"struck"}
            for error in self.ERRORS:
                for done, where in self.each_call(error, *command, name, before=lambda: out.write_bytes(b"of before")):
                    if done.returncode != OK:
                        self.assert_failed_in_words(done, error, where)
                        # A directory that cannot be synchronised is noticed after the file was replaced.
                        self.assertIn(out.read_bytes(), (b"of before", expected), where)
                    else:
                        self.assertEqual(out.read_bytes(), expected, where)
                    self.assertLessEqual({path.name for path in self.here.iterdir()}, files, where)


class Interrupted(FaultTest):
    def test_short_writes_and_interruptions_change_nothing(self):
        expected = self.undisturbed("mlp")
        for kind in ("short", "EINTR"):
            for done, where in self.each_call(kind, *self.training("mlp", "run"), before=lambda: self.remove("run")):
                if where.split()[4] in ("write", "fsync", "close"):  # the others are not interrupted on Linux
                    self.assertEqual(done.returncode, OK, f"{where}: {done.stderr}")
                    (self.here / "run/.lock").unlink(missing_ok=True)
                    self.assertEqual(self.contents("run"), expected, where)


if __name__ == "__main__":
    unittest.main()
