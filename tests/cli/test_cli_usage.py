"""Claims: --help of every command teaches and exits 0; every wrong use exits 64, names the culprit and says what to do
instead; --json is one object, --quiet is quiet; what is a result goes to standard output, what is progress to standard
error."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import CANNOT_CREATE, CHECK_FAILED, IO, NO_INPUT, PROGRAM, SOURCE, USAGE, ProgramTest, write_dataset


def commands():
    """Every command, as the words of its name: those that the overview lists."""
    overview = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    listed = overview.split("[arguments]\n", 1)[1].split("\nhandgrad COMMAND", 1)[0]
    return [name.split() for name in re.findall("^  (.*?)  ", listed, re.MULTILINE)]


def documented_options():
    """The rows of docs/OPTIONS.md: usage, key in config.json, values, default, meaning."""
    lines = (SOURCE / "docs" / "OPTIONS.md").read_text().splitlines()
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


class Help(ProgramTest):
    def test_every_command_teaches(self):
        for command in commands():
            with self.subTest(command=command):
                result = self.run_program(*command, "--help")
                self.assertEqual(result.stderr, "")
                self.assertIn(f"Usage: handgrad {' '.join(command)}", result.stdout)
                self.assertIn("Example:\n  handgrad " + " ".join(command), result.stdout)
                self.assertRegex(result.stdout, "(?i)writes|metrics.jsonl")
                self.assertEqual([line for line in result.stdout.splitlines() if len(line) > 120], [])

    def test_help_before_the_command_is_help_after_it(self):
        for command in commands():
            with self.subTest(command=command):
                after = self.run_program(*command, "--help").stdout
                self.assertEqual(self.run_program("help", *command).stdout, after)
        overview = self.run_program("--help").stdout
        self.assertEqual(self.run_program("help").stdout, overview)
        self.assertEqual(self.run_program("help", "train").stdout, overview)
        self.assertIn("handgrad predict?", self.run_program("help", "predcit", expect=USAGE).stderr)
        self.assertIn("'mlp'", self.run_program("help", "eval", "mlp", expect=USAGE).stderr)

    def test_the_groups_of_the_overview_have_headings_and_commands(self):
        overview = self.run_program("--help").stdout
        listed = overview.split("[arguments]\n", 1)[1].split("\nhandgrad COMMAND", 1)[0]
        groups = listed.strip().split("\n\n")
        for group in groups:
            self.assertRegex(group, r"\A[A-Z][^\n]*(\n  \S[^\n]*)+\Z")
        headings = [group.splitlines()[0] for group in groups]
        self.assertEqual(len(set(headings)), len(headings), headings)

    def test_the_overview_lists_every_command_of_the_source(self):
        definition = re.compile(r'^const struct hg_command hg_command_\w+ = \{\s*\.name = "([^"]+)"', re.MULTILINE)
        files = (SOURCE / "src" / "commands").glob("*.c")
        described = [name.split() for file in files for name in definition.findall(file.read_text())]
        self.assertIn(["train", "mlp"], described)
        self.assertEqual(sorted(commands()), sorted(described))

    def test_every_option_of_training_is_explained(self):
        """docs/OPTIONS.md, which is held to the table of options elsewhere, says which there are."""
        own = {"`gradient`": ["autoencoder"], "`input_scale`": ["mlp"], "`centre_inputs`": ["mlp"]}
        helps = {model: self.run_program("train", model, "--help").stdout for model in ("mlp", "autoencoder")}
        for usage, key, *_ in documented_options():
            for option in re.findall(r"`(--[^`]*)`", usage):
                models = [model for model, text in helps.items() if f"\n  {option}" in text.replace("|", r"\|")]
                expected = {"--hidden N": ["mlp"], "--latent N": ["autoencoder"]}.get(option, ["mlp", "autoencoder"])
                self.assertEqual(models, own.get(key, expected), option)

    def test_every_field_is_an_option(self):
        header = (SOURCE / "include" / "handgrad" / "options.h").read_text()
        fields = re.search(r"struct hg_train_options \{(.*?)\n\}", header, re.DOTALL)[1]
        fields = re.findall(r"^    [a-z0-9_ ]+[ *](\w+);", fields, re.MULTILINE)
        self.assertIn("backend", fields)
        kept = [key.strip("`") for _, key, *_ in documented_options() if key]
        self.assertEqual(sorted(fields), sorted([*kept, "timings"]))

    def test_defaults_are_those_of_the_model(self):
        self.assertRegex(self.run_program("train", "mlp", "--help").stdout, r"--hidden N .*\[256\]")
        self.assertRegex(self.run_program("train", "autoencoder", "--help").stdout, r"--latent N .*\[64\]")

    def test_nothing_at_all_is_wrong_usage(self):
        result = self.run_program(expect=USAGE)
        self.assertEqual(result.stdout, "")
        self.assertIn("Usage: handgrad COMMAND", result.stderr)


class WrongUse(ProgramTest):
    def refused(self, named, *arguments):
        return self.assert_refused(USAGE, named, *arguments)

    def test_commands(self):
        self.assertIn("train mlp", self.refused("train mpl", "train", "mpl"))
        self.assertIn("gradcheck", self.refused("gradchek", "gradchek"))
        self.assertIn("autoencoder", self.refused("mlp", "train"))
        self.refused("xyzzy", "xyzzy")

    def test_options(self):
        self.assertIn("--epochs", self.refused("--epohcs", "train", "mlp", "--epohcs", "3"))
        self.assertIn("--help", self.refused("--frobnicate", "train", "mlp", "--frobnicate"))
        self.assertIn("-x", self.refused("-x", "eval", "-x", "run"))
        self.refused("--lr: a value is missing", "train", "mlp", "--lr")
        self.refused("--quiet", "train", "mlp", "--quiet=yes")
        self.refused("--w", "train", "mlp", "--w", "1")

    def test_operands(self):
        self.refused("RUN is missing", "eval")
        self.refused("FILE is missing", "predict", "runs/x")
        self.refused("'extra'", "train", "mlp", "extra")
        self.refused("'cnn'", "gradcheck", "cnn")

    def test_values(self):
        for option, value in [
            ("lr", "abc"), ("lr", "nan"), ("lr", "inf"), ("lr", ""), ("lr", "0"), ("lr", "-1"), ("lr", "0.1x"),
            ("epochs", "0"), ("epochs", "-3"), ("epochs", "1.5"), ("epochs", "99999999999999999999999"),
            ("hidden", "0"), ("hidden", "ten"), ("batch-size", "many"), ("momentum", "1"), ("momentum", "-0.1"),
            ("weight-decay", "-1"), ("validation-fraction", "1"), ("threads", "-1"), ("threads", "100000"),
            ("seed", "0x1"), ("lr-schedule", "cosin"), ("backend", "gpu"), ("input", "thin"), ("precision", "fp16"),
            ("warmup-epochs", "1000"), ("data", ""), ("limit", "-1"), ("early-stopping", "2"),
        ]:  # fmt: skip
            with self.subTest(option=option, value=value):
                self.refused(f"--{option}", "train", "mlp", "--data", self.data, f"--{option}={value}")
        self.refused("--gradient", "train", "autoencoder", "--data", self.data, "--gradient", "both")
        self.refused("--latent", "train", "autoencoder", "--data", self.data, "--latent", "65")

    def test_options_are_judged_before_files(self):
        self.refused("--lr", "train", "mlp", "--data", "nowhere", "--lr", "0")

    def test_messages_name_options_as_the_command_line_does(self):
        def message(*arguments):
            return self.refused("--", "train", *arguments, "--data", self.data).split(": ", 1)[1]

        self.assertEqual(message("mlp", "--warmup-epochs", 9, "--epochs", 2), "--warmup-epochs: 9 is more than --epochs=2")
        self.assertIn("--validation-fraction=0.1", message("mlp", "--early-stopping", 2))
        self.assertIn("--latent: 65 is more than", message("autoencoder", "--latent", 65))
        self.assertIn("--precision: ", message("mlp", "--precision", "fp16"))

    def test_the_messages_of_the_library_know_no_command_line(self):
        for directory in ("host", "kernels"):
            for file in (SOURCE / directory).rglob("*.c*"):
                if file.name != "option.c":  # which composes what --help says
                    self.assertIsNone(re.search(r'^[^/*\n]*"[^"\n]*--[a-z]', file.read_text(), re.MULTILINE), file)

    def test_the_message_says_what_to_do(self):
        self.assertEqual(
            self.refused("--lr", "train", "mlp", "--lr", "abc"),
            "handgrad train mlp: --lr: 'abc' is not a number; give a positive number such as 0.1, auto or find",
        )


class Output(ProgramTest):
    def test_results_and_progress_are_apart(self):
        result = self.train("mlp")
        self.assertIn("runs/mlp", result.stdout)
        self.assertNotIn("epoch ", result.stdout)
        self.assertRegex(result.stderr, r"epoch +1/2 .*\nepoch +2/2 ")
        self.assertNotIn("\r", result.stderr)

    def test_json_is_one_object(self):
        report = json.loads(self.train("mlp", "--json", "--timings").stdout)
        self.assertEqual((report["state"], report["run"], report["epochs"]), ("finished", "runs/mlp", 2))
        self.assertIn("test_accuracy", report)
        self.assertIn("forward", [phase["phase"] for phase in report["timings"]])
        report = json.loads(self.train("autoencoder", "--json").stdout)
        self.assertGreaterEqual(report["optimality_gap"], 0)
        self.assertGreaterEqual(report["optimality_distance"], 0)
        self.assertEqual(report["run"], "runs/autoencoder")

    def test_an_optimum_of_zero_has_no_ratio(self):
        """Samples on a line through the origin: one latent unit holds all of them, and there is no L* to divide by."""
        data = self.here / "line"
        data.mkdir()
        rows = "".join(f"{k % 2},{k / 8},{k / 4}\n" for k in range(1, 40))
        for name in ("train.csv", "test.csv"):
            (data / name).write_text("label,a,b\n" + rows)
        command = ("--data", data, "--latent", 1, "--epochs", 5)
        result = self.run_program("train", "autoencoder", *command, "--out", "text")
        evaluation = self.run_program("eval", "text", "--data", data)
        for output in (result.stdout, result.stderr, evaluation.stdout):
            self.assertRegex(output, r"[0-9.e-]+ above the best possible, 0\b")
            self.assertNotIn("%", output)
        trained = self.run_program("train", "autoencoder", *command, "--out", "json", "--json")
        evaluated = self.run_program("eval", "json", "--data", data, "--json")
        for report, loss in ((json.loads(trained.stdout), "train_loss"), (json.loads(evaluated.stdout), "loss")):
            self.assertEqual(report["optimum"], 0)
            self.assertNotIn("optimality_gap", report)
            self.assertEqual(report["optimality_distance"], report[loss])

    def test_a_trace_is_shown_on_request_alone(self):
        plain = self.run_program("eval", "nowhere", expect=NO_INPUT).stderr
        self.assertEqual(plain.count("\n"), 1)
        on = {**os.environ, "HANDGRAD_TRACE": "1"}
        traced = self.run_program("eval", "nowhere", expect=NO_INPUT, env=on).stderr
        self.assertTrue(traced.startswith(plain))
        places = traced[len(plain) :].splitlines()
        self.assertGreater(len(places), 1)
        for place in places:
            path, line, _ = re.fullmatch(r"([a-z0-9_/]+\.c):([0-9]+) ([a-z0-9_]+)", place).groups()
            lines = (SOURCE / path).read_text().splitlines()
            self.assertRegex(lines[int(line) - 1], "hg_fail|HG_TRY")

    def test_quiet_is_quiet(self):
        result = self.train("mlp", "--quiet")
        self.assertEqual((result.stdout, result.stderr), ("", ""))
        result = self.train("mlp", "--quiet", "--json")
        self.assertEqual(result.stderr, "")
        self.assertEqual(json.loads(result.stdout)["run"], "runs/mlp-2")

    def test_a_terminal_gets_a_bar(self):
        # An epoch of some tenths of a second, in the plainest backend; the bar is drawn ten times a second.
        data = write_dataset(self.top / "large", train=1500, side=16)
        written, shown = self.run_on_terminal(
            "train", "mlp", "--data", data, "--backend", "reference", "--hidden", 512, "--epochs", 2
        )
        self.assertNotIn(b"\r", written)
        self.assertRegex(shown, rb"\r\x1b\[Kepoch  1/2  \[#*\.*\] +[0-9]+ %  [0-9k.]+ samples/s  left [0-9]+:[0-9]{2}\r")
        self.assertRegex(shown, rb"\x1b\[Kepoch  2/2  loss [0-9.e-]+ [^\r]*\r\n")

    def test_lost_output_is_no_success(self):
        with open("/dev/full", "w") as full:
            self.run_program("info", expect=IO, stdout=full)

    def test_a_run_is_never_overwritten(self):
        self.train("mlp", "--out", "mine")
        before = {path.name: path.read_bytes() for path in (self.here / "mine").iterdir()}
        result = self.train("mlp", "--out", "mine", expect=CANNOT_CREATE)
        self.assertIn("mine", result.stderr)
        self.assertEqual({path.name: path.read_bytes() for path in (self.here / "mine").iterdir()}, before)


class Checks(ProgramTest):
    def test_gradcheck(self):
        report = json.loads(self.run_program("gradcheck", "--data", self.data, "--json").stdout)
        self.assertEqual(report["failed"], 0)
        self.assertEqual({row["model"] for row in report["rows"]}, {"mlp", "autoencoder"})
        self.assertEqual(report["not_judged"], 0)
        formula = [row["equation"] for row in report["rows"] if row["verdict"] == "not the gradient"]
        self.assertEqual(formula, ["A8"])
        self.assertEqual({row["verdict"] for row in report["rows"]}, {"holds", "not the gradient"})
        table = self.run_program("gradcheck", "autoencoder", "--data", self.data).stdout
        self.assertIn("not the gradient, as expected", table)

    def test_gradcheck_that_cannot_judge_does_not_pass(self):
        (self.here / "train.csv").write_text("label,a,b\n" + "0,0,0\n1,0,0\n" * 8)
        result = self.run_program("gradcheck", "--data", ".", expect=CHECK_FAILED)
        self.assertIn("nothing to judge: the derivative is 0 within rounding", result.stdout)
        self.assertNotIn("not the gradient", result.stdout)
        self.assertIn("--seed", result.stderr)
        report = json.loads(self.run_program("gradcheck", "--data", ".", "--json", expect=CHECK_FAILED).stdout)
        self.assertEqual((report["failed"], report["not_judged"]), (0, 7))

    def test_crosscheck(self):
        report = json.loads(self.run_program("crosscheck", "--backend", "reference", "--json").stdout)
        self.assertEqual(report["failed"], 0)
        self.assertTrue(all(row["passed"] and row["error"] <= row["limit"] for row in report["rows"]))

    def test_info(self):
        report = json.loads(self.run_program("info", "--json").stdout)
        usable = {backend["name"] for backend in report["backends"] if backend["usable"]}
        self.assertLessEqual({"cpu", "reference"}, usable)
        self.assertTrue(all(backend["usable"] or backend["reason"] for backend in report["backends"]))
        self.assertIn(report["version"], self.run_program("--version").stdout)


if __name__ == "__main__":
    unittest.main()
