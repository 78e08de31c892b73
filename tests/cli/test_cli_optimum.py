"""Claims: `optimum` gives the least loss of the tied autoencoder on data of any shape and scale, as NumPy's eigenvalues say;
the weights that it writes are orthonormal and reach that loss, in NumPy and in `eval`; other commands take them as a
trained model; and what cannot be solved for is refused with nothing written.
"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from oracle import np
from program import BAD_DATA, CANNOT_CREATE, NO_INPUT, USAGE, ProgramTest, read_metadata, read_safetensors, run_ok

RANDOM = np.random.default_rng(3)
IMAGES = RANDOM.integers(0, 256, (50, 6, 6), np.uint8) * (RANDOM.random((50, 6, 6)) < 0.3)
NORMAL = RANDOM.normal(size=(80, 9)).astype(np.float32)
DATASETS = {
    "bytes": IMAGES.astype(np.uint8),
    "unit": RANDOM.random((70, 8), np.float32),
    "signed": (2 * RANDOM.random((70, 8)) - 1).astype(np.float32),
    "standardised": NORMAL,
    "large": 255 * RANDOM.random((40, 7), np.float32),
    "offset 50": NORMAL + np.float32(50),
    "tiny": NORMAL * np.float32(1e-6),
    "more features than samples": RANDOM.random((5, 30), np.float32),
    "one sample": RANDOM.random((1, 6), np.float32),
    "two features": RANDOM.normal(size=(30, 2)).astype(np.float32),
    "one feature": RANDOM.normal(size=(30, 1)).astype(np.float32),
    "constant columns": np.hstack([NORMAL, np.full((80, 3), 7, np.float32), np.zeros((80, 2), np.float32)]),
    "equal samples": np.tile(RANDOM.random((1, 5), np.float32), (12, 1)),
    "all zero": np.zeros((10, 4), np.float32),
}


def rows(array):
    """As the program takes them: bytes are 255ths."""
    flat = array.reshape(len(array), -1).astype(np.float64)
    return flat / 255 if array.dtype == np.uint8 else flat


def loss(x, w):
    return ((x @ w.T @ w - x) ** 2).sum(1).mean() / 2


class Optimum(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, array in DATASETS.items():
            directory = cls.top / name
            directory.mkdir()
            for split in ("train", "test"):
                np.save(directory / f"x_{split}.npy", array)
                np.save(directory / f"y_{split}.npy", np.zeros(len(array), np.uint8))

    def optima(self, *arguments):
        return json.loads(self.run_program("optimum", "--json", *arguments).stdout)

    def solution(self, name, latent):
        """Solves and returns what the program says and the weights that it wrote."""
        said = self.optima("--data", self.top / name, "--latent", latent, "--out", f"{name} {latent}")
        dtype, shape, content = read_safetensors(self.here / f"{name} {latent}/model.safetensors")["encoder.weight"]
        self.assertEqual(dtype, "F32")
        return said["optima"][0], np.frombuffer(content, "<f4").reshape(shape).astype(np.float64)

    def test_the_least_loss(self):
        for name, array in DATASETS.items():
            with self.subTest(name):
                x = rows(array)
                values = np.linalg.eigvalsh(x.T @ x / len(x))[::-1]
                nothing = values.sum() / 2
                said = self.optima("--data", self.top / name)
                self.assertEqual([said["samples"], said["features"]], list(x.shape))
                asked = [row["latent"] for row in said["optima"]]
                self.assertEqual([asked[0], asked[-1]], [1, x.shape[1]])
                # Eigenvalues in double are good to about features * 2^-53 of the largest.
                limit = 4 * x.shape[1] * 2**-52 * nothing
                self.assertAlmostEqual(said["loss_of_zero"], nothing, delta=limit)
                for row in said["optima"]:
                    least = values[row["latent"] :].sum() / 2
                    self.assertAlmostEqual(row["optimum"], least, delta=limit)
                    if nothing > 0:
                        self.assertAlmostEqual(row["kept"], 1 - least / nothing, delta=1e-12)
                    else:
                        self.assertNotIn("kept", row)
                self.assertEqual(said["optima"][-1]["optimum"], 0)  # as many latent units as features lose nothing

    def test_the_weights_reach_it(self):
        for name, array in DATASETS.items():
            x = rows(array)
            for latent in {1, (1 + x.shape[1]) // 2, x.shape[1]}:
                with self.subTest(name, latent=latent):
                    said, w = self.solution(name, latent)
                    self.assertEqual(w.shape, (latent, x.shape[1]))
                    # Rounding to float32 changes an element by 2^-25 of 1 at most; a product sums `features` of them.
                    np.testing.assert_allclose(w @ w.T, np.eye(latent), rtol=0, atol=4 * x.shape[1] * 2**-25)
                    nothing = (x**2).sum(1).mean() / 2
                    # At the minimum the loss changes with the square of that change.
                    self.assertAlmostEqual(loss(x, w), said["optimum"], delta=1e-10 * nothing)
                    evaluated = json.loads(self.run_program("eval", f"{name} {latent}", "--json").stdout)
                    # In float32 the loss is what is left of terms as large as ||x||^2: docs/NUMERICS.md.
                    self.assertAlmostEqual(evaluated["loss"], said["optimum"], delta=1e-5 * nothing)
                    self.assertAlmostEqual(evaluated["optimum"], said["optimum"], delta=1e-12 * nothing)

    def test_the_rows_are_the_eigenvectors_the_largest_first(self):
        _, w = self.solution("constant columns", 4)
        x = rows(DATASETS["constant columns"])
        vectors = np.linalg.eigh(x.T @ x / len(x))[1][:, ::-1][:, :4].T
        largest = np.abs(vectors).argmax(1)
        vectors *= np.sign(vectors[np.arange(4), largest])[:, None]
        np.testing.assert_allclose(w, vectors, rtol=0, atol=1e-6)  # float32

    def test_a_table_for_people(self):
        table = self.run_program("optimum", "--data", self.top / "two features", "--latent", "2,1").stdout
        x = rows(DATASETS["two features"])
        values = np.linalg.eigvalsh(x.T @ x / len(x))
        lines = table.splitlines()
        self.assertEqual(lines[-2].split(), ["2", "0", "100.00", "%"])
        self.assertEqual(lines[-1].split()[:2], ["1", f"{values[0] / 2:.7g}"])
        self.assertIn("all samples are zero", self.run_program("optimum", "--data", self.top / "all zero").stdout)

    def test_other_commands_take_it(self):
        _, w = self.solution("bytes", 5)
        x = rows(DATASETS["bytes"])
        run, images = "bytes 5", self.top / "bytes/x_test.npy"
        self.run_program("encode", run, images, "--out", "z.npy")
        np.testing.assert_allclose(np.load(self.here / "z.npy"), x @ w.T, rtol=0, atol=1e-5)  # float32 sums of 36
        self.run_program("reconstruct", run, images, "--out", "x.npy")
        np.testing.assert_allclose(np.load(self.here / "x.npy"), x @ w.T @ w, rtol=0, atol=1e-5)
        self.assertEqual(self.run_program("eval", run).stdout.splitlines()[0].split()[0], "data")  # no epoch is stated
        facts = read_metadata(self.here / run / "model.safetensors")
        self.assertEqual([facts["model"], facts["hidden"], facts["input"]], ["autoencoder", "5", "bytes/255"])
        self.run_program("train", "autoencoder", "--data", self.top / "bytes", "--latent", 5, "--epochs", 1, "--lr", 1e-4,
                         "--init", f"{run}/model.safetensors", "--out", "on")  # fmt: skip
        after = json.loads((self.here / "on/metrics.jsonl").read_text())
        self.assertLess(after["optimality_distance"], 1e-3)  # it began at the optimum, and took one step from there

    def test_of_the_test_set(self):
        there = self.top / "splits"
        there.mkdir()
        for split, array in (("train", NORMAL), ("test", 2 * NORMAL[:20])):
            np.save(there / f"x_{split}.npy", array)
            np.save(there / f"y_{split}.npy", np.zeros(len(array), np.uint8))
        for split, x in (("train", rows(NORMAL)), ("test", 2 * rows(NORMAL[:20]))):
            said = self.optima("--data", there, "--split", split, "--latent", 3)
            expected = np.linalg.eigvalsh(x.T @ x / len(x))[:-3].sum() / 2
            self.assertAlmostEqual(said["optima"][0]["optimum"], expected, delta=1e-12 * x.size)
        default = self.optima("--data", there, "--latent", 3)
        self.assertEqual(default, self.optima("--data", there, "--latent", 3, "--split", "train"))

    def test_what_is_refused(self):
        bytes_ = self.top / "bytes"
        for latent in ("0", "37", "8,", ",8", "8,,9", "eight", "-3", "4.5", "8 9", "99999999999999999999"):
            with self.subTest(latent=latent):
                self.assert_refused(USAGE, "--latent", "optimum", "--data", bytes_, "--latent", latent)
        for several in ((), ("--latent", "4,5")):
            self.assert_refused(USAGE, "--out", "optimum", "--data", bytes_, "--out", "run", *several)
        self.assert_refused(NO_INPUT, "nowhere", "optimum", "--data", "nowhere", "--latent", 4, "--out", "run")
        (self.top / "broken").mkdir()
        for name in ("x_train.npy", "y_train.npy"):
            (self.top / "broken" / name).write_bytes(b"no array")
        self.assert_refused(BAD_DATA, "_train.npy", "optimum", "--data", self.top / "broken")
        run_ok("optimum", "--data", bytes_, "--latent", 4, "--out", self.here / "run")
        before = (self.here / "run/model.safetensors").read_bytes()
        refused = self.assert_refused(CANNOT_CREATE, "run", "optimum", "--data", bytes_, "--latent", 5, "--out", "run")
        self.assertIn("holds a run already", refused)
        self.assertEqual((self.here / "run/model.safetensors").read_bytes(), before)
        self.assert_refused(NO_INPUT, "solved for, not trained", "resume", "run")


if __name__ == "__main__":
    unittest.main()
