"""Claims: bench counts what it says it counts, measures something, leaves nothing behind, and refuses nonsense."""

import json
import os
import pathlib
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import USAGE, ProgramTest


class Bench(ProgramTest):
    """On 60 samples of 64 features, 4 classes."""

    def bench(self, *arguments, **options):
        return json.loads(self.run_program("bench", *arguments, "--data", self.data, "--seconds", 0.01, "--json", "--backend", "cpu",
                                           **options).stdout)

    def pixels(self):
        return (self.data / "train-images-idx3-ubyte").read_bytes()[16:]

    def test_counts(self):
        report = self.bench("--hidden", 8, "--batch-size", 16, "--threads", 1)
        self.assertEqual([m["model"] for m in report["models"]], ["mlp", "autoencoder"])
        pixels = self.pixels()
        density = sum(p != 0 for p in pixels) / len(pixels)
        b, d, h, c = 16, 64, 8, 4
        # Two for a multiply-add. MLP: z1, dW1; z2, dW2, dh. Autoencoder: z, y^T x; half of G and S, the rest by symmetry;
        # z G; S W.
        by_input = 2 * 2 * b * d * h
        dense = {"mlp": by_input + 3 * 2 * b * h * c, "autoencoder": by_input + (b + d) * h * h + 2 * b * h * h + 2 * h * h * d}
        values = {"mlp": d * h + h + h * c + c, "autoencoder": d * h}
        for model in report["models"]:
            with self.subTest(model=model["model"]):
                self.assertEqual((model["rows"], model["hidden"], model["features"]), (b, h, d))
                self.assertAlmostEqual(model["density"], density, places=12)
                self.assertEqual(model["dense_flops"], dense[model["model"]])
                self.assertAlmostEqual(model["effective_flops"], dense[model["model"]] - (1 - density) * by_input, places=3)
                self.assertEqual(model["bytes"], 3 * 4 * values[model["model"]] + b * d)
                self.assertGreater(model["steps"], 0)
                self.assertLessEqual(0, model["minimum_seconds"])
                self.assertLessEqual(model["minimum_seconds"], model["median_seconds"])
                self.assertTrue({"forward", "backward"} <= {p["phase"] for p in model["phases"]})
        self.assertGreater(report["gemm_flops_per_second"], 0)
        self.assertGreater(report["peak_flops_per_second"], 0)
        self.assertGreater(report["memory_bytes_per_second"], 0)

    def test_momentum_moves_the_velocity_too(self):
        plain, momentum = (self.bench("autoencoder", "--hidden", 8, "--batch-size", 16, "--momentum", m)["models"][0]["bytes"]
                           for m in (0, 0.9))
        self.assertEqual(momentum - plain, 2 * 4 * 8 * 64)

    def test_sweeps(self):
        expected = {
            "hidden": [16 * 2**k for k in range(9)],
            "batch": [1, 2, 4, 8, 16, 32],
            "density": [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
            "samples": [1000, 3000],
        }
        for sweep, values in expected.items():
            with self.subTest(sweep=sweep):
                empty = self.here / f"temporary-{sweep}"
                empty.mkdir()
                report = self.bench("--sweep", sweep, "--batch-size", 16, "--samples", 3000,
                                    env={**os.environ, "TMPDIR": str(empty)})
                self.assertEqual([p["value"] for p in report["points"]], values)
                self.assertEqual(list(empty.iterdir()), [])
                if sweep == "density":
                    for p in report["points"]:  # each pixel by itself: five standard errors of 8192 * 64 pixels
                        self.assertLess(abs(p["density"] - p["value"]), 5 * 0.5 / (8192 * 64) ** 0.5)

    def test_threads_end_at_all_of_them(self):
        values = [p["value"] for p in self.bench("--sweep", "threads", "--batch-size", 16)["points"]]
        self.assertEqual(values[0], 1)
        self.assertEqual(values, sorted(set(values)))
        self.assertLessEqual(values[-1], len(os.sched_getaffinity(0)))  # less where a container has a quota

    def test_refusals(self):
        for named, arguments in {
            "rnn": ["rnn"],
            "--seconds": ["--seconds", "0"],
            "--samples": ["--samples", "0"],
            "--sweep": ["--sweep", "depth"],
            "--momentum": ["--momentum", "2"],
        }.items():
            with self.subTest(named):
                self.assert_refused(USAGE, named, "bench", *arguments)


if __name__ == "__main__":
    unittest.main()
