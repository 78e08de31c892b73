"""Claims, of `check --explain`, for both models, by each parameter and intermediate quantity, on random matrices and on data of many
shapes: every line has the value that NumPy computes for it; the terms are what each use of a parameter changes the loss by, and their
sum is the derivative of the loss, both taken here from values of the loss alone; the program's own differences agree. What is
printed fits into 80 columns and says the same as --json, and a formula stands beside the derivation."""

import json
import pathlib
import re
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import numpy as np
from program import CHECK_FAILED, USAGE, ProgramTest

# Sums of a few thousand products in double, of terms that hardly cancel: the direction goes half along the gradient.
ROUNDING = 1e-10
STEP = 1e-30  # along the imaginary axis, so that nothing cancels


def data_of_many_shapes():
    random = np.random.default_rng(5)
    return {
        "bytes": random.integers(0, 256, (40, 12)).astype(np.uint8),
        "0 to 1": random.random((40, 7)),
        "-1 to 1": 2 * random.random((40, 7)) - 1,
        "standardised": random.normal(size=(40, 9)),
        "0 to 255": 255 * random.random((40, 6)),
        "offset 50": 50 + random.normal(size=(40, 5)),
        "two features": random.normal(size=(33, 2)),
        "one sample": random.normal(size=(1, 4)),
        "constant columns": np.hstack([random.normal(size=(20, 2)), np.full((20, 2), 3.0)]),
        "a millionth": 1e-6 * random.normal(size=(40, 5)),
    }


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def log_softmax(z):
    shifted = z - z.real.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=0))


def loss(q, encoder=None):
    """From the earliest quantity that moves (a complex one); `encoder`: a W of its own for the autoencoder's first use."""
    n = q["N"]
    if "W" in q:
        return (((q["W"].T @ ((q["W"] if encoder is None else encoder) @ q["X"])) - q["X"]) ** 2).sum() / (2 * n)
    z1 = q["z1"] if "z1" in q else q["W1"] @ q["X"] + q["b1"]
    h = q["h"] if "h" in q else z1 * sigmoid(z1)
    z2 = q["z2"] if "z2" in q else q["W2"] @ h + q["b2"]
    return -(q["Y"] * log_softmax(z2)).sum() / n


def derivative(q, names, **arguments):
    """Of the loss along the direction, moving these alone: differences in the imaginary part, which do not cancel."""
    moved = {**q, **{name: q[name] + 1j * STEP * q[f"{name}_d"] for name in names}}
    return loss(moved, **arguments).imag / STEP


def expected_lines(q):
    """The derivations of docs/MATH.md, in columns."""
    n = q["N"]
    if "W" in q:
        w, x, d = q["W"], q["X"], q["W_d"]
        z, v = w @ x, w.T @ w @ x - x
        e, decoder = w @ v @ x.T / n, z @ v.T / n
        return {
            "z": z, "xhat": w.T @ z, "v": v, "E": e, "D": decoder, "dL/dW": e + decoder, "2E": 2 * e, "z_d": d @ x,
            "xhat_d": d.T @ z + w.T @ d @ x, "L": loss(q),
            "L_e": (v * (w.T @ d @ x)).sum() / n, "L_d": (v * (d.T @ z)).sum() / n,
        }  # fmt: skip
    z1 = q.get("z1", q["W1"] @ q["X"] + q["b1"])
    s = sigmoid(z1)
    h = q.get("h", z1 * s)
    z2 = q.get("z2", q["W2"] @ h + q["b2"])
    p = np.exp(log_softmax(z2))
    dz2 = p - q["Y"]
    dh = q["W2"].T @ dz2
    dz1 = (s + z1 * s * (1 - s)) * dh
    return {
        "z1": z1, "h": h, "z2": z2, "p": p, "dz2": dz2, "dh": dh, "dz1": dz1, "L": loss(q),
        "dL/dz2": dz2 / n, "dL/dh": dh / n, "dL/dz1": dz1 / n, "dL/dW2": dz2 @ h.T / n, "dL/dW1": dz1 @ q["X"].T / n,
        "dL/db2": dz2.sum(axis=1, keepdims=True) / n, "dL/db1": dz1.sum(axis=1, keepdims=True) / n,
    }  # fmt: skip


