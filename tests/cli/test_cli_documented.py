"""Claims: README.md and docs/FORMULAS.md quote what the program answers. Each quoted command is run; each quoted line stands
in its output, in the quoted order.

Words are compared as they are. Numbers may differ by what another processor's or BLAS's roundings can change: 1e-3 after
thousands of steps of training, and one digit of a number that is itself a rounding error, below 1e-10, tells nothing."""

import itertools
import pathlib
import re
import shlex
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import ProgramTest, build_setting, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUNDING = 1e-10
# Blocks that stand under a sentence that names their command, instead of under the command itself.
NAMED = {"    Backward: what that changes L by": "check --explain"}


def quotations(document):
    """(command, lines) of each indented block of output."""
    blocks = re.split(r"\n(?! {4})[^\n]*(?=\n)", (ROOT / document).read_text())
    for block in blocks:
        lines = [line for line in block.splitlines() if line.startswith("    ")]
        if not lines:
            continue
        if lines[0].startswith("    $ handgrad "):
            yield lines[0].removeprefix("    $ handgrad "), [line[4:] for line in lines[1:]]
        elif lines[0] in NAMED:
            yield NAMED[lines[0]], [line[4:] for line in lines]


def same(quoted, actual, tolerance):
    try:
        a, b = (float(word.strip("(),;%")) for word in (quoted, actual))
    except ValueError:
        return quoted == actual
    return abs(a - b) <= tolerance * max(abs(a), abs(b)) or max(abs(a), abs(b)) < ROUNDING


def matches(quoted, actual, tolerance):
    """A quoted line may leave out the end of the actual one, and its own "..." what a terminal's width decides."""
    words = list(itertools.takewhile(lambda word: word != "...", quoted.split()))
    given = actual.split()
    return len(words) <= len(given) and all(same(a, b, tolerance) for a, b in zip(words, given, strict=False))


class Documented(ProgramTest):
    def hold(self, document):
        count = 0
        for command, lines in quotations(document):
            words = shlex.split(command)
            count += 1
            if words[0] == "train" and build_setting("HANDGRAD_SANITIZE"):
                continue  # minutes
            tolerance = 1e-3 if words[0] == "train" else 1e-6
            result = run(*words, cwd=self.here)
            output = iter(result.stdout.splitlines() + result.stderr.splitlines())
            for line in lines:
                with self.subTest(document=document, command=command):
                    seen, output = itertools.tee(output)
                    found = any(matches(line, actual, tolerance) for actual in output)
                    self.assertTrue(found, f"{line!r} does not follow in\n" + "\n".join(seen))
        return count

    def test_readme(self):
        self.assertGreaterEqual(self.hold("README.md"), 1)

    def test_formulas(self):
        self.assertGreaterEqual(self.hold("docs/FORMULAS.md"), 3)


if __name__ == "__main__":
    unittest.main()
