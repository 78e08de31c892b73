"""Claims: train --lr find takes exponentially rising rates from the first weights (the losses are NumPy's), chooses a third of
the rate where their smoothed course is least (that rate where all is learnt), and leaves no trace in the weights: training with the number that config.json then
has gives the same ones to the bit, also where it was resumed, on every backend. A dry run says so and writes nothing; where no
rate brings the loss down there is no run. --input-scale auto is what the data choose by themselves, for a rate that is given."""

import csv
import json
import pathlib
import sys
import unittest
import xml.etree.ElementTree

import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from oracle import samples
from program import CHECK_FAILED, USAGE, ProgramTest, idx, write_safetensors


def read_test(run):
    with open(run / "lr-find.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [numpy.array([float(row[name]) for row in rows]) for name in ("lr", "loss", "smoothed_loss")]


class RangeTest(ProgramTest):
    def find(self, model, *arguments, out="found"):
        report = json.loads(self.train(model, "--lr", "find", "--json", "--out", out, *arguments).stdout)
        config = json.loads((self.here / out / "config.json").read_text())
        return report, config

    def weights(self, run):
        return (self.here / run / "model.safetensors").read_bytes()

    def test_leaves_no_trace(self):
        for model in ("mlp", "autoencoder"):
            for backend in ("cpu", "reference", "reference64"):
                with self.subTest(model=model, backend=backend):
                    name = f"{model}-{backend}"
                    _, config = self.find(model, "--backend", backend, "--threads", 1, out=name)
                    self.assertIsInstance(config["lr"], float)
                    self.run_program("train", model, "--config", f"{name}/config.json", "--out", f"{name}-again")
                    self.assertEqual(self.weights(name), self.weights(f"{name}-again"))
                    self.find(model, "--backend", backend, "--threads", 1, "--steps", 3, out=f"{name}-parts")
                    self.run_program("resume", f"{name}-parts", "--steps", 0)
                    self.assertEqual(self.weights(name), self.weights(f"{name}-parts"))

    def test_rates_rise_and_a_third_of_the_best_is_chosen(self):
        for model in ("mlp", "autoencoder"):
            with self.subTest(model=model):
                self.train(model, "--out", f"{model}-auto")
                by_data = json.loads((self.here / f"{model}-auto" / "config.json").read_text())
                _, config = self.find(model, out=model)
                lr, loss, smoothed = read_test(self.here / model)
                for name in ("input_scale", "centre_inputs", "momentum"):
                    self.assertEqual(config[name], by_data[name])
                # Written with nine digits; a float holds seven of those of a rate.
                numpy.testing.assert_allclose(lr, by_data["lr"] * 2.0 ** (numpy.arange(len(lr)) / 12 - 6), rtol=1e-7)
                mean = [numpy.average(loss[: k + 1], weights=0.9 ** numpy.arange(k, -1, -1)) for k in range(len(loss))]
                numpy.testing.assert_allclose(smoothed, mean, rtol=1e-7)
                caution = 1 if smoothed[-1] < 0.05 * loss[0] else 3  # all is learnt, or the loss broke out
                self.assertEqual(config["lr"], float(f"{lr[numpy.nanargmin(smoothed)] / caution:.1e}"))
                self.assertTrue(smoothed[-1] < 0.05 * loss[0] or smoothed[-1] > 2 * loss[0] or len(lr) == 157)
                self.assertLess(smoothed.min(), loss[0])
                svg = xml.etree.ElementTree.parse(self.here / model / "lr-find.svg").getroot()
                self.assertIn(f"chosen: {config['lr']:.2g}", "".join(svg.itertext()))

    def test_losses_are_those_of_gradient_descent(self):
        x, _ = samples(self.data)
        w = numpy.random.default_rng(1).normal(0, 0.1, (5, x.shape[1]))
        tensor = ("F64", list(w.shape), w.tobytes())
        write_safetensors(self.here / "init.safetensors", {"encoder.weight": tensor})
        self.find("autoencoder", "--batch-size", 0, "--momentum", 0, "--backend", "reference64", "--init", "init.safetensors")
        lr, loss, _ = read_test(self.here / "found")
        moment = x.T @ x / len(x)
        for k, rate in enumerate(lr):
            bracket = w.T @ w - numpy.eye(x.shape[1])
            expected = numpy.trace(bracket @ moment @ bracket) / 2
            if k > 0 and expected > before:
                break  # from here on steps multiply whatever differs
            # A rate of nine digits may be read as the neighbouring float, 6e-8 off; a wrong step is percents off.
            numpy.testing.assert_allclose(loss[k], expected, rtol=1e-5, err_msg=str(k))
            before = expected
            w = w - numpy.float64(numpy.float32(rate)) * (w @ bracket @ moment + w @ moment @ bracket)
        self.assertGreater(k, 60)

    def test_dry_run_says_so_and_writes_nothing(self):
        for model in ("mlp", "autoencoder"):
            before = list(self.here.iterdir())
            text = self.train(model, "--lr", "find", "--dry-run").stdout
            self.assertRegex(text, r"rate +[\d.e-]+, found by a range test.*\n +\d+ steps from .*by the data the rate is")
            plan = json.loads(self.train(model, "--lr", "find", "--dry-run", "--json").stdout)
            self.assertEqual(list(self.here.iterdir()), before)
            _, config = self.find(model, out=model)
            self.assertEqual((plan["lr"], plan["lr_by_data"]), (config["lr"], False))
            self.assertEqual(plan["lr_range_test_steps"], len(read_test(self.here / model)[0]))
            self.assertEqual({file["name"] for file in plan["files"]}, {path.name for path in (self.here / model).iterdir()})

    def test_shapes_of_data(self):
        """One step a pass, many passes; more steps a pass than the test has; a last batch that is smaller."""
        for batch in (0, 1, 7, 59):
            with self.subTest(batch=batch):
                self.find("mlp", "--batch-size", batch, out=f"batch-{batch}")
                self.assertGreater(len(read_test(self.here / f"batch-{batch}")[0]), 20)

    def test_nothing_to_learn_is_no_run(self):
        data = self.here / "data"
        data.mkdir()
        for part in ("train", "t10k"):
            (data / f"{part}-images-idx3-ubyte").write_bytes(idx(bytes(40 * 16), 40, 4, 4))
            (data / f"{part}-labels-idx1-ubyte").write_bytes(idx([k % 2 for k in range(40)], 40))
        self.assert_refused(CHECK_FAILED, "--lr", "train", "autoencoder", "--latent", 2, "--data", data, "--lr", "find")

    def test_a_sweep_takes_it(self):
        self.run_program("sweep", "mlp", "--data", self.data, "--epochs", 2, "--batch-size", 16, "--hidden", 12,
                         "--lr", "find,0.1", "--out", "sweep")  # fmt: skip
        swept = self.here / "sweep" / "lr=find" / "seed-1"
        self.find("mlp", "--validation-fraction", 0.1, "--threads", 1)
        self.assertEqual(self.weights("found"), (swept / "model.safetensors").read_bytes())


class Words(ProgramTest):
    def test_input_scale_auto(self):
        self.train("mlp", "--out", "auto")
        by_data = json.loads((self.here / "auto" / "config.json").read_text())
        self.assertNotEqual((by_data["input_scale"], by_data["centre_inputs"]), (1, False))
        self.train("mlp", "--lr", by_data["lr"], "--out", "raw")
        self.train("mlp", "--lr", by_data["lr"], "--input-scale", "auto", "--out", "given")
        self.train("mlp", "--lr", "auto", "--momentum", "auto", "--out", "words")
        models = [(self.here / name / "model.safetensors").read_bytes() for name in ("auto", "given", "words", "raw")]
        self.assertEqual(models[0], models[1])
        self.assertEqual(models[0], models[2])
        self.assertNotEqual(models[0], models[3])

    def test_other_words_are_refused(self):
        for arguments in (("--lr", "inf"), ("--lr", "nan"), ("--lr", "search"), ("--momentum", "find"), ("--input-scale", "find"), ("--weight-decay", "auto")):  # fmt: skip
            with self.subTest(arguments=arguments):
                self.assert_refused(USAGE, arguments[0], "train", "mlp", "--data", self.data, *arguments)


if __name__ == "__main__":
    unittest.main()
