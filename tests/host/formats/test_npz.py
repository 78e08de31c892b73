"""Claims: the arrays of an NPZ archive are read as NumPy saved them, by the names that Keras and others use or by those that
are given; what is damaged, encrypted, larger than its bytes can be, or no array of numbers is refused with the file and the
array."""

import io
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import oracle  # noqa: F401: it says what is missing where NumPy is
from program import BAD_DATA, BUILD, NO_INPUT, OK, USAGE

import numpy as np

TOOL = BUILD / "tests" / "file_tool"
IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
LABELS = np.array([0, 1, 2, 1, 0])


def npy(header, data=b""):
    """A .npy file of version 1 with that dictionary."""
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + data


class Npz(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="handgrad-test-")
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "x.npz"

    def run_tool(self, which, suffix="", expect=OK):
        result = subprocess.run([TOOL, which, f"{self.path}{suffix}"], capture_output=True, timeout=60)
        self.assertEqual(result.returncode, expect, result.stderr)
        return result.stdout if expect == OK else result.stderr.decode()

    def assert_read(self, which, values, labels=None, suffix="", image=None):
        """Bytes count 255ths."""
        line, _, rest = self.run_tool(which, suffix).partition(b"\n")
        count, features, *shape, classes = map(int, line.split())
        numbers = np.frombuffer(rest, np.float32, count * features).reshape(count, features)
        expected = values.reshape(len(values), -1)
        expected = expected / np.float32(255) if values.dtype == np.uint8 else expected.astype(np.float32)
        np.testing.assert_array_equal(numbers, expected)
        np.testing.assert_array_equal(np.frombuffer(rest[numbers.nbytes :], np.uint8), [] if labels is None else labels)
        self.assertEqual(classes, 0 if labels is None else int(np.max(labels)) + 1)
        if image:
            self.assertEqual(tuple(shape), image)

    def assert_refused(self, status, says, which="train", suffix=""):
        message = self.run_tool(which, suffix, expect=status)
        self.assertIn(says, message)
        self.assertIn(str(self.path), message)

    def test_the_names_of_keras(self):
        for save in (np.savez, np.savez_compressed):
            save(self.path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[::-1], y_test=LABELS[::-1])
            self.assert_read("train", IMAGES, LABELS, image=(4, 3, 1))
            self.assert_read("test", IMAGES[::-1], LABELS[::-1])
            self.assert_read("samples", IMAGES[::-1])  # as of a directory: those of the test set
            self.assert_read("samples", IMAGES, suffix=":x_train")

    def test_other_usual_names(self):
        pairs = [("X_train", "Y_train"), ("train_images", "train_labels"), ("train_x", "train_y"), ("X", "y"),
                 ("images", "labels"), ("data", "target"), ("arr_0", "arr_1")]  # fmt: skip
        for samples, labels in pairs:
            with self.subTest(samples):
                np.savez(self.path, **{samples: IMAGES, labels: LABELS[:, None], "other": np.eye(3)})
                self.assert_read("train", IMAGES, LABELS)
                self.assert_refused(NO_INPUT, "TEST_LABELS", "test")

    def test_an_exact_name_goes_before_another_case_of_it(self):
        np.savez(self.path, X=IMAGES[::-1], x=IMAGES, y=LABELS)
        self.assert_read("samples", IMAGES, suffix=":x")
        self.assert_read("samples", IMAGES[::-1], suffix=":X")

    def test_names_that_are_given(self):
        np.savez(self.path, a=IMAGES, b=LABELS, c=IMAGES[:2], d=LABELS[:2])
        self.assert_read("train", IMAGES, LABELS, ":a,b")
        self.assert_read("train", IMAGES, LABELS, ":a,b,c,d")
        self.assert_read("test", IMAGES[:2], LABELS[:2], ":a,b,c,d")
        self.assert_refused(NO_INPUT, "no test samples are named", "test", ":a,b")
        self.assert_refused(BAD_DATA, "has no array e; there are: a, b, c, d", suffix=":e")
        self.assert_refused(USAGE, "SAMPLES,LABELS", suffix=":a,b,c,d,e")
        self.assert_refused(USAGE, "SAMPLES,LABELS", suffix=":a,,c")
        self.assert_refused(BAD_DATA, "FILE.npz:NAME, of: a, b, c, d", "samples")
        self.assert_refused(BAD_DATA, "5 labels", suffix=":c,b")
        np.savez(self.path, lone=IMAGES)
        self.assert_read("samples", IMAGES)

    def test_every_type_that_npy_files_may_have(self):
        source = np.random.default_rng(1)
        for values in (IMAGES, source.normal(0, 9, (3, 4)).astype("f4"), source.normal(0, 9, (3, 4)), np.empty((2, 1)) * 0 + 7):
            for save in (np.savez, np.savez_compressed):
                save(self.path, x=values, y=np.arange(len(values)))
                self.assert_read("train", values, np.arange(len(values)))

    def test_arrays_that_npy_files_may_not_have_either(self):
        for values, says in (
            (np.asfortranarray(np.ones((3, 4), "f4")), "numpy.ascontiguousarray"),
            (np.ones((3, 4), ">f4"), "not little-endian"),
            (np.array([[1, "a"]], dtype=object), "elements of type '|O', expected numbers; save x.astype('<f4') of samples"),
            (np.zeros(3, [("a", "f4"), ("b", "i4")]), "holds records of fields"),
            (np.ones((3, 1, 2, 2, 2), "f4"), "save x.reshape(len(x), -1)"),
            (np.ones((3, 4), "i8"), "expected u1, f4 or f8"),
            (np.full((3, 4), np.nan), "element 0 is not a finite number"),
            (np.ones(3, "f4"), "has 1 dimension, as labels do"),
        ):
            np.savez(self.path, x=values, y=np.zeros(3, int))
            self.assert_refused(BAD_DATA, says)
            self.assert_refused(BAD_DATA, ".npz:x")
        np.savez(self.path, x=IMAGES, y=np.array(["cat"] * 5))
        self.assert_refused(BAD_DATA, ".npz:y: holds elements of type '<U3'")

    def write(self, member, method=zipfile.ZIP_STORED):
        with zipfile.ZipFile(self.path, "w", method) as archive:
            archive.writestr("x.npy", member)

    def test_an_archive_cannot_announce_more_than_it_holds(self):
        """Refused before memory is taken: 2^40 bytes are nowhere to be had, and 4 GiB are more than a member may have."""
        for shape, says in (((1 << 40, 1), "announces 1099511627776 bytes"), ((1 << 62, 8), "more bytes than any file")):
            header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
            self.write(npy(header, bytes(8)))
            self.assert_refused(BAD_DATA, says)
        self.write(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (9, 1), }", bytes(8)))
        self.assert_refused(BAD_DATA, "announces 9 bytes of data, but 8 follow")
        self.write(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (7, 1), }", bytes(8)))
        self.assert_refused(BAD_DATA, "announces 7 bytes of data, but more than 7 follow")

    def test_damaged_archives(self):
        for save in (np.savez, np.savez_compressed):
            save(self.path, x=np.arange(4000, dtype="f4").reshape(20, 200), y=np.zeros(20, int))
            content = self.path.read_bytes()
            for size in (0, 1, 30, 200, len(content) // 2, len(content) - 1):
                self.path.write_bytes(content[:size])
                self.assert_refused(BAD_DATA, "")
            for at in (300, 1000):  # within the data of x: the checksum tells
                changed = bytearray(content)
                changed[at] ^= 0x40
                self.path.write_bytes(changed)
                self.assert_refused(BAD_DATA, ".npz:x")

    def test_compression_that_has_no_limit_is_refused(self):
        file = io.BytesIO()
        np.save(file, IMAGES)
        for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            self.write(file.getvalue(), method)
            self.assert_refused(BAD_DATA, "numpy.savez_compressed")

    def test_encrypted_archives(self):
        file = io.BytesIO()
        np.save(file, IMAGES)
        self.write(file.getvalue())
        content = bytearray(self.path.read_bytes())
        content[6] |= 1  # the flag in the local header, and in the central directory
        content[content.index(b"PK\1\2") + 8] |= 1
        self.path.write_bytes(content)
        self.assert_refused(BAD_DATA, "is encrypted")

    def test_archives_of_other_things(self):
        with zipfile.ZipFile(self.path, "w") as archive:
            archive.writestr("train.csv", "1,2\n")
        self.assert_refused(BAD_DATA, "unpack it with unzip")
        with zipfile.ZipFile(self.path, "w"):
            pass
        self.assert_refused(BAD_DATA, "holds no arrays")


if __name__ == "__main__":
    unittest.main()
