"""Claims: `train autoencoder --gradient "EXPR"` descends along the formula: the gradient of the loss, typed, trains the weights that
--gradient exact trains, on data of many shapes, and so do the other two that have names; momentum, decay, schedules and batches
of every size apply; the run keeps its formula, goes on to the bit, and is evaluated, exported and compared like any other. What is
malformed, of the wrong size or for another backend is refused before anything is written, and a formula that leaves the numbers
ends in a sentence."""

import json
import pathlib
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import numpy as np
import oracle
from program import CHECK_FAILED, USAGE, ProgramTest, metrics, run
from safetensors.numpy import load_file

FORMULAS = {
    "exact": ["W*(W'*W - I)*X*X'/N + W*X*X'*(W'*W - I)/N", "½·2·W·((Wᵀ·W − I)·X·Xᵀ + X·Xᵀ·(Wᵀ·W − I))/N", "E + D", "W*v*X'/N + z*v'/N"],
    "encoder": ["2*W*(W'*W - I)*X*X'/N", "2E"],
    "decoder": ["2W*X*X^T*(W^T*W - I) / N"],
}
STEPS = 40
# In a step the gradient, the velocity and the weights are each rounded to float once more, by 2^-24 of themselves; both runs
# do so, and steps this small do not make differences grow.
LIMIT = STEPS * 2 * 3 * 2**-24


def data_of_many_shapes():
    random = np.random.default_rng(3)
    return {
        "bytes": random.integers(0, 256, (53, 16)).astype(np.uint8),
        "0 to 1": random.random((50, 9)).astype(np.float32),
        "-1 to 1": 2 * random.random((50, 9)) - 1,
        "standardised": random.normal(size=(50, 12)) @ random.normal(size=(12, 12)) * 0.3,
        "0 to 255": (255 * random.random((50, 9))).astype(np.float32),
        "offset 50": 50 + random.normal(size=(50, 9)),
        "two features": random.normal(size=(40, 2)),
        "one sample": random.normal(size=(1, 6)),
        "constant columns": np.hstack([random.normal(size=(40, 3)), np.full((40, 2), 3.0)]),
        "a millionth": 1e-6 * random.normal(size=(40, 5)),
    }


