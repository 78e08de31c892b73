"""Claims: each command of docs/EXERCISES.md accepts the answer given there as the gradient, refuses the wrong one, and says of
it what the document says."""

import pathlib
import re
import shlex
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import ProgramTest

DOCUMENT = (pathlib.Path(__file__).resolve().parents[2] / "docs/EXERCISES.md").read_text()
COMMANDS = dict(re.findall(r"^## (\d+)\. [^\n]*\n.*?^    handgrad ([^\n]*)$", DOCUMENT, re.MULTILINE | re.DOTALL))
ANSWERS = re.findall(r"^\| (\d+) \| `(.*?)` \| `(.*?)` \| (.*?) \|$", DOCUMENT, re.MULTILINE)


class Exercises(ProgramTest):
    def test_all_have_answers(self):
        self.assertGreaterEqual(len(COMMANDS), 12)
        self.assertEqual(sorted(COMMANDS), sorted(number for number, *_ in ANSWERS))

    def test_answers(self):
        for number, right, wrong, said in ANSWERS:
            for seed in (1, 2, 3):
                with self.subTest(number, seed=seed):
                    def ask(answer, expect):
                        words = [word.replace("ANSWER", answer) for word in shlex.split(COMMANDS[number])]
                        return self.run_program(*words, "--seed", seed, expect=expect).stdout

                    self.assertIn("F is the gradient", ask(right, 0))
                    self.assertIn(said, ask(wrong, 1))


if __name__ == "__main__":
    unittest.main()
