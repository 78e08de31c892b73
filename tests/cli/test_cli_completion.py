"""Claims: `handgrad complete` offers commands, every option that --help lists, the values that an option may have, and files
where a file is meant; with the scripts of completions/, bash and zsh, run on a terminal, complete what is typed."""

import os
import pathlib
import pty
import re
import select
import shutil
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BUILD, SOURCE, ProgramTest, run_ok

COMMANDS = run_ok("--help=commands").stdout.splitlines()
SHOW = "\x07"  # the key that prints the line as it stands


class Offered(ProgramTest):
    def offered(self, *words):
        return [line.split("\t")[0] for line in self.run_program("complete", *words).stdout.splitlines()]

    def test_commands(self):
        first = [name.split()[0] for name in COMMANDS]
        self.assertEqual(set(self.offered("")), {*first, "help", "--help", "--version"})
        self.assertEqual(self.offered("trai"), ["train"])
        self.assertEqual(self.offered("train", ""), ["mlp", "autoencoder"])
        self.assertEqual(self.offered("help", "train", "m"), ["mlp"])
        self.assertEqual(self.offered("no-such-command", ""), [])

    def test_every_option_of_the_help(self):
        for command in COMMANDS:
            listed = set(re.findall(r"^  (--[a-z0-9-]+)", run_ok(*command.split(), "--help").stdout, re.M))
            offered = self.offered(*command.split(), "--")
            self.assertEqual({name for name in listed if not name.startswith("--no-")} - set(offered), set(), command)
            self.assertEqual(len(offered), len(set(offered)), command)
            negated = self.offered(*command.split(), "--no-")
            self.assertEqual({name for name in listed if name.startswith("--no-")} - set(negated), set(), command)

    def test_values(self):
        self.assertEqual(self.offered("train", "mlp", "--lr-schedule", ""), ["constant", "cosine", "step"])
        self.assertEqual(self.offered("train", "mlp", "--lr-schedule", "st"), ["step"])
        self.assertEqual(self.offered("train", "mlp", "--epochs", ""), [])
        self.assertEqual(self.offered("train", "mlp", "--data", ""), [":files"])
        self.assertEqual(self.offered("check", "--formula", ""), [])
        self.assertEqual(self.offered("train", "mlp", "--epochs", "3", "--keep", ""), ["best", "last"])
        self.assertEqual(self.offered("train", "mlp", "--nesterov", "--keep", "l"), ["last"])

    def test_operands(self):
        self.assertEqual(self.offered("predict", ""), [":files"])
        self.assertEqual(self.offered("predict", "--count", "5", "runs/mlp", "im"), [":files"])
        self.assertEqual(self.offered("gradcheck", ""), ["mlp", "autoencoder"])
        self.assertEqual(self.offered("gradcheck", "--json", "a"), ["autoencoder"])
        self.assertEqual(self.offered("gradcheck", "mlp", "a"), [])


class Shell:
    """A shell on a terminal, with the completion loaded."""

    def __init__(self, command, setup, directory):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            os.environ.update(PATH=f"{BUILD}:{os.environ['PATH']}", TERM="dumb", HOME=str(directory), PS1="> ", LC_ALL="C")
            os.execvp(command[0], command)
        for line in setup:
            os.write(self.terminal, f"{line}\n".encode())
        self.read_until("ready\r?\n")

    def read_until(self, pattern):
        shown, deadline = "", time.monotonic() + 60
        while not (found := re.search(pattern, shown)):
            if not select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"waited for {pattern}, saw {shown!r}")
            shown += os.read(self.terminal, 4096).decode(errors="replace")
        return found

    def completed(self, typed):
        """The line after the completion key."""
        os.write(self.terminal, f"{typed}\t{SHOW}".encode())
        line = self.read_until(r"<<(.*?)>>")[1]
        os.write(self.terminal, b"\x15")  # clears it
        return line

    def close(self):
        os.write(self.terminal, b"\nexit\n")
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


class OnATerminal(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.here / "my run").mkdir()
        (self.here / "weights.safetensors").touch()

    def check(self, shell):
        self.addCleanup(shell.close)
        for typed, expected in (
            ("handgrad trai", "handgrad train "),
            ("handgrad train aut", "handgrad train autoencoder "),
            ("handgrad train mlp --lr-s", "handgrad train mlp --lr-schedule "),
            ("handgrad train mlp --lr-schedule cos", "handgrad train mlp --lr-schedule cosine "),
            ("handgrad train mlp --lr-schedule=cos", "handgrad train mlp --lr-schedule=cosine "),
            ("handgrad train mlp --init wei", "handgrad train mlp --init weights.safetensors "),
            ("handgrad train mlp --init=wei", "handgrad train mlp --init=weights.safetensors "),
            ("handgrad eval my", "handgrad eval my\\ run/"),
            ("handgrad train mlp --epochs wei", "handgrad train mlp --epochs wei"),
        ):
            self.assertEqual(shell.completed(typed), expected)

    @unittest.skipUnless(shutil.which("bash"), "bash is not here")
    def test_bash(self):
        self.check(Shell(["bash", "--norc", "--noprofile", "-i"], (
            f"source '{SOURCE}/completions/handgrad.bash'",
            "bind 'set enable-bracketed-paste off'",
            "show() { printf '<<%s>>' \"$READLINE_LINE\"; }",
            "bind -x '\"\\C-g\": show'",
            "echo re''ady",
        ), self.here))  # fmt: skip

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh(self):
        self.check(Shell(["zsh", "-f", "-i"], (
            "unsetopt zle_bracketed_paste; unset zle_bracketed_paste",
            f"fpath=('{SOURCE}/completions' $fpath); autoload -Uz compinit; compinit -u -D",
            "show() { print -rn -- \"<<$BUFFER>>\"; }",
            "zle -N show; bindkey '^G' show",
            "echo re''ady",
        ), self.here))  # fmt: skip


if __name__ == "__main__":
    unittest.main()
