"""Claims: `handgrad check` accepts the gradients of the losses of a course, as textbooks have them, and rejects typical wrong
answers; says of a wrong one what it is instead, and says it of no other; and shows where a malformed expression is malformed."""

import json
import math
import os
import pathlib
import re
import shutil
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import USAGE, ProgramTest, run

# loss, of, sizes, the gradient (matrix calculus by hand: the Matrix Cookbook has most), a wrong answer
COURSE = [
    ("0.5*norm2(A*x - b)^2", "x", ["A=7x3"], "A'*(A*x - b)", "A'*(A*x + b)"),
    ("½‖A·x − b‖² + λ/2*‖x‖²", "x", ["A=7x3"], "Aᵀ(A·x − b)".replace("ᵀ(", "ᵀ·(") + " + λ·x", "A^T*(A*x - b) + x"),
    ("sum(log(1 + exp(-y.*(X*w))))", "w", ["X=8x3"], "-X'*(y.*sigmoid(-y.*(X*w)))", "-X'*(y.*sigmoid(y.*(X*w)))"),
    ("-sum(Y.*logsoftmax(W*X))", "W", ["Y=3x6", "X=4x6"], "(softmax(W*X).*(vector(1)*vector(1)'*Y) - Y)*X'",
     "(softmax(W*X) - Y)*X'"),
    ("-tr(W'*C*W)", "W", ["W=5x2"], "-(C + C')*W", "-C*W"),
    ("0.5*norm2(X - U*V)^2", "U", ["U=5x2", "V=2x6"], "(U*V - X)*V'", "(X - U*V)*V'"),
    ("sum(V*softmax(K'*Q))", "V", ["K=3x5", "Q=3x4", "V=2x5"], "ones(2,4)*softmax(K'*Q)'", "ones(2,4)*softmax(K'*Q).^2'"),
    # P = softmax(K'Q), O = VP: dP = V'O, by the logits S dS = P o (dP - 1 1'(P o dP)), by Q K dS
    ("0.5*norm2(V*softmax(K'*Q))^2", "Q", ["K=3x5", "Q=3x5", "V=4x5"],
     "K*(softmax(K'*Q).*(V'*V*softmax(K'*Q) - ones(5,5)*(softmax(K'*Q).*(V'*V*softmax(K'*Q)))))",
     "K*(softmax(K'*Q).*(V'*V*softmax(K'*Q)))"),
    ("sum(tanh(W*X))", "W", ["W=3x4", "X=4x6"], "(1 - tanh(W*X).^2)*X'", "(1 - tanh(W*X))*X'"),
    ("log(det(A))", "A", ["A=4x4"], "inv(A)'", "inv(A)"),
    ("det(A)", "A", ["A=4x4"], "det(A)*inv(A)'", "det(A)*inv(A)"),
    ("tr(A^3)", "A", ["A=4x4"], "3*(A')^2", "3*A^2"),
    ("tr(A^-1)", "A", ["A=4x4"], "-(A^-1*A^-1)'", "-A^-1*A^-1"),
    ("sum(diag(x)*A*x)", "x", ["A=4x4"], "A*x + A'*x", "A*x"),
    ("sum(diag(A).^2)", "A", ["A=4x4"], "2*I.*A", "2*A"),
    ("sum(a.*sin(x) + cos(x)./exp(x))", "x", ["x=5", "a=5"], "a.*cos(x) - (sin(x) + cos(x))./exp(x)",
     "a.*cos(x) - sin(x)./exp(x)"),
    ("sum(sqrt(exp(x) + 1))", "x", ["x=5"], "exp(x)./(2*sqrt(exp(x) + 1))", "1./(2*sqrt(exp(x) + 1))"),
    ("norm2(x)", "x", ["x=5"], "x/norm2(x)", "x"),
    ("norm1(x)", "x", ["x=5"], "x./abs(x)", "x"),
    ("tr(A*X*B)", "X", ["A=3x4", "X=4x5"], "A'*B'", "A'*B' - X"),
    ("tr(inv(X)*A)", "X", ["X=3x3"], "-(inv(X)*A*inv(X))'", "-inv(X)*A*inv(X)"),
]  # fmt: skip

