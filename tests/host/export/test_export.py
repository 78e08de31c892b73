"""Claim: what `handgrad export` writes computes what the model computes. ONNX files pass onnx.checker and agree in ONNX
Runtime with NumPy in double; so does the C header, compiled as C99 and C++17 with every warning an error; PyTorch's
names and metadata come through in safetensors, and names, shapes and numbers in NPZ. Bad input writes nothing."""

import gzip
import pathlib
import re
import subprocess
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import BAD_DATA, BUILD, CANNOT_CREATE, IO, MNIST, NO_INPUT, USAGE, ProgramTest, build_setting
from program import read_metadata, read_safetensors, write_safetensors

try:
    import onnx
    import onnxruntime
except ImportError as error:
    raise SystemExit(f"{error}: this test needs the packages of tests/requirements.txt")  # noqa: B904

# ONNX Runtime and the header sum in float32, in orders of their own: a few hundred roundings of 6e-8, of random signs.
LIMIT = 1e-5

# kind, features, hidden, classes, and the inputs: pixels, or values as spread around a mean
CASES = {
    "digits": ("mlp", 784, 32, 10, "pixels"),
    "two_features": ("mlp", 2, 8, 3, (0, 1)),
    "one_unit": ("mlp", 5, 1, 2, (0, 1)),
    "many_classes": ("mlp", 20, 16, 256, (0, 1)),
    "offset": ("mlp", 4, 16, 3, (50, 5)),
    "to_255": ("mlp", 64, 16, 4, (128, 60)),
    "pictures": ("autoencoder", 784, 16, 0, "pixels"),
    "wide": ("autoencoder", 300, 300, 0, (0, 1)),
    "plane": ("autoencoder", 2, 1, 0, (50, 5)),
}

HARNESS = """
#include "MODEL.h"
#include "MODEL.h"
#include <stdio.h>
int main(void)
{
    static float x[MODEL_FEATURES], BUFFERS;
    while (fread(x, sizeof x, 1, stdin) == 1) {
        CALLS
    }
    return 0;
}
"""
MLP_CALLS = """MODEL_logits(x, a); fwrite(a, sizeof a, 1, stdout); MODEL_probabilities(x, b);
        fwrite(b, sizeof b, 1, stdout); a[0] = (float)MODEL_predict(x); fwrite(a, sizeof *a, 1, stdout);"""
AUTOENCODER_CALLS = """MODEL_encode(x, a); fwrite(a, sizeof a, 1, stdout); MODEL_decode(a, b);
        fwrite(b, sizeof b, 1, stdout);"""

# What makes a compiler emit every function of a header, which are all inline.
MLP_USE = "size_t use(const float *x, float *p) { net_probabilities(x, p); return net_predict(x); }\n"
AUTOENCODER_USE = "void use(const float *x, float *c, float *y) { net_encode(x, c); net_decode(c, y); }\n"


def error(actual, expected):
    """The largest error over the size of the result: an output near zero is a difference of terms of that size."""
    return np.abs(actual - expected).max() / np.abs(expected).max()


