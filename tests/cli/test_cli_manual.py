"""Claims: there is a manual page of the program and of each command, made from the same tables as --help: it has all that
--help has, shows formulas and examples as they are typed, and neither mandoc nor man finds a fault in it."""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BUILD, USAGE, ProgramTest, run_ok

COMMANDS = run_ok("--help=commands").stdout.splitlines()


def words(text):
    return re.sub(r"\s+", " ", text)


class Manual(ProgramTest):
    def pages(self):
        """Of each command, and of the program, "": its page and its --help."""
        for name in ("", *COMMANDS):
            yield name, *(self.run_program(*name.split(), form).stdout for form in ("--help=man", "--help"))

    def shown(self, page):
        """The page as a terminal of any width shows it."""
        done = subprocess.run(["mandoc", "-Tutf8", "-Owidth=200"], input=page, capture_output=True, text=True, check=True)
        return re.sub(".\b", "", done.stdout)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not here")
    def test_it_says_what_help_says(self):
        for name, page, text in self.pages():
            if name:
                shown = words(self.shown(page))
                for line in text.splitlines()[4:]:
                    self.assertIn(words(line).strip(), shown, f"{name}: {line}")

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not here")
    def test_mandoc_finds_no_fault(self):
        for name, page, _ in self.pages():
            done = subprocess.run(["mandoc", "-Tlint", "-Wwarning"], input=page, capture_output=True, text=True, check=False)
            self.assertEqual((done.stdout, done.stderr), ("", ""), name)

    @unittest.skipUnless(shutil.which("man"), "man is not here")
    def test_man_finds_no_fault(self):
        for name, page, _ in self.pages():
            (self.here / "page.1").write_text(page)
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-Tutf8", "-l", "page.1"], cwd=self.here,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # fmt: skip
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    def test_the_build_has_every_page(self):
        pages = {path.name.split(".1")[0] for path in (BUILD / "man").glob("*.1*")}
        self.assertEqual(pages, {"handgrad", *("handgrad-" + name.replace(" ", "-") for name in COMMANDS)})

    def test_a_form_that_is_none(self):
        self.assert_refused(USAGE, "--help", "eval", "--help=pdf")


if __name__ == "__main__":
    unittest.main()
