"""Claims: what NumPy and the safetensors package write is read as they mean it, number for number, and what is written
here they read back."""

import gzip
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import oracle  # noqa: F401: it says what is missing where NumPy or safetensors is
from program import BUILD

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

TOOL = BUILD / "tests" / "file_tool"


class Formats(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="handgrad-test-")
        self.addCleanup(directory.cleanup)
        self.top = pathlib.Path(directory.name)
        self.source = np.random.default_rng(5)

    def run_tool(self, *arguments, expect=0):
        result = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, timeout=60)
        self.assertEqual(result.returncode, expect, result.stderr)
        return result.stdout if expect == 0 else result.stderr.decode()

    def samples(self, path):
        """The numbers, the image size and the labels of a file, or of a directory's training set, as the readers see them."""
        line, _, rest = self.run_tool("train" if path.is_dir() else "samples", path).partition(b"\n")
        count, features, height, width, channels, classes = map(int, line.split())
        numbers = np.frombuffer(rest, np.float32, count * features).reshape(count, features)
        labels = np.frombuffer(rest[numbers.nbytes :], np.uint8)
        self.assertEqual(len(labels), count if classes else 0)
        return numbers, (height, width, channels), labels

    def assert_read(self, content, values, image=(0, 0, 0), name="file"):
        """Both as it is and compressed, `content` must read as `values`, of which bytes count 255ths."""
        expected = np.ascontiguousarray(values).reshape(len(values), -1)
        expected = expected / np.float32(255) if expected.dtype == np.uint8 else expected.astype(np.float32)
        for suffix, stored in (("", content), (".gz", gzip.compress(content))):
            path = self.top / (name + suffix)
            path.write_bytes(stored)
            numbers, size, _ = self.samples(path)
            np.testing.assert_array_equal(numbers, expected)
            self.assertEqual(size, image)

    def arrays(self):
        for shape in ((1, 1), (7, 13), (5, 4, 3)):
            yield self.source.integers(0, 256, shape).astype(np.uint8)
            yield self.source.normal(0, 1e3, shape).astype(np.float32)
            yield self.source.normal(0, 1e-3, shape)

    def test_npy_as_numpy_saves_it(self):
        for values in self.arrays():
            for version in ((1, 0), (2, 0), (3, 0)):
                file = io.BytesIO()
                np.lib.format.write_array(file, values, version=version)
                image = (*values.shape[1:], 1) if values.ndim == 3 else (0, 0, 0)
                with self.subTest(dtype=values.dtype, shape=values.shape, version=version):
                    self.assert_read(file.getvalue(), values, image, "x.npy")

    def test_npy_with_a_dimension_of_one_colour(self):
        for values in (self.source.integers(0, 256, (5, 4, 3)).astype(np.uint8), self.source.normal(0, 1, (5, 4, 3))):
            for four in (values[..., None], values[:, None]):
                np.save(self.top / "x.npy", four)
                numbers, image, _ = self.samples(self.top / "x.npy")
                expected = values / np.float32(255) if values.dtype == np.uint8 else values.astype(np.float32)
                np.testing.assert_array_equal(numbers, expected.reshape(5, -1))
                self.assertEqual(image, (4, 3, 1))

    def test_npy_in_colour(self):
        for values in (self.source.integers(0, 256, (5, 4, 2, 3)).astype(np.uint8), self.source.random((5, 2, 4, 3))):
            file = io.BytesIO()
            np.save(file, values)
            self.assert_read(file.getvalue(), values, values.shape[1:], "x.npy")

    def test_npy_labels_in_every_form(self):
        """As Keras, scikit-learn, pandas and PyTorch keep them."""
        digits = self.source.integers(0, 10, 50)
        digits[:10] = np.arange(10)
        np.save(self.top / "x_train.npy", np.arange(50, dtype=np.float32)[:, None])
        one_hot = np.eye(10)[digits]
        forms = [digits.astype(kind) for kind in ("u1", "i1", "u2", "i4", "i8", "u8", "f4", "f8")]
        forms += [digits[:, None], digits[:, None].astype("f4"), one_hot, one_hot.astype("f4"), one_hot.astype("i8"), one_hot > 0]
        for form in forms:
            np.save(self.top / "y_train.npy", form)
            with self.subTest(form.dtype, shape=form.shape):
                np.testing.assert_array_equal(self.samples(self.top)[2], digits)
        np.save(self.top / "y_train.npy", digits > 4)
        np.testing.assert_array_equal(self.samples(self.top)[2], digits > 4)
        for refused, says in (
            (np.array(["a", "b"] * 25), "numpy.unique(y, return_inverse=True)[1]"),
            (one_hot * 0.5, "numpy.argmax(y, axis=1)"),
            (digits + 0.5, "label 0 is not an integer"),
            (digits - 20, "label 0 is not an integer"),
            (np.full(50, np.nan), "label 0 is not an integer"),
        ):
            np.save(self.top / "y_train.npy", refused)
            self.assertIn(says, self.run_tool("train", self.top, expect=65))

    def test_npy_that_is_refused(self):
        values = self.source.normal(0, 1, (6, 4))
        for refused, says in (
            (np.asfortranarray(values), "Fortran order"),
            (values.astype(">f4"), "not little-endian"),
            (values.astype(np.float16), "<f2"),
            (values.astype(np.complex128), "<c16"),
            (values > 0, "x.astype('<f4')"),
            (np.rint(values).astype(np.int64), "x.astype('u1')"),
            (np.where(values > 0, values, np.inf), "not a finite number"),
            (values * 1e300, "not a finite number"),
        ):
            np.save(self.top / "x.npy", refused)
            self.assertIn(says, self.run_tool("samples", self.top / "x.npy", expect=65))

    def test_csv_as_numpy_saves_it(self):
        for values in self.arrays():
            if values.ndim == 2:
                # 9 digits are enough to give every float back.
                form = "%d" if values.dtype == np.uint8 else "%.9g"
                for delimiter in ",;\t":
                    for header in ("", delimiter.join(f"x{i}" for i in range(values.shape[1]))):
                        text = io.StringIO()
                        np.savetxt(text, values, fmt=form, delimiter=delimiter, header=header, comments="")
                        with self.subTest(dtype=values.dtype, delimiter=delimiter, header=header):
                            as_float = values if values.dtype == np.uint8 else np.genfromtxt(
                                io.StringIO(text.getvalue()), delimiter=delimiter, skip_header=bool(header), ndmin=2
                            )
                            self.assert_read(text.getvalue().encode(), as_float, name="x.csv")

    def test_csv_labels(self):
        pixels = self.source.integers(0, 256, (9, 4)).astype(np.uint8)
        digits = self.source.integers(0, 10, (9, 1)).astype(np.uint8)
        text = io.StringIO()
        np.savetxt(text, np.hstack([digits, pixels]), fmt="%d", delimiter=",", header="label,a,b,c,d", comments="")
        (self.top / "train.csv").write_text(text.getvalue())
        numbers, _, labels = self.samples(self.top / "train.csv")
        np.testing.assert_array_equal(numbers, pixels / np.float32(255))
        np.testing.assert_array_equal(labels, digits[:, 0])

    def test_safetensors_there_and_back(self):
        tensors = {
            "fc1.weight": self.source.normal(0, 1, (256, 784)).astype(np.float32),
            "fc1.bias": self.source.normal(0, 1, 256).astype(np.float32),
            "odd": self.source.normal(0, 1, 3).astype(np.float32),
            "double": self.source.normal(0, 1, (3, 5)),
            "count": np.array(2**64 - 1, np.uint64),
            "signed": np.array([-(2**63), 5], np.int64),
            "none": np.zeros((0, 4), np.float32),
        }
        note = 'a "note"\nof two lines \\ \u00e9'
        save_file(tensors, self.top / "in.safetensors", {"note": note, "format": "np"})
        self.run_tool("tensors", self.top / "in.safetensors", self.top / "out.safetensors")
        read = load_file(self.top / "out.safetensors")
        self.assertEqual(read.keys(), tensors.keys())
        for name, values in tensors.items():
            self.assertEqual(read[name].dtype, values.dtype)
            np.testing.assert_array_equal(read[name], values, strict=True)
        with safe_open(self.top / "out.safetensors", "np") as file:
            self.assertEqual(file.metadata(), {"note": note})


if __name__ == "__main__":
    unittest.main()