class Model:
    """Random weights as a file of handgrad, samples for them, and the results by NumPy in double."""

    def __init__(self, path, case, seed=3):
        self.kind, features, hidden, classes, inputs = case
        source = np.random.default_rng(seed)
        pixels = inputs == "pixels"
        mean, deviation = (0.5, 0.3) if pixels else inputs

        def weights(*shape):
            return source.normal(0, 1 / np.sqrt(shape[-1]), shape).astype("<f4")

        metadata = {"format": "pt", "handgrad": "0", "model": self.kind, "features": str(features),
                    "hidden": str(hidden), "input": "bytes/255" if pixels else "values", "input_mean": str(mean),
                    "input_deviation": str(deviation), "input_least": "0", "input_largest": "1000"}  # fmt: skip
        if self.kind == "mlp":
            metadata["classes"] = str(classes)
            self.tensors = {"fc1.weight": weights(hidden, features), "fc1.bias": weights(hidden),
                            "fc2.weight": weights(classes, hidden), "fc2.bias": weights(classes)}  # fmt: skip
            self.tensors["fc1.weight"] /= max(1, abs(mean))
        else:
            self.tensors = {"encoder.weight": weights(hidden, features)}
        write_safetensors(path, {name: ("F32", list(t.shape), t.tobytes()) for name, t in self.tensors.items()}, metadata)
        x = source.integers(0, 256, (1000, features)) if pixels else source.normal(mean, deviation, (1000, features))
        self.samples = x.astype("<f4")
        self.unit = 255.0 if pixels else 1.0

    def results(self):
        x = self.samples.astype(np.float64) / self.unit
        w = {name: tensor.astype(np.float64) for name, tensor in self.tensors.items()}
        if self.kind == "autoencoder":
            code = x @ w["encoder.weight"].T
            return {"code": code, "reconstruction": code @ w["encoder.weight"]}
        a = x @ w["fc1.weight"].T + w["fc1.bias"]
        logits = a / (1 + np.exp(-a)) @ w["fc2.weight"].T + w["fc2.bias"]
        p = np.exp(logits - logits.max(1, keepdims=True))
        return {"logits": logits, "probabilities": p / p.sum(1, keepdims=True)}


def run_onnx(path, samples):
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {session.get_inputs()[0].name: samples})))