# the models' gradients, docs/MATH.md (A7), (M5) to (M12), in columns
MODELS = {
    "W": "(W*(W'*W - I)*X*X' + W*X*X'*(W'*W - I))/N",
    "W1": "dz1*X'/N",
    "b1": "dz1*ones(N, 1)/N",
    "W2": "dz2*h'/N",
    "b2": "(p - Y)*vector(1)/N",
    "z1": "Swish'(z1)∘dh/N",
    "h": "W₂ᵀ·dz2/N",
    "z2": "(softmax(z2) - Y)/N",
    "p": "-Y./p/N",
}


class Check(ProgramTest):
    def check(self, formula, *arguments):
        result = run("check", "--json", "--formula", formula, *arguments, cwd=self.here)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        answer = json.loads(result.stdout)
        self.assertEqual(answer["verdict"], "not the gradient" if result.returncode else "gradient")
        return result.returncode == 0, " ".join(row["text"] for row in answer["diagnoses"])

    def test_losses_of_a_course(self):
        for loss, of, sizes, right, wrong in COURSE:
            arguments = ["--loss", loss, "--of", of, *(word for size in sizes for word in ("--size", size))]
            with self.subTest(loss=loss):
                self.assertEqual(self.check(right, *arguments), (True, ""))
                # what a formula is instead is told by differentiating the loss, every function of it, in reverse
                self.assertIn("it is 2 times the gradient", self.check(f"2*({right})", *arguments)[1])
                self.assertFalse(self.check(wrong, *arguments)[0])

    def test_models(self):
        for of, gradient in MODELS.items():
            with self.subTest(of=of):
                self.assertEqual(self.check(gradient, "--of", of), (True, ""))
                self.assertIn("it is N times the gradient", self.check(gradient.replace("/N", ""), "--of", of)[1])

    def test_names_are_spelled_as_in_expressions(self):
        self.assertTrue(self.check("dz1*X'/N", "--of", "W₁")[0])
        for name in ("λ", "\\lambda", "lambda"):
            self.assertTrue(self.check("norm2(x)^2", "--loss", "λ*norm2(x)^2", "--of", name, "--size", "x=3")[0])

    def test_gradients_are_no_variables(self):
        for name, of in (("dz2", "z2"), ("dh", "h"), ("dz1", "z1")):
            self.assert_refused(USAGE, f"--of={of}", "check", "--of", name, "--formula", "X")
            self.assertTrue(self.check(f"{name}/N", "--of", of)[0])

    def test_small_and_strange_sizes(self):
        right, wrong = MODELS["W"], "2*W*(W'*W - I)*X*X'/N"
        for sizes in (("W=1x1", "X=1x1"), ("W=1x1", "X=1x5"), ("W=1x6", "X=6x1"), ("W=3x1", "X=1x4"), ("W=6x3", "X=3x9")):
            given = [word for size in sizes for word in ("--size", size)]
            with self.subTest(sizes=sizes):
                self.assertTrue(self.check(right, *given)[0])
                # of one feature both parts are the same, and the founding formula is right
                self.assertEqual(self.check(wrong, *given)[0], sizes[0].endswith("x1"))
        for sizes in (("X=1x1", "Y=2x1", "W1=1x1"), ("X=3x1", "Y=2x1"), ("X=1x4", "Y=1x4"), ("X=2x3", "Y=5x3", "W1=1x2")):
            given = [word for size in sizes for word in ("--size", size)]
            for of, gradient in MODELS.items():
                with self.subTest(sizes=sizes, of=of):
                    if of != "W":
                        self.assertTrue(self.check(gradient, "--of", of, *given)[0])

    def test_scales(self):
        # right up to rounding alone, and wrong by a thousandth, on numbers of every size
        size = ("--of", "x", "--size", "A=9x4")
        for loss, right in (
            ("1e-300*norm2(x)^2", "2e-300*x"),
            ("1e-30*norm2(x)^2", "2e-30*x"),
            ("1e30*norm2(x)^2", "2e30*x"),
            ("norm2(255*A*x + 50)^2", "510*255*A'*A*x + 510*50*A'*ones(9,1)"),
            ("norm2(A*x - b)^2", "2*A'*A*x - 2*A'*b + 1e9*x - 1e9*x"),
        ):
            with self.subTest(loss=loss):
                given = (*size[:2], *(size[2:] if "A" in loss else ("--size", "x=5")), "--loss", loss)
                self.assertTrue(self.check(right, *given)[0])
                self.assertFalse(self.check(f"1.001*({right})", *given)[0])

    def test_founding_formula(self):
        right, said = self.check("2*W*(W'*W - I)*X*X'/N")
        self.assertFalse(right)
        self.assertIn("2 E + 0 D; the decoder's use of W is missing", said)
        self.assertNotIn("transpose of", said)

    def test_diagnoses(self):
        # loss, of, sizes; what is said; a formula that deserves it, and one that does not
        lsq = ("0.5*norm2(A*x - b)^2", "x", "A=5x3")
        det = ("log(det(A))", "A", "A=4x4")
        bilinear = ("tr(U'*A*V)", "A", "A=3x5")
        trace = ("tr(W'*C*W)", "W", "W=5x2")
        cubic = ("tr(W*A*W*B*W)", "W", "W=4x4")
        layer = ("0.5*norm2(tanh(W*X) - Y)^2", "W", "W=3x4")
        for (loss, of, size), words, deserved, other in (
            (lsq, "it is 2 times the gradient", "2*A'*(A*x - b)", "A'*(2*A*x - b)"),
            (lsq, "it is -1 times the gradient", "A'*(b - A*x)", "A'*(A*x + b)"),
            (lsq, "it is 1/2 times the gradient", "A'*(A*x - b)/2", "A'*(A*x/2 - b)"),
            (lsq, "it is -1/3 times the gradient", "A'*(b - A*x)/3", "A'*(b - A*x/3)"),
            (lsq, "it is 0.7 times the gradient", "0.7*A'*(A*x - b)", "A'*(0.7*A*x - b)"),
            (det, "it is the transpose of the gradient", "inv(A)", "inv(A)*A"),
            (det, "it is 2 times the transpose of the gradient", "2*inv(A)", "inv(A) + I"),
            (bilinear, "it is the transpose of the gradient", "V*U'", "V*U' + ones(5, 3)"),
            (bilinear, "it is 5x3, and A, so its gradient, is 3x5", "V*U'", "2*U*V'"),
            (det, "it equals the gradient where A is symmetric", "inv(A)", "A"),
            (det, "it equals the gradient where A has orthonormal rows", "A", "inv(A)"),
            (trace, "it equals the gradient where C is symmetric", "2*C*W", "2*C*W + W"),
            (trace, "it is 1/2 times the gradient where C is symmetric", "C*W", "C*W + W"),
            # C W flows back to W', C' W to W
            (trace, "this is 0 use 2 + 1 use 1; the use 2 of W is missing", "C*W", "C*W + W"),
            (trace, "this is 2 use 2 + 1 use 1", "C*W + 2*C'*W", "C*W + W"),
            (trace, "the gradient is the sum of its parts", "3*C*W + C'*W", "C*W + W"),
            (cubic, "0 use 3 + 1 use 2 + 1 use 1; the use 3 of W is missing", "(A*W*B*W)' + (B*W*W*A)'", "(A*W*B*W)' + W"),
            (layer, "the factor 1 - tanh^2, the derivative of tanh, is missing", "(tanh(W*X) - Y)*X'", "(W*X - Y)*X'"),
            (layer, "besides, it is too large by the factor 2", "2*(tanh(W*X) - Y)*X'", "(tanh(W*X) - Y)*X'"),
        ):
            with self.subTest(loss=loss, deserved=deserved, other=other):
                given = ("--loss", loss, "--of", of, "--size", size)
                self.assertIn(words, self.check(deserved, *given)[1])
                self.assertNotIn(words, self.check(other, *given)[1])

    def test_diagnoses_of_the_models(self):
        for of, words, deserved, other in (
            ("W", "it is N times the gradient", f"N*{MODELS['W']}", "W*(W'*W - I)*X*X'"),
            ("W", "it is 1/N times the gradient", f"{MODELS['W']}/N", "W*(W'*W - I)*X*X'/N^2"),
            ("W", "this is 1 E + 0 D; the decoder's use of W is missing", "W*(W'*W - I)*X*X'/N", "W*X*X'/N"),
            ("W", "this is 0 E + 1 D; the encoder's use of W is missing", "W*X*X'*(W'*W - I)/N", "W*X*X'/N"),
            ("W", "it equals the gradient where W has orthonormal rows", "W*X*X'*(W'*W - I)/N", "W*(W'*W - I)*X*X'/N"),
            ("z1", "the factor Swish', the derivative of swish, is missing", "dh/N", "dh.*dh/N"),
            ("W1", "the factor Swish', the derivative of swish, is missing", "dh*X'/N", "z1*X'/N"),
            ("W2", "it is N times the gradient", "dz2*h'", "dz2*z1'"),
        ):
            with self.subTest(of=of, deserved=deserved, other=other):
                self.assertIn(words, self.check(deserved, "--of", of)[1])
                self.assertNotIn(words, self.check(other, "--of", of)[1])

    def test_kinks(self):
        size = ("--of", "x", "--size", "x=1x1", "--json")
        at = json.loads(self.run_program("check", "--loss", "x", *size).stdout)["value"]

        def judge(loss, formula, away):
            point = repr(at - away)
            answer = run("check", "--loss", loss.replace("P", point), "--formula", formula.replace("P", point), *size)
            return json.loads(answer.stdout)

        for loss, formula, twice in (
            ("abs(x - P)", "1", "2"),
            ("relu(x - P) + x", "2", "1"),
            ("norm1(x - P)", "1", "-1"),
            ("norm2(x - P)", "1", "0"),
            ("sqrt(x - P + 1)*abs(x - P)", "sqrt(x - P + 1) + (x - P)/(2*sqrt(x - P + 1))", "2"),
        ):
            with self.subTest(loss=loss):
                # at the kink there is no gradient; beside it there is one, and steps stay on its side
                for away, verdict in ((0, "not judged"), (1e-13, "not judged"), (1e-6, "gradient"), (0.5, "gradient")):
                    answer = judge(loss, formula, away)
                    self.assertEqual(answer["verdict"], verdict, (away, answer))
                    self.assertEqual("where it has no derivative" in answer["note"], away < 0.5)
                    if away == 1e-6 and formula.isdigit():  # the widest of the halved steps that goes half of the way
                        step = 2.0 ** -int(re.search(r"2\^-(\d+) and below", answer["note"])[1])
                        self.assertAlmostEqual(step * answer["directions"][0]["analytic"] / int(formula) / away, 3 / 8, delta=0.13)
                if twice != formula.split()[0]:
                    self.assertEqual(judge(loss, twice, 1e-6)["verdict"], "not the gradient")
        # an exponent that is whole, rounded, on one side of the point alone: which operands have kinks is told at the point
        for shift in ("19.0615", "19.0616"):  # tanh rounds to 1 from 55 ln(2)/2 = 19.06155 on
            answer = judge(f"20^tanh(x - P + {shift}) + abs(x - P + 9)", "1", 0)
            self.assertEqual((answer["verdict"], answer["note"]), ("gradient", ""), shift)
        # an operand that is 0 whatever W is, as of an input that is always 0, has no kink
        self.assertTrue(self.check("ones(2,2)", "--loss", "sum(relu(W - W) + W)", "--of", "W", "--size", "W=2x2")[0])

    def test_not_judged(self):
        # the loss is so large that its differences are rounding: neither answer may pass for right or for wrong
        for formula in ("2*x", "3*x"):
            result = run("check", "--loss", "1e20 + x'*x", "--of", "x", "--size", "x=5", "--formula", formula)
            self.assertEqual(result.returncode, 1)
            self.assertIn("Not judged", result.stdout)

    def test_steps_that_see_nothing(self):
        # differences of wide steps are equal where a period divides them, or where all of a rise lies within the shortest:
        # the gradient is not called wrong for that
        size = ("--of", "x", "--size", "x=1x1", "--json")
        line = json.loads(self.run_program("check", "--loss", "x", "--formula", "1", *size).stdout)
        at, along = line["value"], abs(line["directions"][0]["analytic"])
        for loss, rate in [(f"sin(W*(x - {at!r})) + x", 2 * math.pi * 2.0**k / along) for k in (10, 20, 28, 31, 36, 44)] + [
            (f"tanh(W*(x - {at!r})) + x", 10.0**k) for k in (2, 6, 9, 10, 12, 16)
        ]:
            answer = json.loads(run("check", "--loss", loss.replace("W", repr(rate)), "--formula", f"1 + {rate!r}", *size).stdout)
            with self.subTest(loss=loss, rate=rate):
                self.assertIn(answer["verdict"], ("gradient",) if rate < 1e8 else ("gradient", "not judged"))

    def test_malformed(self):
        for formula, column, words in (
            ("2*W*(W*W - I)", 5, "did you mean W*W'?"),
            ("½·Wx", 2, "there is no 'Wx'"),
            ("W*(X", 4, "the text ends"),
            ("W*XX", 2, "did you mean X*X?"),
            ("W $ X", 2, "'$' stands where"),
            ("(" * 100 + "W", 64, "brackets"),
        ):
            result = run("check", "--formula", formula, cwd=self.here)
            with self.subTest(formula=formula):
                self.assertEqual(result.returncode, USAGE)
                self.assertIn(words, result.stderr)
                caret = next(line for line in result.stderr.splitlines() if line.strip() == "^")
                self.assertEqual(caret.index("^") - 4, min(column, 60) if len(formula) > 60 else column)
                self.assertEqual(result.stdout, "")

    def test_a_place_belongs_to_its_message(self):
        # the first numbers drawn have no logarithm, which is no part of what is wrong here
        self.assertIn("the first numbers drawn", self.run_program("check", "--loss", "sum(log(x))", "--of", "x", "--size", "x=5").stdout)
        refused = run("check", "--loss", "sum(log(x))", "--of", "y", "--size", "x=5", cwd=self.here)
        self.assertEqual(refused.stderr, "handgrad check: --of: the loss sum(log(x)) does not contain y\n")

    def test_sizes(self):
        loss = ("--loss", "0.5*λ*norm2(A*x - b)^2", "--of", "x", "--formula", "λ*A'*(A*x - b)")
        self.run_program("check", *loss, "--size", "A=nxk", "--size", "x=k", "--size", "b=n", "--size", "λ=1x1", expect=0)
        for size, words in (("A", "begins with no name"), ("A=0x3", "is no size"), ("A=3x", "is no size"), ("=3", "no name"),
                            ("w=3", "the loss has no 'w'"), ("A=9999999x9", "is no size"),
                            ("A=9000x9000", "limit")):  # fmt: skip
            with self.subTest(size=size):
                self.assertIn(words, run("check", *loss, "--size", size, cwd=self.here).stderr)
        # b is added to each column of a matrix, whose size nothing gives
        cols = json.loads(self.run_program("check", "--loss", "sum((W*X + b).^2)", "--of", "X", "--json").stdout)["cols"]
        self.assertGreater(cols, 1)
        self.assert_refused(USAGE, "second size", "check", *loss, "--size", "A=3x3", "--size", "A=3x4")
        model = ("check", "--of", "z1", "--formula", "dz1/N")
        self.assert_refused(USAGE, "no matrix of this model", *model, "--size", "Q=3")
        self.assert_refused(USAGE, "no matrix of this model", *model, "--size", "z1=3x3")
        # each sample has its label: columns of Y are not repeated
        self.assert_refused(USAGE, "a column for every sample", *model, "--size", "Y=24", "--size", "X=2x4")

    def test_limits(self):
        # of numbers, and of multiplications: said at once, with the place
        huge = ("--loss", "norm2(A*A)^2", "--of", "A", "--formula", "A")
        self.assert_refused(USAGE, "limit of 33554432 numbers", "check", *huge, "--size", "A=4000x4000")
        self.assert_refused(USAGE, "multiplications", "check", *huge, "--size", "A=1500x1500")
        # the loss is evaluated again and again, so it may take less than the formula
        self.assert_refused(USAGE, "loss: with this one value", "check", *huge, "--size", "A=513x513")
        large = ("--loss", "sum(A)", "--of", "A", "--size", "A=513x513")
        self.assertTrue(self.check("ones(513, 513)*eye(513)", *large)[0])
        self.assert_refused(USAGE, "formula: with this one value", "check", *large, "--formula", "A^10")

    def test_plot(self):
        given = ("--loss", "x'*A*x", "--of", "x", "--size", "A=4x4", "--plot", "v.svg", "--formula")
        for formula, expect, title in (("(A + A')*x", 0, "F is the gradient"), ("2*A*x", 1, "F is not the gradient")):
            self.run_program("check", *given, formula, expect=expect)
            self.assertIn(f"<title>{title}</title>", (self.here / "v.svg").read_text())
        self.assert_refused(USAGE, "neither in .svg nor in .png", "check", *given[:-2], "v.txt", "--formula", "A*x")
        (self.here / "v.svg").unlink()
        self.assert_refused(USAGE, "--plot", "check", "--loss", "x'*x", "--of", "x", "--size", "x=3", "--plot", "v.svg")

    def plot_as_png(self, **environment):
        given = ("--loss", "x'*A*x", "--of", "x", "--size", "A=4x4", "--formula", "(A + A')*x", "--plot", "v.png")
        return run("check", *given, cwd=self.here, **environment)

    @unittest.skipUnless(shutil.which("rsvg-convert"), "rsvg-convert is not installed")
    def test_plot_as_png(self):
        from PIL import Image  # not needed by the other tests

        self.assertEqual(self.plot_as_png().returncode, 0)
        with Image.open(self.here / "v.png") as picture:
            self.assertEqual((picture.format, picture.width), ("PNG", 1440))  # 720 units wide, two pixels each
            counts = {colour: count for count, colour in picture.convert("RGB").getcolors(1 << 24)}
        self.assertEqual(max(counts, key=counts.get), (255, 255, 255))
        for line in ((0x00, 0x72, 0xB2), (0xC4, 0x4E, 0x00)):  # the two series
            self.assertGreater(counts.get(line, 0), 1000)
        self.assertEqual([path.name for path in self.here.iterdir()], ["v.png"])

    def test_plot_as_png_needs_a_program(self):
        # neither the program, nor one that fails in its place: said, with what to do, and nothing is left
        (self.here / "v.png").write_text("what was there before")
        result = self.plot_as_png(env={**os.environ, "PATH": str(self.here)})
        self.assertEqual(result.returncode, 69, result.stderr)
        self.assertIn("install librsvg2-bin", result.stderr)
        self.assertEqual(result.stdout, "")
        bin_directory = self.here / "bin"
        bin_directory.mkdir()
        (bin_directory / "rsvg-convert").write_text('#!/bin/sh\n[ "$1" = --version ]\n')
        (bin_directory / "rsvg-convert").chmod(0o755)
        result = self.plot_as_png(env={**os.environ, "PATH": f"{bin_directory}:/usr/bin:/bin"})
        self.assertEqual(result.returncode, 74, result.stderr)
        self.assertEqual((self.here / "v.png").read_text(), "what was there before")
        self.assertEqual(sorted(path.name for path in self.here.iterdir()), ["bin", "v.png"])


if __name__ == "__main__":
    unittest.main()
