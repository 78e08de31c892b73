"""Claims: whatever a command prints on standard output arrives: a full disk and a closed stream fail with exit code 74, whoever
stops reading ends the program quietly, and a pipe that does not block loses nothing."""

import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import IO, OK, PROGRAM, ProgramTest, run, run_ok
from test_cli_usage import commands

F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", 1031)  # before Python 3.10 it has no name


class Output(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = cls.top / "runs"
        for model, size in (("mlp", "--hidden"), ("autoencoder", "--latent")):
            run_ok("train", model, "--data", cls.data, size, 3, "--epochs", 1, "--quiet", "--out", cls.runs / model)
        mlp, autoencoder = cls.runs / "mlp", cls.runs / "autoencoder"
        cls.printing = [
            *[[*command, "--help"] for command in commands()],
            ["--help"],
            ["help"],
            ["--version"],
            ["info"],
            ["info", "--json"],
            ["eval", mlp],
            ["eval", mlp, "--json"],
            ["eval", autoencoder],
            ["predict", mlp, cls.data],
            ["encode", autoencoder, cls.data],
            ["reconstruct", autoencoder, cls.data],
            ["optimum", "--data", cls.data, "--latent", "2,3"],
            ["gradcheck", "--data", cls.data],
            ["check", "--of", "W2", "--formula", "dz2*h'/N"],
            ["train", "mlp", "--data", cls.data, "--dry-run"],
        ]

    def assert_lost(self, words, **options):
        with self.subTest(words=words):
            done = run(*words, cwd=self.here, stderr=subprocess.PIPE, **options)
            self.assertEqual(done.returncode, IO, done.stderr)
            self.assertIn("standard output: writing failed", done.stderr)

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "w") as full:
            for words in self.printing:
                self.assert_lost(words, stdout=full)

    def test_a_closed_stream_is_an_error(self):
        """Of a file that is opened later and gets the same number nothing must be lost, either."""
        for words in self.printing:
            self.assert_lost(words, stdout=None, preexec_fn=lambda: os.close(1))
        codes = self.here / "codes.npy"
        done = run("encode", self.runs / "autoencoder", self.data, "--out", codes, stdout=None, stderr=subprocess.PIPE,
                   preexec_fn=lambda: [os.close(stream) for stream in range(3)])  # fmt: skip
        self.assertEqual(done.returncode, OK)
        self.run_program("encode", self.runs / "autoencoder", self.data, "--out", "again.npy")
        self.assertEqual(codes.read_bytes(), (self.here / "again.npy").read_bytes())

    def test_nobody_reads(self):
        for words in self.printing:
            with self.subTest(words=words):
                reading, writing = os.pipe()
                os.close(reading)
                done = run(*words, cwd=self.here, stdout=writing, stderr=subprocess.PIPE)
                os.close(writing)
                self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, ""))

    def test_a_pipe_that_does_not_block_loses_nothing(self):
        for words in (["reconstruct", self.runs / "autoencoder", self.data], ["train", "mlp", "--help"]):
            with self.subTest(words=words):
                expected = self.run_program(*words).stdout
                self.assertGreater(len(expected), 4096)
                reading, writing = os.pipe()
                fcntl.fcntl(writing, F_SETPIPE_SZ, 4096)
                os.set_blocking(writing, False)
                process = subprocess.Popen([PROGRAM, *map(str, words)], cwd=self.here, stdout=writing)
                os.close(writing)
                time.sleep(0.1)  # so that the pipe is full where there is more than fits; nothing depends on it
                with open(reading) as pipe:
                    written = pipe.read()
                self.assertEqual(process.wait(timeout=60), OK)
                self.assertEqual(written, expected)


if __name__ == "__main__":
    unittest.main()