class Export(ProgramTest):
    def model(self, name):
        return Model(self.here / f"{name}.safetensors", CASES[name])

    def export(self, name, out, *arguments):
        self.run_program("export", f"{name}.safetensors", "--out", out, *arguments)
        return self.here / out

    def assert_agrees(self, actual, expected):
        self.assertEqual(set(actual), set(expected))
        for name, values in expected.items():
            self.assertEqual(actual[name].shape, values.shape)
            self.assertLess(error(actual[name], values), LIMIT, name)

    def test_onnx(self):
        for name in CASES:
            with self.subTest(name):
                model = self.model(name)
                path = self.export(name, f"{name}.onnx")
                expected = model.results()
                for count in (1, 1000):
                    first = {key: values[:count] for key, values in expected.items()}
                    self.assert_agrees(run_onnx(path, model.samples[:count]), first)
                file = onnx.load(path)
                self.assertEqual(file.opset_import[0].version, 13)
                properties = {entry.key: entry.value for entry in file.metadata_props}
                self.assertEqual(properties["model"], model.kind)
                self.assertIn("pixels" if model.unit > 1 else "numbers", file.doc_string)

    def test_parts(self):
        for name in ("pictures", "plane"):
            model = self.model(name)
            expected = model.results()
            encoded = run_onnx(self.export(name, "e.onnx", "--part", "encoder"), model.samples)
            self.assert_agrees(encoded, {"code": expected["code"]})
            decoded = run_onnx(self.export(name, "d.onnx", "--part", "decoder"), expected["code"].astype("f4"))
            self.assert_agrees(decoded, {"reconstruction": expected["reconstruction"]})

    def compile_and_run(self, model, compiler, *flags):
        mlp = model.kind == "mlp"
        sizes = ("CLASSES", "CLASSES") if mlp else ("HIDDEN", "FEATURES")
        text = HARNESS.replace("BUFFERS", "a[MODEL_{}], b[MODEL_{}]".format(*sizes))
        text = text.replace("CALLS", MLP_CALLS if mlp else AUTOENCODER_CALLS).replace("MODEL", "net")
        (self.here / "main.c").write_text(text)
        subprocess.run([*compiler, *flags, "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", "main.c", "-o", "main", "-lm"],
                       cwd=self.here, check=True)  # fmt: skip
        done = subprocess.run([self.here / "main"], input=model.samples.tobytes(), capture_output=True, check=True)
        return np.frombuffer(done.stdout, "<f4").reshape(len(model.samples), -1)

    def test_c(self):
        compiler = build_setting("CMAKE_C_COMPILER")
        for name in CASES:
            with self.subTest(name):
                model = self.model(name)
                self.export(name, "net.h", "--name", "net")
                rows = self.compile_and_run(model, [compiler], "-std=c99")
                expected = model.results()
                first, second = expected.values()
                width = first.shape[1]
                self.assert_agrees(dict(zip(expected, (rows[:, :width], rows[:, width : width + second.shape[1]]))), expected)
                if model.kind == "mlp":
                    top = np.sort(first, axis=1)
                    clear = top[:, -1] - top[:, -2] > 1e-4 * np.abs(first).max()  # no tie within rounding
                    self.assertTrue((rows[clear, -1] == first.argmax(1)[clear]).all())

    def test_c_is_cxx_too(self):
        model = self.model("offset")
        self.export("offset", "net.h", "--name", "net")
        rows = self.compile_and_run(model, ["c++", "-x", "c++"], "-std=c++17")
        self.assertLess(error(rows[:, :3], model.results()["logits"]), LIMIT)

    def test_c_has_the_names_of_classes(self):
        names = ["Iris setosa", 'a "b" \\n', "??/ trigraph", "naïve 7"]
        model = Model(self.here / "named.safetensors", ("mlp", 3, 4, 4, (0, 1)))
        tensors = {name: ("F32", list(t.shape), t.tobytes()) for name, t in model.tensors.items()}
        metadata = read_metadata(self.here / "named.safetensors") | {"class_names": "\n".join(sorted(names))}
        write_safetensors(self.here / "named.safetensors", tensors, metadata)
        self.export("named", "net.h", "--name", "net")
        (self.here / "main.c").write_text('#include "net.h"\n#include <stdio.h>\nint main(void)\n{\n    for (size_t c = 0; '
                                          'c < net_CLASSES; ++c)\n        puts(net_class_name(c));\n    return 0;\n}\n')  # fmt: skip
        subprocess.run([build_setting("CMAKE_C_COMPILER"), "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic",
                        "main.c", "-o", "main", "-lm"], cwd=self.here, check=True)  # fmt: skip
        shown = subprocess.run([self.here / "main"], capture_output=True, check=True).stdout.decode()
        self.assertEqual(shown.splitlines(), sorted(names))

    def test_c_takes_the_stack_that_it_states(self):
        """What functions take beyond their arrays is a frame, which does not grow with the model."""
        frame = 256
        for name in ("many_classes", "digits", "wide"):
            self.model(name)
            header = self.export(name, "net.h", "--name", "net").read_text()
            stated = int(re.search(r"Arrays on the stack: (\d+) bytes", header)[1])
            calls = AUTOENCODER_USE if name == "wide" else MLP_USE
            (self.here / "unit.c").write_text('#include "net.h"\n' + calls)
            subprocess.run([build_setting("CMAKE_C_COMPILER"), "-std=c99", "-O0", "-fstack-usage", "-c", "unit.c"],
                           cwd=self.here, check=True)  # fmt: skip
            lines = (self.here / "unit.su").read_text().splitlines()
            used = [int(line.split()[-2]) for line in lines if ":net_" in line]
            self.assertEqual(len(used), 3)
            self.assertGreaterEqual(max(used), stated)
            self.assertLessEqual(max(used), stated + frame)

    def test_weights_in_c_are_exact(self):
        model = self.model("offset")
        text = self.export("offset", "net.h").read_text()
        numbers = text.split("offset_fc1_weight[64] = {")[1].split("}")[0].replace("f", "").split(",")
        self.assertEqual(np.array(numbers, "f4").tobytes(), model.tensors["fc1.weight"].tobytes())

    def test_safetensors(self):
        for name in CASES:
            self.model(name)
            out = self.export(name, "copy.safetensors")
            self.assertEqual(read_safetensors(out), read_safetensors(self.here / f"{name}.safetensors"))
            self.assertEqual(read_metadata(out)["input"], read_metadata(self.here / f"{name}.safetensors")["input"])

    def test_npz(self):
        for name in CASES:
            model = self.model(name)
            with np.load(self.export(name, f"{name}.npz")) as arrays:
                self.assertEqual(sorted(arrays), sorted(model.tensors))
                for key, tensor in model.tensors.items():
                    self.assertEqual(arrays[key].dtype, np.dtype("<f4"))
                    np.testing.assert_array_equal(arrays[key], tensor)
        first = (self.here / "digits.npz").read_bytes()
        self.assertEqual(self.export("digits", "again.npz").read_bytes(), first)

    def test_the_library(self):
        """The example, which knows the public function alone, writes the same bytes."""
        for name in ("digits", "pictures"):
            self.model(name)
            for ending in ("onnx", "safetensors", "npz", "h"):
                expected = self.export(name, f"first.{ending}").read_bytes()
                out = self.here / f"again.{ending}"
                subprocess.run([BUILD / "examples" / "export_model", f"{name}.safetensors", out], cwd=self.here, check=True)
                self.assertEqual(out.read_bytes(), expected)

    def test_trained(self):
        """MNIST as it is in its file: ONNX Runtime gives the probabilities that predict does."""
        self.run_program("train", "mlp", "--data", MNIST, "--limit", 2000, "--epochs", 2, "--out", "run")
        self.run_program("export", "run", "--out", "run.onnx")
        images = MNIST / "t10k-images-idx3-ubyte.gz"
        self.run_program("predict", "run", images, "--count", 1000, "--out", "p.npy")
        pixels = np.frombuffer(gzip.decompress(images.read_bytes()), np.uint8, 784000, 16).reshape(1000, 784)
        actual = run_onnx(self.here / "run.onnx", pixels.astype("f4"))["probabilities"]
        self.assertLess(error(actual, np.load(self.here / "p.npy")), LIMIT)

    def test_names(self):
        for run, expected in (("9 lives", "model_9_lives"), ("it's-*/", "it_s__"), ("_x", "model__x")):
            path = self.here / run.rstrip("/")
            path.mkdir()
            Model(path / "model.safetensors", CASES["one_unit"])
            self.run_program("export", f"{run}", "--out", "n.h")
            self.assertIn(f"static inline size_t {expected}_predict(", (self.here / "n.h").read_text())

    def test_what_cannot_be_written(self):
        self.model("digits")
        (self.here / "directory").mkdir()
        (self.here / "link.safetensors").symlink_to("digits.safetensors")
        before = (self.here / "digits.safetensors").read_bytes()
        for form in ("onnx", "safetensors", "npz", "c"):
            for expect, out in (
                (CANNOT_CREATE, "directory"),
                (CANNOT_CREATE, "absent/model"),
                (CANNOT_CREATE, "digits.safetensors/model"),
                (USAGE, "link.safetensors"),
                (IO, "/dev/full"),
            ):
                with self.subTest(f"{form} {out}"):
                    self.assert_refused(expect, out, "export", "digits.safetensors", "--format", form, "--out", out)
        self.assertEqual((self.here / "digits.safetensors").read_bytes(), before)

    def test_bad_input(self):
        self.model("one_unit"), self.model("plane")
        (self.here / "bad.safetensors").write_bytes(b"no weights")
        for expect, named, *arguments in (
            (USAGE, "--out", "one_unit.safetensors"),
            (USAGE, "x.tar", "one_unit.safetensors", "--out", "x.tar"),
            (USAGE, "--name", "one_unit.safetensors", "--out", "x.h", "--name", "1st"),
            (USAGE, "--part", "one_unit.safetensors", "--out", "x.onnx", "--part", "encoder"),
            (USAGE, "--part", "plane.safetensors", "--out", "x.h", "--part", "encoder"),
            (USAGE, "plane.safetensors", "plane.safetensors", "--out", "plane.safetensors", "--format", "onnx"),
            (BAD_DATA, "bad.safetensors", "bad.safetensors", "--out", "x.onnx"),
            (NO_INPUT, "absent", "absent", "--out", "x.onnx"),
        ):
            with self.subTest(arguments):
                self.assert_refused(expect, named, "export", *arguments)


if __name__ == "__main__":
    unittest.main()
