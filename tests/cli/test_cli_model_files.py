"""Claims: a file of weights says what model it holds, and what it says is checked against its tensors; weights of other
programs are read under the names and types of docs/FORMATS.md, and refused by name where they are more or less than a
model of handgrad; weights or outputs that are not finite are refused.
"""

import json
import math
import pathlib
import statistics
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, USAGE, ProgramTest, read_metadata, read_safetensors, write_safetensors


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


class ModelFileTest(ProgramTest):
    """self.trained: runs of both models; self.tensors, self.metadata: those of the MLP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.images = cls.data / "t10k-images-idx3-ubyte"

    def setUp(self):
        super().setUp()
        self.train("mlp", "--out", "mlp", "--validation-fraction", 0.2, "--split-order", "file")
        self.train("autoencoder", "--out", "autoencoder")
        self.tensors = read_safetensors(self.here / "mlp/model.safetensors")
        self.metadata = read_metadata(self.here / "mlp/model.safetensors")

    def write(self, tensors=None, metadata=None):
        write_safetensors(self.here / "w.safetensors", self.tensors if tensors is None else tensors, metadata)

    def refused(self, named, tensors=None, metadata=None):
        self.write(tensors, metadata)
        return self.assert_refused(BAD_DATA, named, "predict", "w.safetensors", self.images)

    def predictions(self, model="w.safetensors"):
        return self.run_program("predict", model, self.images, "--probabilities")


class Facts(ModelFileTest):
    def test_what_is_stated(self):
        for run, kind, activation, hidden, training in (("mlp", "mlp", "swish", "12", 48),
                                                        ("autoencoder", "autoencoder", "linear", "5", 60)):  # fmt: skip
            pixels = (self.data / "train-images-idx3-ubyte").read_bytes()[16 : 16 + training * 64]
            for name in ("model.safetensors", "checkpoint.safetensors"):
                facts = read_metadata(self.here / run / name)
                stated = [facts.get(key) for key in ("model", "activation", "features", "hidden", "classes", "input")]
                classes = "4" if kind == "mlp" else None
                self.assertEqual(stated, [kind, activation, "64", hidden, classes, "bytes/255"])
                self.assertEqual([facts[key] for key in ("height", "width", "channels")], ["8", "8", "1"])
                self.assertEqual(float(facts["input_least"]), min(pixels) / 255)
                self.assertEqual(float(facts["input_largest"]), max(pixels) / 255)
                # Sums of 3840 doubles and fewer, in another order: far below 1e-12 of them.
                mean, deviation = statistics.fmean(pixels) / 255, statistics.pstdev(pixels) / 255
                self.assertAlmostEqual(float(facts["input_mean"]), mean, delta=1e-12)
                self.assertAlmostEqual(float(facts["input_deviation"]), deviation, delta=1e-12)
        self.assertEqual(read_metadata(self.here / "autoencoder/model.safetensors")["epoch"], "2")

    def test_eval_says_which_weights(self):
        kept = self.run_program("eval", "mlp").stdout.splitlines()[0]
        epoch = int(self.metadata["epoch"])
        self.assertEqual(kept, f"weights    after epoch {epoch}, kept for the best validation loss")
        last = self.run_program("eval", "autoencoder").stdout.splitlines()[0]
        self.assertEqual(last, "weights    after epoch 2")
        self.assertEqual(json.loads(self.run_program("eval", "autoencoder", "--json").stdout)["epoch"], 2)

    def test_facts_that_cannot_be(self):
        for key, value in (
            ("hidden", "13"), ("features", "63"), ("classes", "5"), ("hidden", "0"), ("hidden", "twelve"),
            ("activation", "relu"), ("model", "transformer"), ("input", "furlongs"), ("input_mean", "nan"),
            ("input_largest", "-1"), ("epoch", "-1"), ("kept", "worst"),
            ("height", "9"), ("width", "0"), ("channels", "2"), ("class_names", "a\nb"),
        ):  # fmt: skip
            with self.subTest(key=key, value=value):
                self.refused(key if key == "class_names" else value, metadata={**self.metadata, key: value})

    def test_a_model_of_the_other_kind(self):
        """The metadata decide, not the names of the tensors."""
        self.refused("fc1.weight", metadata={**self.metadata, "model": "autoencoder", "activation": "linear"})
        self.assert_refused(USAGE, "autoencoder", "predict", "autoencoder", self.images)
        self.assert_refused(
            BAD_DATA, "autoencoder", "train", "mlp", "--data", self.data, "--init", "autoencoder/model.safetensors"
        )

    def test_files_without_facts_are_read(self):
        expected = self.predictions("mlp").stdout
        for metadata in (None, {"format": "pt"}, {"format": "pt", "handgrad": "0.1.0", "model": "mlp"}):
            with self.subTest(metadata=metadata):
                self.write(metadata=metadata)
                result = self.predictions()
                self.assertEqual(result.stdout, expected)
                self.assertEqual("it does not say what it is" in result.stderr, not (metadata and "model" in metadata))
        self.assertEqual(self.predictions("mlp").stderr, "")


class Foreign(ModelFileTest):
    LAYERS = {"fc1": "0", "fc2": "2"}

    def renamed(self, prefix, sequential=False):
        def name(own):
            layer, _, kind = own.partition(".")
            return f"{prefix}{self.LAYERS[layer] if sequential else layer}.{kind}"

        return {name(own): tensor for own, tensor in self.tensors.items()}

    def test_known_names(self):
        expected = self.predictions("mlp").stdout
        for prefix, sequential in (("module.", False), ("_orig_mod.", False), ("_orig_mod.module.", False), ("", True),
                                   ("net.", True), ("module.net.", True)):  # fmt: skip
            with self.subTest(prefix=prefix, sequential=sequential):
                tensors = self.renamed(prefix, sequential)
                self.write(tensors)
                result = self.predictions()
                self.assertEqual(result.stdout, expected)
                self.assertIn("is taken for fc1.", result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1)
                self.train("mlp", "--init", "w.safetensors", "--steps", 1, "--out", f"{prefix}{sequential}")

    def test_known_types(self):
        """Weights that all the types hold exactly: whole numbers, up to 100."""
        whole = {
            name: (shape, [(7 * i) % 201 - 100 for i in range(math.prod(shape))])
            for name, (_, shape, _) in self.tensors.items()
        }

        def of_type(dtype, pack):
            return {name: (dtype, shape, pack(values)) for name, (shape, values) in whole.items()}

        self.write(of_type("F32", floats))
        expected = self.predictions()
        self.assertNotIn("float32", expected.stderr)
        for dtype, pack in (
            ("F64", lambda v: struct.pack(f"<{len(v)}d", *v)),
            ("F16", lambda v: struct.pack(f"<{len(v)}e", *v)),
            ("BF16", lambda v: b"".join(struct.pack("<f", x)[2:] for x in v)),
        ):
            with self.subTest(dtype=dtype):
                self.write(of_type(dtype, pack))
                result = self.predictions()
                self.assertEqual(result.stdout, expected.stdout)
                self.assertIn("converted to float32", result.stderr)
        self.refused("I64", of_type("I64", lambda v: struct.pack(f"<{len(v)}q", *v)))

    def test_more_than_the_model(self):
        own = read_safetensors(self.here / "autoencoder/model.safetensors")
        shape = own["encoder.weight"][1]
        for tensors, extra in (
            (self.tensors, {"fc3.weight": ("F32", [4, 4], floats([0] * 16))}),
            (self.tensors, {"fc1.weight_mask": ("F32", [1], floats([0]))}),
            (self.renamed("net.", True), {"net.4.weight": ("F32", [4, 4], floats([0] * 16))}),
            (own, {"encoder.bias": ("F32", [5], floats([0] * 5))}),
            (own, {"decoder.weight": ("F32", shape[::-1], floats([0] * math.prod(shape)))}),
            (self.tensors, {"fc1.weight.velocity": self.tensors["fc1.weight"]}),
            (self.tensors, {"module.fc1.weight": self.tensors["fc1.weight"]}),
        ):
            (name,) = extra
            with self.subTest(name=name):
                self.refused(name, {**tensors, **extra})
                self.assert_refused(
                    BAD_DATA, name, "train", "mlp", "--data", self.data, "--hidden", 12, "--init", "w.safetensors"
                )

    def test_less_than_the_model(self):
        for name in self.tensors:
            self.refused(name, {other: tensor for other, tensor in self.tensors.items() if other != name})

    def test_a_checkpoint_is_read_as_a_model(self):
        """Of a run with momentum, so that it holds more than the weights."""
        self.train("mlp", "--out", "fast", "--momentum", 0.5)
        self.assertEqual(self.predictions("fast/checkpoint.safetensors").stdout, self.predictions("fast").stdout)


class NotFinite(ModelFileTest):
    def changed(self, name, index, value, dtype="F32"):
        _, shape, data = self.tensors[name]
        values = list(struct.unpack(f"<{len(data) // 4}f", data))
        values[index] = value
        code = {"F32": "f", "F64": "d"}[dtype]
        return {**self.tensors, name: (dtype, shape, struct.pack(f"<{len(values)}{code}", *values))}

    def test_weights(self):
        for value, dtype in ((math.nan, "F32"), (math.inf, "F32"), (-math.inf, "F64"), (1e39, "F64")):
            for name in ("fc1.weight", "fc2.bias"):
                with self.subTest(name=name, value=value):
                    self.refused(name, self.changed(name, 3, value, dtype), self.metadata)
                    self.assert_refused(BAD_DATA, name, "eval", "w.safetensors", "--data", self.data)

    def test_outputs(self):
        """Finite weights whose products are not."""
        huge = {name: (dtype, shape, floats([3e38] * math.prod(shape)))
                for name, (dtype, shape, _) in self.tensors.items()}  # fmt: skip
        message = self.refused("not finite", huge, self.metadata)
        self.assertIn("sample", message)
        self.assert_refused(BAD_DATA, "not finite", "eval", "w.safetensors", "--data", self.data)
        self.assert_refused(BAD_DATA, "not finite", "predict", "w.safetensors", self.images, "--out", "p.npy")

        name = "encoder.weight"
        dtype, shape, _ = read_safetensors(self.here / "autoencoder/model.safetensors")[name]
        metadata = read_metadata(self.here / "autoencoder/model.safetensors")
        # Codes stay finite, 1e37 times the 64 pixels at most; what is made of them does not.
        self.write({name: (dtype, shape, floats([1e35] * math.prod(shape)))}, metadata)
        self.run_program("encode", "w.safetensors", self.images)
        self.assert_refused(BAD_DATA, "not finite", "reconstruct", "w.safetensors", self.images)
        self.assert_refused(BAD_DATA, "not finite", "eval", "w.safetensors", "--data", self.data)


if __name__ == "__main__":
    unittest.main()