class TypedGradient(ProgramTest):
    def model(self, name):
        return load_file(self.here / name / "model.safetensors")["encoder.weight"]

    def test_trains_as_the_gradients_with_names(self):
        for number, (kind, x) in enumerate(data_of_many_shapes().items()):
            data = self.here / f"data-{number}"
            data.mkdir()
            np.save(data / "x_train.npy", x)
            np.save(data / "y_train.npy", np.zeros(len(x), np.uint8))
            seen = x / (255.0 if x.dtype == np.uint8 else 1.0)
            rate = 0.05 / np.linalg.eigvalsh(seen.T @ seen / len(seen)).max()
            options = [
                *("--data", data, "--no-test", "--quiet", "--backend", "reference", "--latent", 2, "--batch-size", 16),
                *("--lr", rate, "--momentum", 0.5, "--nesterov", "--weight-decay", 1e-3 / rate),
                *("--steps", STEPS, "--epochs", STEPS),
            ]
            for name, formulas in FORMULAS.items():
                for form, gradient in enumerate([name, *formulas]):
                    self.run_program("train", "autoencoder", *options, "--gradient", gradient, "--out", f"{number}-{name}-{form}")
                for form in range(1, len(formulas) + 1):
                    with self.subTest(data=kind, gradient=formulas[form - 1]):
                        expected = self.model(f"{number}-{name}-0").astype(np.float64)
                        self.assertLess(oracle.relative_l2(self.model(f"{number}-{name}-{form}"), expected), LIMIT)
            if seen.shape[1] > 2 and len(seen) > 1:  # or W'W = I may hold from the start
                away = oracle.relative_l2(self.model(f"{number}-encoder-1"), self.model(f"{number}-exact-0").astype(float))
                self.assertGreater(away, 100 * LIMIT, kind)

    def test_sizes_that_depend_on_the_batch(self):
        """60 samples: batches of 16 with a last one of 12, all at once, and one at a time."""
        for batch in (16, 0, 1, 60, 59):
            for gradient, out in (("exact", "named"), (FORMULAS["exact"][0].replace("/N", "/(ones(1, N)*ones(N, 1))"), "typed")):
                self.train("autoencoder", "--batch-size", batch, "--gradient", gradient, "--backend", "reference",
                           "--lr", 0.001, "--momentum", 0, "--steps", 20, "--out", f"{batch}-{out}")  # fmt: skip
            error = oracle.relative_l2(self.model(f"{batch}-typed"), self.model(f"{batch}-named").astype(float))
            self.assertLess(error, LIMIT, batch)

    def test_a_run_like_any_other(self):
        formula = "W*(W^\\top*W − I)*X*Xᵀ/N + 1e-3*W"
        told = self.train("autoencoder", "--gradient", formula, "--out", "whole", "--epochs", 4).stderr
        self.assertRegex(told, "backend  reference: .*; a formula is evaluated there")
        self.assertEqual(told.count("above the best possible"), 4)
        config = json.loads((self.here / "whole/config.json").read_text())
        self.assertEqual((config["gradient"], config["backend"]), (formula, "reference"))
        for steps in (3, 7, 8):  # within an epoch of four steps, within the second, at its end
            self.train("autoencoder", "--gradient", formula, "--out", f"to-{steps}", "--epochs", 4, "--steps", steps)
            self.run_program("resume", f"to-{steps}", "--steps", 16)
            self.assertEqual(self.model(f"to-{steps}").tobytes(), self.model("whole").tobytes())
        self.run_program("train", "autoencoder", "--config", "whole/config.json", "--out", "again")
        self.assertEqual(self.model("again").tobytes(), self.model("whole").tobytes())
        loss = json.loads(self.run_program("eval", "whole", "--json").stdout)["loss"]
        self.assertAlmostEqual(loss, metrics(self.here / "whole")[-1]["test_loss"], places=6)
        self.run_program("export", "whole", "--out", "whole.onnx")
        self.run_program("encode", "whole", self.data, "--out", "codes.npy")
        self.assert_refused(USAGE, "--backend: cpu trains along", "resume", "whole", "--epochs", 5, "--backend", "cpu")

    def test_dry_run_writes_nothing(self):
        plan = self.train("autoencoder", "--gradient", FORMULAS["encoder"][0], "--dry-run", "--json").stdout
        self.assertEqual(json.loads(plan)["backend"], "reference")
        self.assertEqual(list(self.here.iterdir()), [])

    def test_counts_products_of_matrices(self):
        """As flops of the way back; a scalar times a matrix is none, on either side."""

        def counted(gradient):
            report = self.train("autoencoder", "--gradient", gradient, "--backend", "reference", "--lr", 1e-3, "--steps", 1,
                                "--timings", "--json").stdout  # fmt: skip
            return next(phase["flops"] for phase in json.loads(report)["timings"] if phase["phase"] == "backward")

        one = 2 * 5 * 64 * 64  # W times a 64 x 64 matrix: as often multiplied as added
        none = counted("W")
        self.assertEqual(counted("W*X*X'") - none, 2 * 2 * 5 * 64 * 16)
        self.assertEqual(counted("0.5*W*eye(64)*N*0.5/N") - none, one)

    def test_sweep_compares_formulas(self):
        """A comma within brackets belongs to the formula; formulas that look alike as names are told apart."""
        formulas = ["exact", FORMULAS["exact"][0], "0*ones(5, 64)", "W*0", "W/0.01"]
        report = json.loads(
            self.run_program(
                "sweep", "autoencoder", "--data", self.data, "--latent", 5, "--epochs", 2, "--batch-size", 16, "--lr", 1e-3,
                "--backend", "reference", "--gradient", ",".join(formulas), "--out", "sweep", "--json",
            ).stdout
        )  # fmt: skip
        points = {point["name"]: point["validation_loss_mean"] for point in report["points"]}
        self.assertEqual(len(points), len(formulas))
        kept = [json.loads((self.here / "sweep" / name / "config.json").read_text())["gradient"] for name in points]
        self.assertEqual(sorted(kept), sorted(formulas))
        loss = dict(zip(kept, points.values()))
        self.assertAlmostEqual(loss["exact"], loss[formulas[1]], delta=LIMIT * loss["exact"])
        self.assertEqual(loss["0*ones(5, 64)"], loss["W*0"])
        self.assertLess(loss["exact"], loss["W*0"])
        self.assertIn(formulas[1], (self.here / "sweep/results.csv").read_text())

    def test_refused_before_anything_is_written(self):
        before = ["train", "autoencoder", "--data", self.data, "--latent", 5, "--out", "run", "--gradient"]
        for formula, column, words in (
            ("2*W*(W*W - I)*X*X'/N", 5, "--gradient: W*W is 5x64 times 5x64; did you mean W*W'?"),
            ("2*W*(W'*W - I", 13, "--gradient: the text ends"),
            ("W*Q", 2, "--gradient: there is no 'Q'"),
            ("X*X'*W'/N", 0, "--gradient: it is 64x5, and W, so its gradient, is 5x64; transpose it"),
            ("sum(W)", 0, "--gradient: it is 1x1, and W, so its gradient, is 5x64"),
            ("W*ones(64, 1)", 0, "--gradient: it is 5x1"),
            ("W*X*ones(16, 64)/N", 0, "times 16x64"),  # which fits the batches but the last
            ("W $ X", 2, "'$' stands where"),
        ):
            with self.subTest(formula=formula):
                self.assert_refused(USAGE, words, *before, formula, "--batch-size", 16)
                lines = run(*before, formula, "--batch-size", 16, cwd=self.here).stderr.splitlines()
                self.assertEqual([line.index("^") - 4 for line in lines if line.strip() == "^"], [column])
        self.assert_refused(USAGE, "--gradient: there is no 'encodr'; did you mean encoder?", *before, "encodr")
        self.assert_refused(USAGE, "give exact, encoder, decoder or a formula", *before, "both")
        self.assert_refused(USAGE, "--backend: cpu trains along", *before, "W", "--backend", "cpu")
        self.assert_refused(USAGE, "longer than 4096 bytes", *before, "W" + "+W" * 4000)
        self.assert_refused(USAGE, "--gradient", "train", "mlp", "--data", self.data, "--gradient", "W")

    def test_config_with_a_malformed_formula(self):
        self.train("autoencoder", "--gradient", "W", "--out", "run")
        file = self.here / "run/config.json"
        file.write_text(file.read_text().replace('"W"', '"W*"'))
        for command in (["resume", "run", "--epochs", 3], ["train", "autoencoder", "--config", file, "--out", "other"]):
            self.assert_refused(USAGE, "--gradient" if command[0] == "train" else "gradient: the text ends", *command)

    def test_divergence(self):
        """As with any other gradient: a sentence, and the run that has no trained weights is gone."""
        for formula, options, words in (
            (FORMULAS["encoder"][0], ["--lr", 1e6], "training diverged in epoch 1"),
            ("W/0", [], "the value here is not a finite number"),
            ("W + log(W - 100)", [], "log of -"),
        ):
            self.assertIn(words, self.train("autoencoder", "--gradient", formula, "--out", "run", *options,
                                            expect=CHECK_FAILED).stderr)  # fmt: skip
            self.assertEqual(list(self.here.iterdir()), [], formula)


if __name__ == "__main__":
    unittest.main()
