"""Claims: eval gives the figures of the run's last epoch; predict, encode and reconstruct write what the weights say, in
every format, for every kind of file."""

import ast
import csv
import io
import json
import math
import pathlib
import random
import struct
import sys
import unittest
import zlib

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import ProgramTest, metrics, read_safetensors


def read_npy(path):
    content = path.read_bytes()
    assert content[:8] == b"\x93NUMPY\x01\x00"
    length = struct.unpack("<H", content[8:10])[0]
    header = ast.literal_eval(content[10 : 10 + length].decode())
    assert content[9 + length : 10 + length] == b"\n"
    assert (10 + length) % 64 == 0 and header["descr"] == "<f4" and not header["fortran_order"]
    rows, cols = header["shape"]
    values = struct.unpack(f"<{rows * cols}f", content[10 + length :])
    return [list(values[r * cols : (r + 1) * cols]) for r in range(rows)]


def read_csv(text):
    header, *rows = csv.reader(io.StringIO(text))
    return header, [[float(value) for value in row] for row in rows]


def npy(values, *shape):
    """The file of these bytes as an array of that shape."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header + b"\n" + bytes(values)


def read_png(path, channels=1):
    """Width, height and rows of an 8-bit PNG, grey or of three channels, whose rows are not filtered, or by Sub, Up, Average or Paeth."""
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at, data = 8, b""
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        chunk = content[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
            assert (depth, colour) == (8, {1: 0, 3: 2}[channels])
        elif kind == b"IDAT":
            data += chunk
        at += length + 12
    size = width * channels
    raw, rows, above = zlib.decompress(data), [], bytes(size)
    for y in range(height):
        kind, line = raw[y * (size + 1)], bytearray(raw[y * (size + 1) + 1 : (y + 1) * (size + 1)])
        for x in range(size):
            before = x - channels
            left, up, corner = (line[before], above[x], above[before]) if before >= 0 else (0, above[x], 0)
            paeth = min((left, up, corner), key=lambda v: abs(left + up - corner - v))
            line[x] = (line[x] + [0, left, up, (left + up) // 2, paeth][kind]) & 255
        rows.append(bytes(line))
        above = rows[-1]
    return width, height, rows


class ResultTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.images = cls.data / "t10k-images-idx3-ubyte"
        content = cls.images.read_bytes()[16:]
        cls.samples = [[pixel / 255 for pixel in content[i * 64 : (i + 1) * 64]] for i in range(30)]
        cls.labels = list((cls.data / "t10k-labels-idx1-ubyte").read_bytes()[8:])

    def setUp(self):
        super().setUp()
        self.train("mlp", "--out", "mlp", "--epochs", 5)
        self.train("autoencoder", "--out", "autoencoder", "--epochs", 5)

    def tensor(self, run, name):
        _, (rows, cols), data = read_safetensors(self.here / run / "model.safetensors")[name]
        values = struct.unpack(f"<{rows * cols}f", data)
        return [values[r * cols : (r + 1) * cols] for r in range(rows)]

    def assert_close(self, rows, expected, tolerance):
        self.assertEqual((len(rows), len(rows[0])), (len(expected), len(expected[0])))
        for row, other in zip(rows, expected):
            for value, wanted in zip(row, other):
                self.assertLessEqual(abs(value - wanted), tolerance)


class Evaluation(ResultTest):
    # The losses are sums of 60 or 30 float32 losses near 1, in one order during training and in another here:
    # 60 roundings of 2^-24 each.
    TOLERANCE = 60 * 2**-24

    def test_agrees_with_the_last_epoch(self):
        last = metrics(self.here / "mlp")[-1]
        report = json.loads(self.run_program("eval", "mlp", "--json").stdout)
        self.assertAlmostEqual(report["loss"] / last["test_loss"], 1, delta=self.TOLERANCE)
        self.assertEqual(report["accuracy"], last["test_accuracy"])
        self.assertEqual(report["samples"], 30)

        last = metrics(self.here / "autoencoder")[-1]
        report = json.loads(self.run_program("eval", "autoencoder", "--json").stdout)
        self.assertAlmostEqual(report["loss"] / last["test_loss"], 1, delta=self.TOLERANCE)
        report = json.loads(self.run_program("eval", "autoencoder", "--split", "train", "--json").stdout)
        self.assertAlmostEqual(report["loss"] / last["train_loss"], 1, delta=self.TOLERANCE)
        gap = (report["loss"] - report["optimum"]) / report["optimum"]
        self.assertAlmostEqual(report["optimality_gap"], gap, delta=1e-12)

    def test_takes_weights_alone(self):
        of_run = self.run_program("eval", "mlp").stdout
        of_file = self.run_program("eval", "mlp/model.safetensors", "--data", self.data).stdout
        self.assertEqual(of_file, of_run)


class Predictions(ResultTest):
    def test_probabilities(self):
        self.run_program("predict", "mlp", self.images, "--out", "p.npy")
        probabilities = read_npy(self.here / "p.npy")
        self.assertEqual((len(probabilities), len(probabilities[0])), (30, 4))
        for row in probabilities:
            self.assertAlmostEqual(math.fsum(row), 1, delta=4 * 2**-24)

        header, rows = read_csv(self.run_program("predict", "mlp", self.images, "--probabilities").stdout)
        self.assertEqual(header, ["class", "probability", "p0", "p1", "p2", "p3"])
        self.assertEqual([row[2:] for row in rows], [[float(f"{p:.9g}") for p in row] for row in probabilities])
        for row in rows:
            self.assertEqual(row[1], max(row[2:]))
            self.assertEqual(row[2 + int(row[0])], row[1])
        right = sum(int(row[0]) == label for row, label in zip(rows, self.labels))
        self.assertAlmostEqual(right / 30, metrics(self.here / "mlp")[-1]["test_accuracy"], delta=1e-12)

    def test_a_range_of_samples(self):
        everything = self.run_program("predict", "mlp", self.images).stdout.splitlines()
        part = self.run_program("predict", "mlp", self.images, "--first", 7, "--count", 5).stdout.splitlines()
        self.assertEqual(part, everything[:1] + everything[8:13])

    def test_every_kind_of_file(self):
        expected = self.run_program("predict", "mlp", self.images).stdout
        table = "\n".join(",".join(str(round(value * 255)) for value in sample) for sample in self.samples)
        labelled = "\n".join(
            [",".join(["label", *(f"x{i}" for i in range(64))])]
            + [f"{label},{row}" for label, row in zip(self.labels, table.splitlines())]
        )
        header = "{'descr': '|u1', 'fortran_order': False, 'shape': (30, 8, 8), }".ljust(117) + "\n"
        pixels = self.images.read_bytes()[16:]
        (self.here / "x.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.encode() + pixels)
        self.assertEqual(self.run_program("predict", "mlp", self.data).stdout, expected)
        self.assertEqual(self.run_program("predict", "mlp", "x.npy").stdout, expected)
        for name, text in (("plain.csv", table), ("labelled.csv", labelled)):
            (self.here / name).write_text(text + "\n")
            with self.subTest(name):
                self.assertEqual(self.run_program("predict", "mlp", name).stdout, expected)


class Codes(ResultTest):
    # Sums of 64 products of numbers below 1 in float32: 64 roundings of 2^-24, and as many again for the second product.
    TOLERANCE = 128 * 2**-24

    def expected_codes(self):
        weight = self.tensor("autoencoder", "encoder.weight")
        return [[sum(w * v for w, v in zip(row, x)) for row in weight] for x in self.samples]

    def expected_reconstructions(self):
        columns = list(zip(*self.tensor("autoencoder", "encoder.weight")))
        return [[sum(w * v for w, v in zip(column, z)) for column in columns] for z in self.expected_codes()]

    def test_codes(self):
        self.run_program("encode", "autoencoder", self.images, "--out", "z.npy")
        self.assert_close(read_npy(self.here / "z.npy"), self.expected_codes(), self.TOLERANCE)
        header, rows = read_csv(self.run_program("encode", "autoencoder", self.images).stdout)
        self.assertEqual(header, ["z0", "z1", "z2", "z3", "z4"])
        self.assert_close(rows, self.expected_codes(), self.TOLERANCE)

    def test_reconstructions(self):
        self.run_program("reconstruct", "autoencoder", self.images, "--out", "x.npy")
        self.assert_close(read_npy(self.here / "x.npy"), self.expected_reconstructions(), self.TOLERANCE)

    def test_picture(self):
        self.run_program("reconstruct", "autoencoder", self.images, "--count", 12, "--out", "sheet.png")
        width, height, rows = read_png(self.here / "sheet.png")
        # 8 x 8 images are enlarged 7 times; 10 of them, and 11 gaps, make a row; 2 rows of pairs.
        self.assertEqual((width, height), (7 * (10 * 9 + 1), 7 * (2 * (2 * 9 + 6) - 5)))
        reconstructions = self.expected_reconstructions()
        for sample in (0, 9, 11):
            for images, top in ((self.samples, 0), (reconstructions, 9)):
                for y in range(8):
                    for x in range(8):
                        row = rows[7 * (sample // 10 * 24 + top + 1 + y) + 3]
                        value = min(max(images[sample][8 * y + x], 0), 1)
                        self.assertLessEqual(abs(row[7 * (sample % 10 * 9 + 1 + x) + 3] - 255 * value), 0.51)

    def test_picture_in_colour(self):
        """Three samples of 4 x 2 pixels, which are enlarged 28 times; what the network sees of each colour is in its place."""
        source = random.Random(3)
        pixels = [source.randrange(256) for _ in range(30 * 24)]
        (self.here / "x_train.npy").write_bytes(npy(pixels, 30, 4, 2, 3))
        (self.here / "y_train.npy").write_bytes(npy([0] * 30, 30))
        self.run_program("train", "autoencoder", "--data", ".", "--no-test", "--latent", 3, "--epochs", 1, "--out", "colour")
        plan = self.run_program("train", "autoencoder", "--data", ".", "--no-test", "--latent", 3, "--dry-run").stdout
        self.assertIn("4 x 2 pixels in colour", plan)
        for name in ("x.npy", "sheet.png"):
            self.run_program("reconstruct", "colour", "x_train.npy", "--count", 3, "--out", name)
        width, height, rows = read_png(self.here / "sheet.png", channels=3)
        self.assertEqual((width, height), (28 * (3 * 3 + 1), 28 * 11))
        reconstructions = read_npy(self.here / "x.npy")
        for sample in range(3):
            originals = [value / 255 for value in pixels[24 * sample : 24 * (sample + 1)]]
            for image, top in ((originals, 1), (reconstructions[sample], 6)):
                for place in range(24):
                    y, x, channel = place // 6, place // 3 % 2, place % 3
                    seen = rows[28 * (top + y) + 5][3 * (28 * (3 * sample + 1 + x) + 5) + channel]
                    self.assertLessEqual(abs(seen - 255 * min(max(image[place], 0), 1)), 0.51)


if __name__ == "__main__":
    unittest.main()
