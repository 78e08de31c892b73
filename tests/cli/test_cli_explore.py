"""Claims: train --dry-run tells what training then does (parts, steps, rates, memory, files), and writes nothing; progress
fits into the terminal that it is drawn on, in few lines however many epochs there are, and is plain text elsewhere."""

import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import CANNOT_CREATE, CHECK_FAILED, OK, PROGRAM, USAGE, ProgramTest, build_setting, metrics, write_dataset


class DryRun(ProgramTest):
    def plan(self, model, *arguments):
        return json.loads(self.train(model, "--dry-run", "--json", *arguments).stdout)

    def test_writes_nothing(self):
        for model in ("mlp", "autoencoder"):
            result = self.train(model, "--dry-run", "--validation-fraction", 0.2)
            self.assertIn("Nothing was written", result.stdout)
            self.assertEqual(list(self.here.iterdir()), [])
        self.plan("mlp", "--out", "mine")
        self.assertEqual(list(self.here.iterdir()), [])

    def test_what_it_tells_is_what_happens(self):
        for model in ("mlp", "autoencoder"):
            for extra in ([], ["--validation-fraction", 0.2], ["--steps", 5], ["--momentum", 0], ["--warmup-epochs", 0]):
                with self.subTest(model=model, extra=extra):
                    plan = self.plan(model, *extra)
                    report = json.loads(self.train(model, *extra, "--json", "--checkpoint-every", 1).stdout)
                    run = self.here / plan["run"]
                    last, config = metrics(run)[-1], json.loads((run / "config.json").read_text())
                    for name in ("run", "model", "parameters", "backend"):
                        self.assertEqual(plan[name], report[name], name)
                    self.assertEqual((plan["epochs"], plan["steps"]), (last["epoch"], last["step"]))
                    self.assertEqual((plan["lr"], plan["momentum"]), (config["lr"], config["momentum"]))
                    self.assertTrue(plan["lr_by_data"])
                    self.assertEqual(plan["last_lr"], last["lr"])
                    sizes = {path.name: path.stat().st_size for path in run.iterdir()}
                    self.assertEqual(set(sizes), {file["name"] for file in plan["files"]})
                    for file in plan["files"]:  # beside the numbers a file has a header, of at most 2 KiB without columns
                        self.assertLessEqual(sizes[file["name"]], file["bytes"], file)
                        if file["name"].endswith("safetensors"):
                            self.assertLess(file["bytes"] - sizes[file["name"]], 2048, file)

    def test_parts_and_data(self):
        plan = self.plan("mlp", "--limit", 50, "--validation-fraction", 0.2, "--batch-size", 16)
        parts = [plan[f"{part}_samples"] for part in ("training", "validation", "test")]
        self.assertEqual(parts, [40, 10, 30])
        self.assertEqual((plan["steps_per_epoch"], plan["steps"], plan["batch"]), (3, 6, 16))
        train, test = plan["data"]
        self.assertEqual((train["samples"], test["samples"]), (60, 30))
        self.assertEqual((train["height"], train["width"], train["classes"], train["elements"]), (8, 8, 4, "bytes"))

    def test_a_table_says_what_was_taken_for_what(self):
        rows = "".join(f"{k},{50 + k % 7},{50 - k % 5},{k % 2}\n" for k in range(40))
        for name in ("train.csv", "test.csv"):
            (self.here / name).write_text("id,width,height,label\n" + rows)
        result = self.run_program("train", "mlp", "--data", ".", "--dry-run")
        self.assertIn("2 features", result.stdout)
        self.assertIn("id", result.stdout.split("note:", 1)[1])
        self.assertEqual(sorted(path.name for path in self.here.iterdir()), ["test.csv", "train.csv"])

    def test_what_would_fail_fails(self):
        self.train("mlp", "--out", "there")
        self.assertIn("there", self.train("mlp", "--out", "there", "--dry-run", expect=CANNOT_CREATE).stderr)
        self.assertIn("--latent", self.train("autoencoder", "--latent", 65, "--dry-run", expect=USAGE).stderr)
        message = self.train("mlp", "--lr", "1e30", "--momentum", 0, "--dry-run", expect=CHECK_FAILED).stderr
        self.assertIn("diverged", message)

    @unittest.skipIf(build_setting("HANDGRAD_SANITIZE"), "a sanitizer's own memory is many times that of training")
    def test_memory_is_that_of_training(self):
        """Within a quarter: what differs are threads' stacks and how BLAS caches its buffers, not whole copies of data or
        weights, of which each here is more than that."""
        data = write_dataset(self.top / "large", train=2000, side=32)
        for extra in (["--hidden", 1500], ["--hidden", 1500, "--validation-fraction", 0.2], ["--hidden", 8]):
            command = ["train", "mlp", "--data", data, "--epochs", 3, "--threads", 1, *extra]
            told = json.loads(self.run_program(*command, "--dry-run", "--json").stdout)["memory"]
            process = subprocess.Popen([PROGRAM, *map(str, command), "--quiet"], cwd=self.here)
            most = ended = 0
            while not ended:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
                most = max([most, *(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))])
                time.sleep(0.002)
                ended, code, usage = os.wait4(process.pid, os.WNOHANG)
            process.returncode = os.waitstatus_to_exitcode(code)
            self.assertEqual(process.returncode, OK)
            # The last look may have been too early. What the kernel says at the end includes this process before the exec.
            if usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
                most = usage.ru_maxrss << 10
            self.assertLess(abs(told / most - 1), 0.25, (extra, told, most))


