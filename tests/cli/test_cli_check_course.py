"""Claims: `check` tells a right gradient from a wrong one, on losses of a whole course and on both models, says what a wrong
one is instead where it is something that one forgets, and shows where a malformed expression is malformed. What is
right is mathematics: each gradient below was derived by hand."""

import json
import sys
import pathlib
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import OK, USAGE, ProgramTest

CHECK_FAILED = 1

# Loss, variable, its gradient, a typical wrong one, sizes.
COURSE = {
    "least squares": ("0.5*norm2(A*x - b)^2", "x", "A'*(A*x - b)", "A'*A*x - b", ["A=5x5"]),
    "ridge": ("norm2(X*w - y)^2 + c*norm2(w)^2", "w", "2*X'*(X*w - y) + 2*c*w", "2*X'*(X*w - y) + c*w", ["X=7x3", "c=1x1"]),
    "logistic": ("sum(log(1 + exp(-y.*(X*w))))", "w", "-X'*(y.*sigmoid(-y.*(X*w)))", "-X'*(y.*sigmoid(y.*(X*w)))", ["X=7x3"]),
    "softmax": ("-sum(Y.*logsoftmax(W*X))", "W", "(softmax(W*X)*diag(Y'*ones(3,1)) - Y)*X'", "(softmax(W*X) - Y)*X'", ["W=3x4", "X=4x6"]),
    "factorisation": ("0.5*norm2(A*B - M)^2", "B", "A'*(A*B - M)", "(A*B - M)*A'", ["A=4x4", "B=4x4"]),
    "quadratic form": ("x'*A*x", "x", "(A + A')*x", "2*A*x", ["A=5x5"]),
    "trace": ("tr(A*W*B)", "W", "A'*B'", "A*B", ["A=4x4", "W=4x4", "B=4x4"]),
    "log det": ("log(det(A*A' + I))", "A", "2*inv(A*A' + I)*A", "inv(A*A' + I)*A", ["A=3x5"]),
    "inverse": ("sum(inv(A))", "A", "-inv(A)'*ones(4,4)*inv(A)'", "-inv(A)*ones(4,4)*inv(A)", ["A=4x4"]),
    "tanh layer": ("0.5*norm2(tanh(W*X) - Y)^2", "W", "((tanh(W*X) - Y).*(1 - tanh(W*X).^2))*X'", "(tanh(W*X) - Y)*X'", ["W=3x4", "X=4x6"]),
    "swish": ("sum(swish(x))", "x", "sigmoid(x) + x.*sigmoid(x).*(1 - sigmoid(x))", "sigmoid(x) + sigmoid(x).*(1 - sigmoid(x))", ["x=6"]),
    # S = Q'K, P its softmax by columns: dV = R P', dP = V'R, dS = P o (dP - 1 1'(P o dP)), dQ = K dS'
    "attention": ("0.5*norm2(V*softmax(Q'*K))^2", "V", "V*softmax(Q'*K)*softmax(Q'*K)'", "V*softmax(Q'*K)", ["V=4x5", "Q=3x5", "K=3x5"]),
    "attention's query": (
        "0.5*norm2(V*softmax(Q'*K))^2", "Q",
        "K*(softmax(Q'*K).*(V'*V*softmax(Q'*K) - ones(5,5)*(softmax(Q'*K).*(V'*V*softmax(Q'*K)))))'",
        "K*(softmax(Q'*K).*(V'*V*softmax(Q'*K)))'", ["V=4x5", "Q=3x5", "K=3x5"],
    ),
    "a norm": ("norm2(x)", "x", "x/norm2(x)", "x", ["x=5"]),
}  # fmt: skip