class Explain(ProgramTest):
    def explain(self, *arguments):
        return json.loads(self.run_program("check", "--explain", "--json", *arguments).stdout)["explanation"]

    def agree(self, actual, expected, what, scale=None):
        scale = np.abs(expected).max() if scale is None else scale
        self.assertLessEqual(np.abs(actual - expected).max(), ROUNDING * scale, what)

    def hold(self, explanation):
        """Checks an explanation against NumPy; returns what was given."""
        values = {
            line["name"]: np.array(line["values"]).reshape(line["rows"], line["cols"]) for line in explanation["lines"]
        }
        q = {line["name"]: values[line["name"]] for line in explanation["lines"] if line["section"] == "Given"}
        q["N"] = q["N"].item()
        names = [name[:-2] for name in q if name.endswith("_d")]
        expected = expected_lines(q)
        for line in explanation["lines"]:
            if line["name"] in expected:
                self.agree(values[line["name"]], expected[line["name"]], line)
                self.assertAlmostEqual(line["norm"], np.linalg.norm(values[line["name"]]), delta=ROUNDING * line["norm"])
        whole = derivative(q, names)
        terms = {line["name"]: line["derivative"] for line in explanation["lines"] if line["term"]}
        if "W" in q:
            separate = {
                "E": derivative(q, [], encoder=q["W"] + 1j * STEP * q["W_d"]), "D": derivative(q, ["W"], encoder=q["W"]),
            }  # fmt: skip
        else:
            separate = {f"dL/d{name}": derivative(q, [name]) for name in names}
        self.assertEqual(terms.keys(), separate.keys())
        scale = sum(map(abs, separate.values()))
        for name, value in separate.items():
            self.agree(terms[name], value, name, scale)
        below = derivative(q, [name for name in names if name in ("W1", "b1", "z1", "h")])
        flows = {"v": whole, "dz2": whole, "dh": below, "dz1": below, "dL/dW": whole}
        for line in explanation["lines"]:
            if line["name"] in flows and "derivative" in line:
                self.agree(line["derivative"], flows[line["name"]], line, scale)
        self.agree(explanation["sum"], whole, "sum", scale)
        self.agree(sum(terms.values()), explanation["sum"], "sum", scale)
        self.assertLessEqual(explanation["error"], explanation["limit"])
        self.assertLess(explanation["limit"], 1e-5)
        self.assertAlmostEqual(explanation["quotient"], whole, delta=1e-5 * scale)
        return q

    def test_random_matrices(self):
        for arguments in ([], ["--of", "W"], ["--model", "autoencoder"], ["--size", "W=3x8", "--size", "X=8x2"]):
            self.assertIn("W", self.hold(self.explain(*arguments)))
        for seed in range(3):
            self.assertEqual(len([name for name in self.hold(self.explain("--model", "mlp", "--seed", seed)) if "_d" in name]), 4)
            for of in ("W1", "b1", "W2", "b2", "z1", "h", "z2"):
                with self.subTest(of=of, seed=seed):
                    self.hold(self.explain("--of", of, "--seed", seed))

    def test_own_data(self):
        for number, (kind, x) in enumerate(data_of_many_shapes().items()):
            data = self.here / f"data-{number}"
            data.mkdir()
            labels = np.arange(len(x)) % 3 if number % 2 else np.sort(np.arange(len(x)) % 4)
            np.save(data / "x_train.npy", x)
            np.save(data / "y_train.npy", labels.astype(np.uint8))
            seen = np.float32(x / 255.0) if x.dtype == np.uint8 else np.float32(x)
            for arguments in ([], ["--model", "mlp"], ["--of", "W1"], ["--of", "z1", "--samples", 1, "--hidden", 2]):
                with self.subTest(data=kind, arguments=arguments):
                    q = self.hold(self.explain("--data", data, *arguments))
                    np.testing.assert_array_equal(np.float32(q["X"]), seen[: q["N"]].T)
                    if "Y" in q:
                        np.testing.assert_array_equal(q["Y"].argmax(axis=0), labels[: q["N"]])

    def test_derivatives_follow_the_chain(self):
        """By a single parameter each step of the way back has the same derivative, which is the point of it."""
        for of in ("W1", "b1", "z1"):
            explanation = self.explain("--of", of)
            flows = [line["derivative"] for line in explanation["lines"] if "derivative" in line]
            self.assertEqual(len(flows), 4)
            self.agree(np.array(flows), explanation["sum"], of)

    def test_text(self):
        for arguments in ([], ["--model", "mlp"], ["--of", "b2"], ["--of", "h"], ["--of", "W1", "--data", self.data]):
            printed = self.run_program("check", "--explain", *arguments).stdout
            self.assertLessEqual(max(map(len, printed.splitlines())), 80)
            explanation = self.explain(*arguments)
            for line in explanation["lines"]:
                self.assertIn(f"{line['name']} = {line['text']}" if line["text"] else line["name"], printed)
            numbers = [float(number) for number in re.findall(r"[+-]\d\S*$", printed, re.M)]
            for line in explanation["lines"]:
                if "derivative" in line:
                    self.assertTrue(np.isclose(numbers, line["derivative"], rtol=1e-8).any(), line)
        self.assertIn("      4x6*6x9*9x6/N ", self.run_program("check", "--explain").stdout)

    def test_with_a_formula(self):
        formula = "2*W*(W'*W - I)*X*X'/N"
        printed = self.run_program("check", "--explain", "--formula", formula, expect=CHECK_FAILED).stdout
        self.assertIn(f"F = {formula}", printed)
        self.assertIn("2 E + 0 D", printed)
        answer = json.loads(self.run_program("check", "--explain", "--formula", formula, "--json", expect=CHECK_FAILED).stdout)
        lines = {line["name"]: line for line in answer["explanation"]["lines"]}
        self.assertAlmostEqual(lines["F"]["derivative"], lines["2E"]["derivative"])
        self.assertEqual(answer["verdict"], "not the gradient")
        self.run_program("check", "--explain", "--formula", "E + D")
        self.assertIn("its size is another", self.run_program("check", "--explain", "--formula", "W*W'", expect=CHECK_FAILED).stdout)
        self.run_program("check", "--explain", "--of", "W2", "--formula", "dz2*h'/N", "--data", self.data)

    def test_refused(self):
        self.assert_refused(USAGE, "--explain", "check", "--explain", "--loss", "sum(x)", "--of", "x")
        self.assert_refused(USAGE, "--of", "check", "--explain", "--of", "W3")
        self.assert_refused(USAGE, "--explain", "check", "--explain", "--model", "mlp", "--of", "W")


if __name__ == "__main__":
    unittest.main()
