"""Claims: every signal that may end a training saves it first, and it goes on to the weights of an undisturbed run; results
that a signal cuts off leave the file of before and nothing else; what was ignored when the program started stays ignored;
output that nobody reads, or that a limit cuts off, loses no run."""

import os
import pathlib
import resource
import signal
import subprocess
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import IO, PROGRAM, ProgramTest, idx, metrics

EPOCHS = 400
OPTIONS = ["--epochs", EPOCHS, "--hidden", 24, "--batch-size", 4, "--backend", "cpu", "--threads", 1, "--checkpoint-every", 0]


class Signals(ProgramTest):
    def start(self, *arguments, **options):
        process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)], cwd=self.here, stdin=subprocess.DEVNULL, text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )  # fmt: skip
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def train(self, run, **options):
        return self.start("train", "mlp", "--data", self.data, "--out", run, *OPTIONS, **options)

    def wait_for_epochs(self, process, run, epochs=2):
        """Until that many epochs have ended; not later than the run itself, or there is nothing to disturb."""
        path = self.here / run / "metrics.jsonl"
        while not path.exists() or len(path.read_text().splitlines()) < epochs:
            self.assertIsNone(process.poll(), "the training was over before the signal")
            time.sleep(0.005)

    def model(self, run):
        return (self.here / run / "model.safetensors").read_bytes()

    def test_each_saves_the_run(self):
        undisturbed = self.train("undisturbed")
        self.assertEqual(undisturbed.wait(120), 0, undisturbed.stderr.read())
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGXCPU, 152)):
            with self.subTest(number.name):
                run = number.name
                process = self.train(run)
                self.wait_for_epochs(process, run)
                process.send_signal(number)
                self.assertEqual(process.wait(60), code)
                self.assertIn(f"Go on with: handgrad resume {run}", process.stderr.read())
                self.assertLess(len(metrics(self.here / run)), EPOCHS)
                self.run_program("resume", run, "--quiet")
                self.assertEqual(self.model(run), self.model("undisturbed"))
                self.assertEqual([line["epoch"] for line in metrics(self.here / run)], list(range(1, EPOCHS + 1)))

    def test_results_are_whole_or_as_before(self):
        rows = 2_000_000  # of zeros that take no room on the disk, and seconds to write as text or as pictures
        (self.here / "many").write_bytes(idx([], rows, 8, 8))
        os.truncate(self.here / "many", 16 + 64 * rows)
        self.run_program("train", "mlp", "--data", self.data, "--out", "mlp", "--epochs", 1, "--hidden", 4)
        self.run_program("train", "autoencoder", "--data", self.data, "--out", "autoencoder", "--epochs", 1, "--latent", 4)
        cases = (("predict", "mlp", "out.csv", signal.SIGINT, 130), ("encode", "autoencoder", "out.csv", signal.SIGTERM, 143),
                 ("reconstruct", "autoencoder", "out.csv", signal.SIGHUP, 129),
                 ("reconstruct", "autoencoder", "pictures", signal.SIGINT, 130))  # fmt: skip
        for command, run, out, number, code in cases:
            with self.subTest(f"{command} --out {out}"):
                if out == "out.csv":
                    (self.here / out).write_bytes(b"of before")
                before = {path.name for path in self.here.iterdir()}
                process = self.start(command, run, "many", "--out", out)
                begun = lambda path: any(path.iterdir()) if path.is_dir() else path.stat().st_size > 0  # noqa: E731
                while not any(begun(path) for path in self.here.glob(f"{out}.tmp-*")):
                    self.assertIsNone(process.poll(), "the results were written before the signal")
                    time.sleep(0.005)
                process.send_signal(number)
                self.assertEqual(process.wait(60), code)
                self.assertIn(f"stopped by a signal before {out} was complete", process.stderr.read())
                self.assertEqual({path.name for path in self.here.iterdir()}, before)
                if out == "out.csv":
                    self.assertEqual((self.here / out).read_bytes(), b"of before")

    def test_what_is_ignored_stays_ignored(self):
        process = self.train("run", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))  # as nohup does
        self.wait_for_epochs(process, "run")
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(120), 0, process.stderr.read())
        self.assertEqual(len(metrics(self.here / "run")), EPOCHS)

    def test_readers_may_leave(self):
        """train ... 2>&1 | head: the pipe is closed, the training is not."""
        read_end, write_end = os.pipe()
        process = self.train("run", stdout=write_end, stderr=write_end)
        os.close(write_end)
        self.wait_for_epochs(process, "run")
        os.close(read_end)
        self.assertIn(process.wait(120), (0, IO))  # IO: the summary could not be printed
        self.assertEqual(len(metrics(self.here / "run")), EPOCHS)
        self.assertIn("Nothing to do", self.run_program("resume", "run").stdout)

    def test_a_limit_on_the_size_of_files(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))  # noqa: E731
        process = self.train("run", preexec_fn=limit)
        self.assertEqual(process.wait(60), IO)
        self.assertIn("File too large", process.stderr.read())
        self.assertFalse((self.here / "run").exists(), "a run that could not begin leaves nothing")

        self.run_program("train", "mlp", "--data", self.data, "--out", "whole", *OPTIONS[2:], "--epochs", 2)
        before = self.model("whole")
        process = self.start("resume", "whole", "--epochs", 4, preexec_fn=limit)
        self.assertEqual(process.wait(60), IO)
        self.assertEqual(self.model("whole"), before)
        self.assertEqual(sorted(path.name for path in (self.here / "whole").iterdir()),
                         ["checkpoint.safetensors", "config.json", "metrics.jsonl", "model.safetensors"])  # fmt: skip
        self.run_program("resume", "whole", "--epochs", 4)

        process = self.start("predict", "whole", self.data, "--probabilities", "--out", "p.csv",
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))  # fmt: skip
        self.assertEqual(process.wait(60), IO)
        self.assertEqual([path.name for path in self.here.iterdir() if path.name.startswith("p.csv")], [])

    def test_two_signals_end_at_once(self):
        process = self.train("run")
        self.wait_for_epochs(process, "run")
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        self.assertIn(process.wait(60), (130, -signal.SIGTERM, -signal.SIGINT, 143))
        self.run_program("resume", "run", "--quiet")


if __name__ == "__main__":
    unittest.main()
