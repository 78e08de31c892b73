"""Claims: PNG and JPEG pictures of every kind become the samples that Pillow makes of them, in the size that is asked for; a
folder of them is a dataset, its folders are classes; what cannot be read is refused with the file and the reason."""

import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import oracle  # noqa: F401: it says what is missing where NumPy is
from png import png
from program import BAD_DATA, BUILD, NO_INPUT, OK, USAGE

import numpy as np
from PIL import Image

TOOL = BUILD / "tests" / "file_tool"
SOURCE = np.random.default_rng(3)


def smooth(height, width, channels=3):
    """A picture that JPEG keeps almost as it is."""
    y, x = np.mgrid[0:height, 0:width]
    values = [80 + 60 * np.sin(x / width * 3 + c) + 60 * np.cos(y / height * 2 + c) for c in range(channels)]
    return np.clip(np.stack(values, 2), 0, 255).astype(np.uint8)


def shares(old, new):
    """[new][old]: the part that each of `old` pixels has in each of `new` ones that cover the same line."""
    edges = np.arange(new + 1)[:, None] * old / new
    pixels = np.arange(old)
    return np.clip(np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels), 0, None) * new / old


class Pictures(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="handgrad-test-")
        self.addCleanup(directory.cleanup)
        self.top = pathlib.Path(directory.name)

    def run_tool(self, which, path, *options, expect=OK):
        result = subprocess.run([TOOL, which, path, *map(str, options)], capture_output=True, timeout=120)
        self.assertEqual(result.returncode, expect, result.stderr)
        return result.stdout if expect == OK else result.stderr.decode(errors="replace")

    def read(self, which, path, *options):
        """The samples as bytes of their shape, the labels, and the lines of what is said of the dataset."""
        line, _, rest = self.run_tool(which, path, *options).partition(b"\n")
        count, features, height, width, channels, classes = map(int, line.split())
        numbers = np.frombuffer(rest, np.float32, count * features)
        labels = np.frombuffer(rest[numbers.nbytes :], np.uint8)
        said = self.run_tool("describe-" + which, path, *options).decode().splitlines()
        return np.rint(numbers * 255).astype(int).reshape(count, height, width, channels), labels, said

    def save(self, name, values, **options):
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(values, Image.Image):
            values = Image.fromarray(values[..., 0] if values.ndim == 3 and values.shape[2] == 1 else values)
        values.save(path, **options)
        return path

    def assert_refused(self, status, says, path, which="samples", *options, named=None):
        message = self.run_tool(which, path, *options, expect=status)
        self.assertIn(says, message)
        self.assertIn(str(named or path), message)

    # ---- formats ----

    def test_png_of_every_kind(self):
        grey, colour = (SOURCE.integers(0, 256, (5, 7, c)).astype(np.uint8) for c in (1, 3))
        palette = Image.fromarray(colour).quantize(16)
        for name, picture, expected in (
            ("grey", grey, grey),
            ("colour", colour, colour),
            ("two-levels", Image.fromarray(grey[..., 0] > 127), (grey > 127) * 255),
            ("palette", palette, np.asarray(palette.convert("RGB"))),
            ("sixteen", Image.fromarray(grey[..., 0].astype(np.uint16) * 257), grey),
        ):
            with self.subTest(name):
                values, labels, said = self.read("samples", self.save(f"{name}.png", picture))
                np.testing.assert_array_equal(values, expected[None])
                self.assertEqual(len(labels), 0)
                self.assertIn(f"sample {self.top}/{name}.png", said)
                self.assertEqual(said[0], "note ")

    def test_interlaced_png(self):
        """Adam7, which Pillow does not write: seven passes of 8 x 8 grey pixels, each row with filter 0."""
        grey = SOURCE.integers(0, 256, (8, 8, 1)).astype(np.uint8)
        passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
        data = b"".join(b"\0" + row.tobytes() for y, x, down, right in passes for row in grey[y::down, x::right, 0])
        content = bytearray(png(8, 8, data))
        content[28] = 1
        content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
        (self.top / "x.png").write_bytes(content)
        np.testing.assert_array_equal(self.read("samples", self.top / "x.png")[0], grey[None])

    def test_transparency_lies_on_white(self):
        values = np.zeros((2, 3, 4), np.uint8)
        values[0, :, 3] = 255  # black, opaque; the other row cannot be seen
        samples, _, said = self.read("samples", self.save("x.png", values))
        self.assertEqual(samples[0, :, :, 0].tolist(), [[0] * 3, [255] * 3])
        self.assertIn("what is transparent lies on white", "".join(said))

    def test_jpeg(self):
        for channels in (1, 3):
            for options in ({}, {"progressive": True}):
                path = self.save("x.jpg", smooth(40, 50, channels), quality=95, **options)
                values, _, _ = self.read("samples", path)
                expected = np.asarray(Image.open(path)).reshape(40, 50, channels)
                # Decoders may differ by a level in the transform and another in the colours.
                self.assertLessEqual(np.abs(values[0] - expected).max(), 2)

    def test_jpeg_stands_upright(self):
        """EXIF's eight orientations, in both byte orders, as Pillow turns them."""
        from PIL import ImageOps
        for orientation in range(1, 9):
            exif = Image.Exif()
            exif[0x112] = orientation
            little = exif.tobytes()
            big = b"Exif\0\0MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHHI", 0x112, 3, 1, orientation, 0, 0)
            for data in (little, big):
                path = self.save("x.jpg", smooth(24, 40), quality=95, exif=data)
                expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
                values, _, _ = self.read("samples", path)
                self.assertEqual(values.shape[1:], expected.shape)
                self.assertLessEqual(np.abs(values[0] - expected).max(), 2)

    def test_a_name_may_be_wrong(self):
        path = self.save("x.png", smooth(8, 8))
        path.rename(self.top / "x.jpg")
        self.assertEqual(self.read("samples", self.top / "x.jpg")[0].shape, (1, 8, 8, 3))
        path.with_suffix(".jpg").rename(self.top / "nameless")
        self.assertEqual(self.read("samples", self.top / "nameless")[0].shape, (1, 8, 8, 3))

    # ---- sizes and colours ----

    def test_shrinking_is_the_mean_and_growing_is_linear(self):
        colour = SOURCE.integers(0, 256, (30, 42, 3)).astype(np.uint8)
        path = self.save("x.png", colour)
        for height, width in ((10, 14), (7, 9), (29, 41), (1, 1), (7, 42)):
            values, _, said = self.read("samples", path, f"{height}x{width}")
            expected = np.einsum("yi,xj,ijc->yxc", shares(30, height), shares(42, width), colour)
            # Half a level of rounding, and what float32 leaves of it.
            self.assertLessEqual(np.abs(values[0] - expected).max(), 0.501)
            self.assertIn(f"resized from 30 x 42 to {height} x {width}", said[0])
        for height, width in ((60, 100), (31, 43)):
            values, _, _ = self.read("samples", path, f"{height}x{width}")
            expected = np.asarray(Image.fromarray(colour).resize((width, height), Image.BILINEAR)).astype(int)
            self.assertLessEqual(np.abs(values[0] - expected).max(), 1)  # Pillow rounds between its two passes, too

    def test_colours_become_grey_by_luma_and_grey_becomes_colours(self):
        colour = SOURCE.integers(0, 256, (9, 9, 3)).astype(np.uint8)
        values, _, said = self.read("samples", self.save("x.png", colour), "9x9x1")
        self.assertLessEqual(np.abs(values[0, :, :, 0] - np.asarray(Image.fromarray(colour).convert("L")).astype(int)).max(), 1)
        self.assertIn("made grey", "".join(said))
        grey = colour[..., :1]
        values, _, _ = self.read("samples", self.save("x.png", grey), "9x3")
        self.assertEqual(values.shape, (1, 9, 3, 1))
        np.testing.assert_array_equal(self.read("samples", self.top / "x.png", "9x9x3")[0][0], np.repeat(grey, 3, 2))

    def test_sizes_that_are_none(self):
        path = self.save("x.png", smooth(8, 8))
        for text in ("", "0", "0x8", "8x", "x8", "8x8x2", "8x8x1x1", "99999", "8,8", "-8", " 8"):
            with self.subTest(text):
                self.assertIn("is no size of pictures", self.run_tool("samples", path, text, expect=USAGE))

    def test_what_has_another_size_is_refused_if_nothing_may_be_done(self):
        path = self.save("x.png", smooth(8, 8, 1))
        self.assertEqual(self.read("samples", path, "8x8", "none")[0].shape, (1, 8, 8, 1))
        self.assert_refused(BAD_DATA, "has 8 x 8 pixels, expected 4 x 4", path, "samples", "4x4", "none")
        self.assert_refused(USAGE, "is to be one in colour", path, "samples", "28x28x3", "mnist")

    # ---- directories ----

    def test_a_directory_of_pictures(self):
        for name, level in (("b.png", 2), ("a.png", 1), ("c.jpg", 3), (".hidden.png", 9)):
            self.save(name, np.full((4, 6), level, np.uint8))
        (self.top / "README.txt").write_text("what this is")
        for which in ("samples", "train"):
            values, labels, said = self.read(which, self.top)
            self.assertEqual(values[:, 0, 0, 0].tolist(), [1, 2, 3])
            self.assertEqual(len(labels), 0)
            self.assertEqual([line for line in said if line.startswith("sample")],
                             [f"sample {self.top}/{name}" for name in ("a.png", "b.png", "c.jpg")])  # fmt: skip
            self.assertIn(f"1 that is no picture, such as {self.top}/README.txt, is left out", "".join(said))
        self.assert_refused(NO_INPUT, "no test samples", self.top, "test")
        self.save("d.png", np.zeros((4, 7), np.uint8))
        self.assert_refused(BAD_DATA, "d.png: has 4 x 7 pixels, but", self.top)
        self.assertEqual(self.read("samples", self.top, "2x2")[0].shape, (4, 2, 2, 1))
        self.save("e.png", smooth(4, 6))
        self.assertEqual(self.read("samples", self.top, "2x2")[0].shape, (5, 2, 2, 3))

    def test_folders_are_classes(self):
        for part in ("train", "test"):
            for level, name in enumerate(("cat", "Zebra", "ant é")):
                for i in range(3):
                    self.save(f"{part}/{name}/{i}.png", np.full((4, 4), 10 * level + i, np.uint8))
        (self.top / "train/cat/Thumbs.db").write_bytes(b"\0")
        (self.top / "train/cat/deeper").mkdir()
        values, labels, said = self.read("train", self.top)
        self.assertEqual([line[6:] for line in said if line.startswith("class ")], ["Zebra", "ant é", "cat"])
        self.assertEqual(labels.tolist(), [0] * 3 + [1] * 3 + [2] * 3)
        self.assertEqual(values[:, 0, 0, 0].tolist(), [10, 11, 12, 20, 21, 22, 0, 1, 2])
        self.assertIn("2 that are no pictures", "".join(said))
        self.assertEqual(self.read("test", self.top)[1].tolist(), labels.tolist())
        for other in ("val", "testing"):
            (self.top / "test").rename(self.top / other)
            values, _, said = self.read("test", self.top)
            self.assertEqual(len(values), 9)
            self.assertEqual(other == "val", "val stands for test" in "".join(said))
            (self.top / other).rename(self.top / "test")
        # without parts, all of it is for training; a file of samples needs no labels
        self.assertEqual(self.read("train", self.top / "test")[1].tolist(), labels.tolist())
        self.assert_refused(NO_INPUT, "no test samples", self.top / "test", "test")
        self.assertEqual(len(self.read("samples", self.top / "test")[0]), 9)

    def test_a_class_may_be_called_as_a_part_is(self):
        for name in ("train", "test", "plane"):
            self.save(f"{name}/x.png", smooth(4, 4))
        self.assertEqual([line[6:] for line in self.read("train", self.top)[2] if line.startswith("class ")],
                         ["plane", "test", "train"])  # fmt: skip
        self.assert_refused(NO_INPUT, "no test samples", self.top, "test")

    def test_numbers_as_classes(self):
        for names, expected in (("10 2 1 0 3 4 5 6 7 8 9", []), ("1 2 3", ["1", "2", "3"]), ("9 10", ["9", "10"]),
                                ("00 01", ["00", "01"]), ("0 1 x", ["0", "1", "x"])):  # fmt: skip
            top = self.top / names.replace(" ", "-")
            for name in names.split():
                self.save(top / name / "x.png", np.full((2, 2), int(name) if name.isdigit() else 99, np.uint8))
            values, labels, said = self.read("train", top)
            self.assertEqual([line[6:] for line in said if line.startswith("class ")], expected)
            self.assertEqual(labels.tolist(), list(range(len(names.split()))))
            self.assertEqual(values[:, 0, 0, 0].tolist(), sorted(values[:, 0, 0, 0].tolist()))

    def test_many_pictures_are_read_in_order(self):
        """By several threads; of several that are damaged the first is named."""
        for i in range(500):
            self.save(f"{i:03}.png", np.full((3, 3), i % 251, np.uint8))
        values, _, _ = self.read("samples", self.top)
        self.assertEqual(values[:, 1, 1, 0].tolist(), [i % 251 for i in range(500)])
        for i in (77, 78, 300):
            path = self.top / f"{i:03}.png"
            path.write_bytes(path.read_bytes()[:50])
        for _ in range(5):
            self.assert_refused(BAD_DATA, "077.png: a damaged PNG picture: ", self.top)
        self.assert_refused(BAD_DATA, "; replace it, or leave it out", self.top)

    def test_names_that_cannot_be_classes(self):
        for name in (b"two\nlines", b"latin-\xe9"):
            folder = os.fsencode(self.top) + b"/top/" + name
            os.makedirs(folder)
            self.save("x.png", smooth(2, 2)).rename(os.fsdecode(folder + b"/x.png"))
            self.assert_refused(BAD_DATA, "must be one line of UTF-8", self.top / "top", "train")
            os.remove(folder + b"/x.png")
            os.rmdir(folder)

    def test_too_many_classes(self):
        for i in range(257):
            (self.top / f"c{i}").mkdir()
        self.save("c1/x.png", smooth(2, 2))
        self.assert_refused(BAD_DATA, "257 folders", self.top, "train")

    # ---- what cannot be read ----

    def test_announcing_more_than_there_is(self):
        """Refused before memory is taken for it."""
        path = self.top / "x.png"
        for width, height, says in ((1 << 30, 1 << 30, ""), (16385, 1, "a side has at most"), (16000, 16000, "more than its"),
                                    (0, 4, ""), (4, 0, "")):  # fmt: skip
            path.write_bytes(png(width, height, bytes(100)))
            self.assert_refused(BAD_DATA, says, path)
        content = bytearray(self.save("y.jpg", smooth(16, 16)).read_bytes())
        at = content.index(b"\xff\xc0") + 5
        content[at : at + 4] = struct.pack(">HH", 16000, 16000)
        path.write_bytes(content)
        self.assert_refused(BAD_DATA, "more than its", path)

    def test_damaged_files(self):
        source = random.Random(1)
        progressive = self.save("x.jpg", smooth(40, 40), progressive=True).read_bytes()
        (self.top / "x.jpg").write_bytes(progressive[: progressive.rindex(b"\xff\xda")])  # whole scans, but not all
        self.assert_refused(BAD_DATA, "x.jpg", self.top / "x.jpg")
        for name in ("x.png", "x.jpg"):
            content = self.save(name, smooth(40, 40)).read_bytes()
            for size in (0, 1, 7, 20, 100, len(content) // 2, len(content) - 20):
                (self.top / name).write_bytes(content[:size])
                self.assert_refused(BAD_DATA, name, self.top / name)
            changed = bytearray(content)
            for _ in range(40):
                changed[source.randrange(len(content) // 2, len(content) - 8)] ^= 0x55
            (self.top / name).write_bytes(changed)
            self.assert_refused(BAD_DATA, name, self.top / name)

    def test_other_kinds(self):
        self.assert_refused(BAD_DATA, "in CMYK", self.save("x.jpg", Image.fromarray(smooth(8, 8)).convert("CMYK")))
        path = self.save("x.gif", smooth(8, 8))
        self.assert_refused(BAD_DATA, "is a GIF picture", path)
        self.assert_refused(BAD_DATA, "is a GIF picture", self.top, named=path)
        path.unlink()
        (self.top / "x.jpg").unlink()
        path = self.top / "x.png"
        path.write_bytes(b"")
        self.assert_refused(BAD_DATA, "is empty", path)
        path.write_text("not a picture")
        self.assert_refused(BAD_DATA, "is no PNG or JPEG picture", path)
        self.assert_refused(BAD_DATA, "is no PNG or JPEG picture", self.top, named=path)
        path.unlink()
        self.assert_refused(NO_INPUT, "nor pictures", self.top)


if __name__ == "__main__":
    unittest.main()