class Check(ProgramTest):
    def check(self, *arguments, expect=OK):
        return json.loads(self.run_program("check", "--json", *arguments, expect=expect).stdout)

    def said(self, *arguments):
        return " | ".join(item["text"] for item in self.check(*arguments, expect=CHECK_FAILED)["diagnoses"])

    def test_a_course(self):
        for name, (loss, of, right, wrong, sizes) in COURSE.items():
            given = ["--loss", loss, "--of", of, *(word for size in sizes for word in ("--size", size))]
            for seed in (1, 2, 3):
                with self.subTest(name, seed=seed):
                    report = self.check(*given, "--formula", right, "--seed", seed)
                    self.assertEqual(report["verdict"], "gradient")
                    self.assertLess(report["error"], 1e-6)
                    report = self.check(*given, "--formula", wrong, "--seed", seed, expect=CHECK_FAILED)
                    self.assertEqual(report["verdict"], "not the gradient")

    def test_the_slope_tells(self):
        """The remainder of a gradient is of second order, of anything else of first."""
        given = ("--loss", "x'*A*x*x'*x", "--of", "x", "--size", "A=4x4")
        right = self.check(*given, "--formula", "(A + A')*x*x'*x + 2*x'*A*x*x")
        wrong = self.check(*given, "--formula", "(A + A')*x*x'*x + 1.999*x'*A*x*x", expect=CHECK_FAILED)
        self.assertAlmostEqual(right["slope"], 2, delta=0.1)
        self.assertAlmostEqual(wrong["slope"], 1, delta=0.1)

    def test_every_equation_of_the_models(self):
        right = {
            "W": "(W*(W'*W - I)*X*X' + W*X*X'*(W'*W - I))/N",
            "W1": "dz1*X'/N", "b1": "dz1*ones(N,1)/N", "W2": "dz2*h'/N", "b2": "dz2*ones(N,1)/N",
            "z1": "dz1/N", "h": "dh/N", "z2": "dz2/N",
        }  # fmt: skip
        for data in ((), ("--data", self.data)):
            for of, formula in right.items():
                with self.subTest(of, data=bool(data)):
                    self.assertEqual(self.check("--of", of, "--formula", formula, *data)["verdict"], "gradient")
                    self.check("--of", of, "--formula", f"1.001*({formula})", *data, expect=CHECK_FAILED)
        for of, formula in (("z1", "(W2'*(p - Y)).*dswish(z1)/N"), ("h", "W2'*(p - Y)/N"), ("z2", "(p - Y)/N")):
            self.check("--of", of, "--formula", formula)

    def test_founding_formula(self):
        formula = "2*W*(W'*W - I)*X*X'/N"
        for data in ((), ("--data", self.data)):
            said = self.said("--formula", formula, *data)
            self.assertIn("2 E + 0 D", said)
            self.assertIn("the decoder's use of W is missing", said)
        self.assertIn("0 E + 2 D", self.said("--formula", "2*W*X*X'*(W'*W - I)/N"))
        # every loss has such parts: x is used twice
        said = self.said("--loss", "x'*A*x", "--of", "x", "--size", "A=4x4", "--formula", "2*A*x")
        self.assertIn("occurs 2 times", said)

    def test_factors(self):
        exact = "(W*(W'*W - I)*X*X' + W*X*X'*(W'*W - I))"
        for formula, factor in ((exact, "N"), (f"{exact}/(2*N)", "1/2"), (f"-{exact}/N", "-1"), (f"{exact}/N^2", "1/N")):
            self.assertIn(f"it is {factor} times the gradient", self.said("--formula", formula))
        self.assertNotIn("times the gradient", self.said("--formula", f"{exact}/N + W"))

    def test_transpose(self):
        loss = ("--loss", "0.5*norm2(W*X - Y)^2", "--of", "W", "--size", "W=3x4", "--size", "X=4x6")
        self.assertIn("the transpose of the gradient", self.said(*loss, "--formula", "X*(W*X - Y)'"))
        self.assertNotIn("transpose of the gradient", self.said(*loss, "--formula", "(X*(W*X + Y)')"))

    def test_missing_derivative(self):
        self.assertIn("derivative of swish", self.said("--of", "W1", "--formula", "dh*X'/N"))
        self.assertNotIn("derivative of swish", self.said("--of", "W1", "--formula", "sigmoid(dh)*X'/N"))

    def test_special_points(self):
        loss = ("--loss", "x'*A*x", "--of", "x", "--size", "A=4x4")
        self.assertIn("A is symmetric", self.said(*loss, "--formula", "2*A*x"))
        self.assertNotIn("A is symmetric", self.said(*loss, "--formula", "2*A*x + x"))

    def test_kinks_are_not_judged(self):
        for loss in ("sum(relu(x - x))", "sum(abs(x - x))"):
            report = self.check("--loss", loss, "--of", "x", "--size", "x=3", "--formula", "x - x", expect=CHECK_FAILED)
            self.assertEqual(report["verdict"], "not judged")
            self.assertIn("kink", report["note"])
        self.check("--loss", "sum(relu(x))", "--of", "x", "--size", "x=9", "--formula", "relu(x)./x")

    def test_spellings(self):
        """One gradient, as people and other programs write it."""
        for formula in (
            "(W*(W'*W-I)*X*X'+W*X*X'*(W'*W-I))/N", "(W(WᵀW − I)XXᵀ + W·X·Xᵀ·(Wᵀ·W − I))/N",
            r"(W*(W^\top*W - eye)*X*X^T + W*X*X^\top*(W^T*W - I))/N",
        ):  # fmt: skip
            if "W(" in formula:  # names side by side are one name, and a name before a bracket a function
                formula = formula.replace("W(WᵀW", "W·(Wᵀ·W").replace(")XXᵀ", ")·X·Xᵀ")
            self.check("--formula", formula)
        self.check("--loss", "½·‖A*x − b‖²", "--of", "x", "--formula", "A'(A*x - b)".replace("'(", "'*("), "--size", "A=5x3")

    def test_no_formula_prints_the_gradient(self):
        text = self.run_program("check", "--loss", "3*x", "--of", "x", "--size", "x=1x1").stdout
        self.assertIn("+3", text)

    def test_malformed(self):
        cases = {
            "2*W*(W'*W - I": ")", "W*W": "W*W'", "2*Q": "Q", "swich(W)": "swish", "W + + * X": "*", "": "", "W'*": "", "((((": "",
            "W ? X": "?", "inv(W)": "square", "(" * 200 + "W" + ")" * 200: "", "W" + "+W" * 5000: "",
        }  # fmt: skip
        for formula, named in cases.items():
            with self.subTest(formula[:20]):
                result = self.run_program("check", "--formula", formula, expect=USAGE)
                self.assertIn(named, result.stderr)
                self.assertEqual(result.stdout, "")
        # the caret stands under the character, however many bytes those before it have
        lines = self.run_program("check", "--formula", "Wᵀ·Wᵀ·X ? W", expect=USAGE).stderr.splitlines()
        caret = next(i for i, line in enumerate(lines) if "^" in line and set(line) <= set(" ^~"))
        self.assertEqual(lines[caret - 1][lines[caret].index("^")], "?")


if __name__ == "__main__":
    unittest.main()