class Progress(ProgramTest):
    def on_terminal(self, columns, *arguments, **environment):
        """What a terminal of so many columns receives."""
        data = write_dataset(self.top / "slow", train=1500, side=16)
        command = ("train", "mlp", "--data", data, "--backend", "reference", "--hidden", 512, *arguments)
        return self.run_on_terminal(*command, columns=columns, **environment)[1].decode()

    def drawn(self, shown):
        """The lines that were drawn to be drawn over again."""
        return [text for text in re.split(r"\r\x1b\[K|\r\n", shown) if re.match(r"epoch .* left ", text)]

    def test_a_drawn_line_fits(self):
        for columns, environment in ((120, {}), (40, {}), (80, {"COLUMNS": "40"}), (25, {}), (200, {"NO_COLOR": "1"})):
            lines = self.drawn(self.on_terminal(columns, "--epochs", 2, **environment))
            self.assertTrue(lines)
            width = min(columns, int(environment.get("COLUMNS", columns)))
            self.assertLess(max(map(len, lines)), width)  # the last column stays free, as a full line would wrap
            self.assertEqual(any("[" in line for line in lines), width >= 80)
            if width > 30:  # a narrower line is cut off
                self.assertTrue(all(re.search(r"left [0-9]+:[0-9]{2}$", line) for line in lines), lines)

    def test_no_colours_and_no_redrawing_where_it_cannot_be(self):
        shown = self.on_terminal(100, "--epochs", 1)
        self.assertEqual(set(re.findall(r"\x1b\[[0-9;]*[A-Za-z]", shown)), {"\x1b[K"})
        shown = self.on_terminal(100, "--epochs", 1, TERM="dumb")
        self.assertNotIn("\x1b", shown)
        self.assertNotIn("\r", shown.replace("\r\n", ""))
        self.assertEqual(self.on_terminal(100, "--epochs", 1, "--quiet"), "")

    def test_many_epochs_make_few_lines(self):
        def epochs(*arguments):
            log = self.run_program(*arguments).stderr
            # a line with the time left is a sign of life on a slow machine, not the line of an epoch
            return [int(number) for number in re.findall("^epoch +([0-9]+)/(?!.* left )", log, re.MULTILINE)]

        small = ("train", "mlp", "--data", self.data, "--hidden", 2, "--batch-size", 0, "--checkpoint-every", 0, "--out")
        self.assertEqual(epochs(*small, "all", "--epochs", 200), list(range(1, 201)))
        lines = epochs(*small, "some", "--epochs", 3001)
        self.assertEqual(lines, [*range(1, 11), *range(20, 3001, 20), 3001])
        self.assertEqual(len(metrics(self.here / "some")), 3001)
        self.assertEqual(epochs("resume", "some", "--epochs", 3100), [*range(3002, 3012), 3050, 3100])


if __name__ == "__main__":
    unittest.main()
