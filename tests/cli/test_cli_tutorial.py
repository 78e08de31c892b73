"""Claim: every command of docs/TUTORIAL.md runs, in the order in which it stands there, and prints what stands below it.

A line "..." stands for any lines. Whole numbers must be the same. Numbers with a decimal point are compared by form alone, since
floats are added in another order on another machine, and times are what they are; so are numbers of bytes and speeds."""

import pathlib
import re
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import MNIST, PROGRAM, SKIPPED, SOURCE, ProgramTest, build_setting

DOCUMENT = (SOURCE / "docs" / "TUTORIAL.md").read_text()
PAUSE = "..."


def sessions():
    """(command, lines of its output), in order."""
    found = []
    for line in DOCUMENT.splitlines():
        if line.startswith("    $ "):
            found.append((line[6:], []))
            open_block = True
        elif line.startswith("    ") and found and open_block:
            found[-1][1].append(line[4:].rstrip())
        elif line.strip():
            open_block = False
        elif found and open_block:
            found[-1][1].append("")
    return [(command, trim(lines)) for command, lines in found]


def trim(lines):
    while lines and not lines[-1]:
        lines.pop()
    return lines


def form(line):
    line = re.sub(r"[\d.]+[kM]? samples/s", "# samples/s", line)
    line = re.sub(r"\d+:\d\d\b", "#", line)  # a time left
    line = re.sub(r"\d+ (KiB|bytes)", "# bytes", line)
    line = re.sub(r",[01]$", ",#", line)  # a probability that is rounded to a whole number
    return re.sub(r"\d*\.\d+(e[-+]\d+)?|\d+e[-+]\d+", "#", line)


def matches(expected, actual):
    """Both lists of lines, PAUSE in `expected` standing for any."""
    if not expected:
        return not actual
    if expected[0] == PAUSE:
        return any(matches(expected[1:], actual[skipped:]) for skipped in range(len(actual) + 1))
    return bool(actual) and form(expected[0]) == form(actual[0]) and matches(expected[1:], actual[1:])


class Tutorial(ProgramTest):
    def test_every_command_and_output(self):
        for name in ("data", "docs", "examples"):
            (self.here / name).symlink_to(SOURCE / name)
        commands = self.here / ".bin"
        commands.mkdir()
        (commands / "handgrad").symlink_to(PROGRAM)
        environment = {"PATH": f"{commands}:/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.here)}
        self.assertGreater(len(sessions()), 12)
        for command, expected in sessions():
            done = subprocess.run(["sh", "-c", command], cwd=self.here, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)  # fmt: skip
            text = done.stdout.replace(f"{self.here}/", "").replace(f"{SOURCE}/", "")
            actual = trim([line.rstrip() for line in text.splitlines()])
            if not matches(expected, actual):
                self.fail(f"{command}\nexit code {done.returncode}\n" + "\n".join(actual) + "\n\ninstead of\n\n" + "\n".join(expected))


if __name__ == "__main__":
    if not (MNIST / "train-images-idx3-ubyte.gz").exists():
        print("data/mnist is not here")
        sys.exit(SKIPPED)
    if build_setting("HANDGRAD_CUDA") == "EMULATED":
        print("an emulated GPU takes so long that progress is shown where a reader sees none")
        sys.exit(SKIPPED)
    unittest.main()
