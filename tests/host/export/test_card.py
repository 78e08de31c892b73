"""Claim: a model card is right. Its metadata are YAML of the form that Hugging Face reads; the command in it trains the same
weights to the bit; figures, fingerprints and results by class are those that Python computes; it names no path of the
machine; names from the data stay text. Where the data are gone the card is written without them, and says so."""

import csv
import pathlib
import re
import shlex
import shutil
import sys
import unittest
import zlib

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import OK, USAGE, ProgramTest, metrics, read_safetensors, run

try:
    import yaml
except ImportError as error:
    raise SystemExit(f"{error}: this test needs the packages of tests/requirements.txt")  # noqa: B904

try:  # large, so no requirement; what it checks beyond YAML is checked where it is there
    from huggingface_hub import ModelCard
except ImportError:
    ModelCard = None


def rows(text, heading):
    """The cells of the table whose first heading that is."""
    lines = text.split(f"| {heading} |", 1)[1].splitlines()[2:]
    table = [line for line in lines[: lines.index("") if "" in lines else None]]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]


class Card(ProgramTest):
    def card(self, run, **options):
        result = self.run_program("export", run, "--out", f"{run}.md", **options)
        text = (self.here / f"{run}.md").read_text()
        self.assertNotIn(str(self.top), text)
        _, front, body = text.split("---\n", 2)
        if ModelCard:
            ModelCard(text)
        self.said = result.stderr
        return yaml.safe_load(front), body

    def data_array(self, name, skip):
        return np.frombuffer((self.data / name).read_bytes()[skip:], np.uint8)

    def fingerprint(self, part):
        samples = self.data_array(f"{part}-images-idx3-ubyte", 16)
        labels = self.data_array(f"{part}-labels-idx1-ubyte", 8)
        return f"`u8-{zlib.crc32(samples.tobytes()):08x}-{zlib.crc32(labels.tobytes()):08x}`"

    def test_classifier(self):
        self.train("mlp", "--epochs", 3, "--validation-fraction", 0.2, "--out", "run")
        front, body = self.card("run")
        kept = min(metrics(self.here / "run"), key=lambda m: m["validation_loss"])
        self.assertEqual(front["pipeline_tag"], "image-classification")
        (entry,) = front["model-index"]
        (result,) = entry["results"]
        self.assertEqual(entry["name"], "run")
        self.assertEqual(result["task"], {"type": "image-classification"})
        self.assertEqual(result["dataset"], {"type": "data", "name": "data", "split": "test"})
        values = {m["type"]: m["value"] for m in result["metrics"]}
        self.assertAlmostEqual(values["accuracy"], kept["test_accuracy"], delta=1e-5)
        self.assertAlmostEqual(values["loss"], kept["test_loss"], delta=1e-5 * kept["test_loss"])
        self.assertIn(f"epoch {kept['epoch']}, after {kept['step']} steps", body)
        self.assertEqual(rows(body, "part"), [
            ["training", "60", "64", self.fingerprint("train")], ["test", "30", "64", self.fingerprint("t10k")]])  # fmt: skip

        self.run_program("predict", "run", self.data, "--out", "p.npy")
        labels, predicted = self.data_array("t10k-labels-idx1-ubyte", 8), np.load(self.here / "p.npy").argmax(1)
        for row in rows(body, "class"):
            label = int(row[0])
            found, taken = labels == label, predicted == label
            right = (found & taken).sum()
            expected = [str(found.sum()), *(f"{100 * right / n:.2f} %" if n else "" for n in (taken.sum(), found.sum()))]
            self.assertEqual(row[1:4], expected)
            others = predicted[found & ~taken]
            most = f"{np.bincount(others).argmax()} ({np.bincount(others).max()})" if len(others) else ""
            self.assertEqual(row[5], most)

    def test_autoencoder(self):
        self.train("autoencoder", "--out", "run")
        front, body = self.card("run")
        last = metrics(self.here / "run")[-1]
        self.assertEqual(front["pipeline_tag"], "feature-extraction")
        self.assertIn(f"these are {last['optimality_distance']:.3g} above it", body)
        self.assertIn(f"| {last['train_loss']:.6g} |", body)
        self.assertNotIn("| class |", body)
        self.assertNotIn("along something else", body)
        self.train("autoencoder", "--gradient", "encoder", "--out", "formula")
        self.assertIn("along something else", self.card("formula")[1])

    def test_solved_not_trained(self):
        self.run_program("optimum", "--data", self.data, "--latent", 3, "--out", "run")
        front, body = self.card("run")
        self.assertNotIn("model-index", front)
        self.assertIn("not the result of steps", body)

    def test_the_command_trains_the_same(self):
        """From the directory that holds the data, whose last name is all that the card has."""
        for number, (model, *options) in enumerate((
            ("mlp",),
            ("mlp", "--lr", 0.1234567890123, "--momentum", 0.3, "--no-shuffle", "--lr-schedule", "constant", "--seed", 7),
            ("mlp", "--validation-fraction", 0.25, "--batch-size", 0, "--weight-decay", 1e-7, "--no-nesterov"),
            ("autoencoder", "--gradient", "decoder", "--limit", 50, "--warmup-epochs", 0),
            ("autoencoder", "--gradient", "W*X*X'/N", "--lr", 1e-4, "--no-test"),
        )):  # fmt: skip
            with self.subTest(options):
                directory = f"run{number}"
                self.train(model, "--threads", 1, *options, "--out", directory)
                _, body = self.card(directory)
                (command,) = re.findall(r"^    handgrad (train .*)$", body, re.MULTILINE)
                again = self.here / f"again{number}"
                self.assertEqual(run(*shlex.split(command), "--out", again, cwd=self.top).returncode, OK)
                self.assertEqual(read_safetensors(again / "model.safetensors"), read_safetensors(self.here / directory / "model.safetensors"))  # fmt: skip

    def test_names_stay_text(self):
        """Classes and a directory whose names are markup."""
        data = self.here / 'a "b" | <i>c\\'
        data.mkdir()
        names = ["<script>x</script>", "a|b", "*star* `code`", 'say "no"']
        for part in ("train", "test"):
            with open(data / f"{part}.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["x", "y", "label"])
                writer.writerows([i, -i, names[i % 4]] for i in range(12))
        self.run_program("train", "mlp", "--data", data, "--epochs", 1, "--hidden", 3, "--out", "run")
        front, body = self.card("run")
        self.assertEqual(front["pipeline_tag"], "tabular-classification")
        self.assertEqual(front["model-index"][0]["results"][0]["dataset"]["name"], data.name)
        table = rows(body, "class")
        self.assertEqual([re.sub(r"\\(.)", r"\1", row[0]) for row in table], sorted(names))
        self.assertEqual({len(row) for row in table}, {6})
        self.assertNotIn("<script>", body)

    def test_without_the_data(self):
        shutil.copytree(self.data, self.here / "moved")
        self.run_program("train", "mlp", "--data", "moved", "--epochs", 1, "--hidden", 3, "--out", "run")
        with_data = self.card("run")
        shutil.rmtree(self.here / "moved")
        front, body = self.card("run")
        self.assertIn("moved", self.said)
        self.assertIn("no fingerprint", body)
        self.assertNotIn("| class |", body)
        self.assertEqual(front, with_data[0])

    def test_files_of_the_run_are_not_replaced(self):
        self.train("mlp", "--out", "run")
        (self.here / "here").symlink_to("run")
        before = {path: path.read_bytes() for path in (self.here / "run").iterdir()}
        for name in ("config.json", "metrics.jsonl", "checkpoint.safetensors", "model.safetensors", "best.safetensors"):
            for form in ("card", "npz", "safetensors"):
                for directory in ("run", "here", "./run/"):
                    self.assert_refused(USAGE, name, "export", "run", "--out", f"{directory}/{name}", "--format", form)
        self.run_program("export", "run", "--out", "run/README.md")
        self.assertEqual({path: path.read_bytes() for path in before}, before)

    def test_needs_a_run(self):
        self.train("mlp", "--out", "run")
        for out, form in (("x.md", "auto"), ("x", "card")):
            self.assert_refused(USAGE, "--format", "export", "run/model.safetensors", "--out", out, "--format", form)


if __name__ == "__main__":
    unittest.main()
