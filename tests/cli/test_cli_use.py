"""Claims: predict ranks the classes, by their names where they have names, in CSV and JSON alike, and says which file a picture is;
reconstruct fills a directory as a whole and touches no other one; a million samples take no more memory than a thousand; labels
that nobody needs are not judged; eval counts as predict and reconstruct say."""

import array
import csv
import io
import json
import os
import pathlib
import random
import resource
import struct
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import BAD_DATA, CANNOT_CREATE, IO, OK, PROGRAM, USAGE, ProgramTest, build_setting, run
from test_cli_results import read_npy, read_png

WORDS = ["a, b", 'quo"ted', "zebra"]


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def table(labels, seed=5):
    """A CSV file of two features, one sample a label; features are near the label's number."""
    source, kinds = random.Random(seed), sorted(set(labels))
    lines = [["width", "height", "species"]]
    for label in labels:
        lines.append([f"{kinds.index(label) + source.gauss(0, 0.1):.3f}", f"{source.gauss(0, 1):.3f}", label])
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue()


def npy(path, rows, cols, values):
    """A file of float32, written in one piece for each row of `values`, which are repeated."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols}), }}".encode().ljust(117) + b"\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        for _ in range(rows * cols // len(values)):
            file.write(values.tobytes())


class Words(ProgramTest):
    """A classifier whose classes have names that CSV must quote."""

    def setUp(self):
        super().setUp()
        (self.here / "train.csv").write_text(table(WORDS * 20))
        self.run_program("train", "mlp", "--data", ".", "--no-test", "--hidden", 8, "--epochs", 30, "--out", "run", "--quiet")
        (self.here / "later.csv").write_text(table(WORDS * 2, seed=6))

    def test_names_and_probabilities(self):
        self.run_program("predict", "run", "later.csv", "--out", "p.npy")
        probabilities = read_npy(self.here / "p.npy")
        rows = rows_of(self.run_program("predict", "run", "later.csv", "--top", 3, "--probabilities").stdout)
        self.assertEqual([row["class"] for row in rows], WORDS * 2)
        for row, expected in zip(rows, probabilities):
            order = sorted(range(3), key=lambda c: -expected[c])
            for place, c in zip(("", "2", "3"), order):
                self.assertEqual(row["class" + place], WORDS[c])
                self.assertAlmostEqual(float(row["probability" + place]), expected[c], delta=1e-6 * expected[c])
                self.assertEqual(row[f"p{c}"], row["probability" + place])

    def test_json_says_what_csv_says(self):
        rows = rows_of(self.run_program("predict", "run", "later.csv", "--top", 2, "--probabilities").stdout)
        lines = self.run_program("predict", "run", "later.csv", "--top", 2, "--probabilities", "--json").stdout.splitlines()
        self.assertEqual(len(lines), len(rows))
        for number, (line, row) in enumerate(zip(map(json.loads, lines), rows)):
            self.assertEqual(line["index"], number)
            self.assertEqual((line["class"], line["probability"]), (row["class"], float(row["probability"])))
            self.assertEqual([one["class"] for one in line["top"]], [row["class"], row["class2"]])
            self.assertEqual(line["probabilities"], [float(row[f"p{c}"]) for c in range(3)])
        self.run_program("predict", "run", "later.csv", "--top", 2, "--probabilities", "--out", "p.jsonl")
        self.assertEqual((self.here / "p.jsonl").read_text().splitlines(), lines)

    def test_labels_that_are_not_needed_may_be_anything(self):
        expected = self.run_program("predict", "run", "later.csv").stdout
        text = (self.here / "later.csv").read_text()
        for other in ("unheard of", "", "-7", "1e9"):
            with self.subTest(label=other):
                (self.here / "other.csv").write_text(text.replace("zebra", other))
                self.assertEqual(self.run_program("predict", "run", "other.csv").stdout, expected)

    def test_the_order_survives_probabilities_of_zero(self):
        """Features far out of the range of training: all but one probability are 0 in float32, and yet have an order."""
        (self.here / "far.csv").write_text("width,height\n3,0\n2.9,1\n")
        rows = rows_of(self.run_program("predict", "run", "far.csv", "--top", 3).stdout)
        for row in rows:
            self.assertEqual(sorted(row[key] for key in ("class", "class2", "class3")), WORDS)

    def test_wrong_use(self):
        self.assert_refused(USAGE, "3 classes", "predict", "run", "later.csv", "--top", 4)
        self.assert_refused(USAGE, "--top", "predict", "run", "later.csv", "--top", 0)
        self.assert_refused(USAGE, "--json", "predict", "run", "later.csv", "--json", "--out", "p.csv")
        self.assert_refused(USAGE, "codes", "predict", "run", "later.csv", "--out", "codes")


class Judged(ProgramTest):
    """eval against what predict and reconstruct say of the same samples."""

    def words_run(self):
        (self.here / "train.csv").write_text(table(WORDS * 20))
        later = WORDS * 5 + [WORDS[0]] * 4
        text = table(later, seed=6).splitlines(keepends=True)
        shuffled = [line.replace("zebra", '"a, b"') if number % 2 == 1 else line for number, line in enumerate(text)]
        (self.here / "test.csv").write_text("".join(shuffled))
        self.run_program("train", "mlp", "--data", ".", "--no-test", "--hidden", 8, "--epochs", 30, "--out", "run", "--quiet")
        truth = [row["species"] for row in rows_of("".join(shuffled))]
        guesses = rows_of(self.run_program("predict", "run", "test.csv").stdout)
        return truth, guesses

    def test_classifier(self):
        truth, guesses = self.words_run()
        judged = json.loads(self.run_program("eval", "run", "--json").stdout)
        pairs = [(is_, row["class"]) for is_, row in zip(truth, guesses)]
        self.assertGreater(sum(a != b for a, b in pairs), 2)
        self.assertEqual(judged["confusion"], [[pairs.count((a, b)) for b in WORDS] for a in WORDS])
        for word, one in zip(WORDS, judged["classes"]):
            support, predicted = truth.count(word), sum(b == word for _, b in pairs)
            correct = pairs.count((word, word))
            self.assertEqual((one["class"], one["samples"], one["predicted"], one["correct"]), (word, support, predicted, correct))
            self.assertAlmostEqual(one["precision"], correct / predicted)
            self.assertAlmostEqual(one["recall"], correct / support)
        wrong = [(-float(row["probability"]), number) for number, (pair, row) in enumerate(zip(pairs, guesses)) if pair[0] != pair[1]]
        self.assertEqual([one["index"] for one in judged["mistakes"]], [number for _, number in sorted(wrong)])
        for one in judged["mistakes"]:
            self.assertEqual((one["truth"], one["predicted"]), pairs[one["index"]])
        shown = self.run_program("eval", "run").stdout
        self.assertRegex(shown, r"(?m)^accuracy +\d+\.\d\d %$")
        for text in ("precision", "taken for", f"The most confident of {len(wrong)} mistakes"):
            self.assertIn(text, shown)
        self.assert_refused(BAD_DATA, "square", "eval", "run", "--mistakes", "wrong.png")

    def test_a_wide_matrix_is_left_to_json(self):
        names = [f"a class with a long name, {letter}" for letter in "abcdef"]
        for file in ("train.csv", "test.csv"):
            (self.here / file).write_text(table(names * 4))
        self.run_program("train", "mlp", "--data", ".", "--hidden", 2, "--epochs", 1, "--out", "run", "--quiet")
        shown = self.run_program("eval", "run").stdout
        self.assertIn("--json", shown)
        self.assertNotIn("\n" + " " * 20 + "taken for", shown)

    def test_pictures_of_mistakes(self):
        self.train("mlp", "--lr", 1e-4, "--out", "run", "--quiet")
        judged = json.loads(self.run_program("eval", "run", "--json", "--mistakes", "wrong.png").stdout)
        width, height, _ = read_png(self.here / "wrong.png")
        count = len(judged["mistakes"])
        self.assertGreater(count, 0)
        # Images of 8 x 8 are enlarged 11 times; "1, not 2" and a blank are 9 characters of 12 pixels, more than the image's 88.
        self.assertEqual(width, min(count, 10) * (108 + 11) + 11)
        rows = -(-count // 10)
        self.assertEqual(height, rows * (9 * 11 + 2 * 18) + (rows - 1) * 66 + 11)
        self.assert_refused(USAGE, ".png", "eval", "run", "--mistakes", "wrong.txt")

    def test_autoencoder(self):
        self.train("autoencoder", "--out", "run", "--quiet")
        images = self.data / "t10k-images-idx3-ubyte"
        self.run_program("reconstruct", "run", images, "--out", "x.npy")
        pixels = images.read_bytes()[16:]
        losses = []
        for number, values in enumerate(read_npy(self.here / "x.npy")):
            differences = [value - pixel / 255 for value, pixel in zip(values, pixels[64 * number : 64 * number + 64])]
            losses.append(sum(d * d for d in differences) / 2)
        judged = json.loads(self.run_program("eval", "run", "--json", "--mistakes", "worst.png").stdout)
        self.assertEqual([one["index"] for one in judged["worst"]], sorted(range(30), key=lambda i: -losses[i]))
        for one in judged["worst"]:
            self.assertAlmostEqual(one["loss"], losses[one["index"]], delta=1e-5 * losses[one["index"]])
        self.assertTrue((self.here / "worst.png").exists())
        self.assertIn("Reconstructed worst", self.run_program("eval", "run").stdout)


class Few(ProgramTest):
    def test_one_sample(self):
        (self.here / "train.csv").write_text(table(["0", "1"] * 9))
        self.run_program("train", "mlp", "--data", ".", "--no-test", "--hidden", 4, "--epochs", 9, "--out", "run", "--quiet")
        (self.here / "one.csv").write_text("width,height\n1,0\n")
        (row,) = rows_of(self.run_program("predict", "run", "one.csv").stdout)
        self.assertEqual(row["class"], "1")
        (line,) = self.run_program("predict", "run", "one.csv", "--json").stdout.splitlines()
        self.assertEqual(json.loads(line), {"index": 0, "class": 1, "probability": float(row["probability"])})


class Directories(ProgramTest):
    def setUp(self):
        super().setUp()
        self.train("autoencoder", "--out", "run", "--quiet")
        self.images = self.data / "t10k-images-idx3-ubyte"

    def reconstruct(self, *arguments, expect=OK):
        return self.run_program("reconstruct", "run", self.images, *arguments, expect=expect)

    def test_a_picture_for_each_sample(self):
        self.reconstruct("--out", "x.npy", "--first", 3)
        self.reconstruct("--out", "pictures/", "--first", 3)
        expected = read_npy(self.here / "x.npy")
        names = sorted(path.name for path in (self.here / "pictures").iterdir())
        self.assertEqual(names, [f"{number:05}.png" for number in range(3, 30)])
        for name, values in zip(names, expected):
            width, height, rows = read_png(self.here / "pictures" / name)
            self.assertEqual((width, height), (8, 8))
            for place, value in enumerate(values):
                self.assertLessEqual(abs(rows[place // 8][place % 8] - 255 * min(max(value, 0), 1)), 0.51)

    def test_what_is_its_own_is_replaced_as_a_whole(self):
        (self.here / "empty").mkdir()
        self.reconstruct("--out", "empty", "--count", 4)
        self.reconstruct("--out", "empty", "--count", 2)
        self.assertEqual(sorted(path.name for path in (self.here / "empty").iterdir()), ["00000.png", "00001.png"])
        self.assertEqual(sorted(path.name for path in self.here.iterdir()), ["empty", "run"])

    def test_what_is_not_is_left_alone(self):
        self.reconstruct("--out", "mine", "--count", 2)
        (self.here / "mine/notes.txt").write_text("")
        before = {path.name: path.read_bytes() for path in (self.here / "mine").iterdir()}
        self.assert_refused(CANNOT_CREATE, "notes.txt", "reconstruct", "run", self.images, "--out", "mine")
        self.assertEqual({path.name: path.read_bytes() for path in (self.here / "mine").iterdir()}, before)
        (self.here / "file").write_text("")
        self.assert_refused(CANNOT_CREATE, "file", "reconstruct", "run", self.images, "--out", "file")
        self.assert_refused(CANNOT_CREATE, "no/such", "reconstruct", "run", self.images, "--out", "no/such")
        self.assert_refused(USAGE, "run", "reconstruct", "run", self.images, "--out", "run")
        self.assert_refused(USAGE, "no picture", "encode", "run", self.images, "--out", "pictures")

    def test_a_failure_leaves_what_was_there(self):
        self.reconstruct("--out", "pictures", "--count", 2)
        before = {path.name: path.read_bytes() for path in (self.here / "pictures").iterdir()}
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))  # noqa: E731
        done = run("reconstruct", "run", self.images, "--out", "pictures", cwd=self.here, preexec_fn=limit)
        self.assertEqual(done.returncode, IO, done.stderr)
        self.assertEqual({path.name: path.read_bytes() for path in (self.here / "pictures").iterdir()}, before)
        self.assertEqual(sorted(path.name for path in self.here.iterdir()), ["pictures", "run"])


@unittest.skipIf(build_setting("HANDGRAD_SANITIZE") or "sanitize" in build_setting("CMAKE_C_FLAGS"), "what a sanitizer keeps of freed memory grows")
class Memory(ProgramTest):
    """The memory that is in use at most grows by the input, which is mapped, and not by the results, which are larger: the numbers
    of p.csv alone take 24 MB, its text 90 MB."""

    ROWS, FEATURES, LATENT = 1_000_000, 4, 4
    SPARE = 8 << 10  # KiB, as below: half of the numbers of the codes, the smallest of the results

    def setUp(self):
        super().setUp()
        source = random.Random(2)
        values = array.array("f", [source.random() for _ in range(4000)])
        npy(self.here / "x_train.npy", 1000, self.FEATURES, values)
        npy(self.here / "million.npy", self.ROWS, self.FEATURES, values)
        header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000,), }".ljust(117) + b"\n"
        labels = bytes(source.randrange(3) for _ in range(1000))
        (self.here / "y_train.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + labels)
        for model, size in (("mlp", "--hidden"), ("autoencoder", "--latent")):
            self.run_program("train", model, "--data", ".", "--no-test", size, self.LATENT, "--epochs", 1, "--out", model,
                             "--quiet")  # fmt: skip

    def most_memory(self, *words):
        """In KiB, the pages of mapped files included."""
        process = subprocess.Popen([PROGRAM, *words, "--threads", "1", "--backend", "cpu"], cwd=self.here)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        self.assertEqual(status, OK)
        return usage.ru_maxrss

    def test_results_do_not_pile_up(self):
        commands = [
            ("predict", "mlp", "p.csv", "--top", "3", "--probabilities"),
            ("predict", "mlp", "p.npy"),
            ("encode", "autoencoder", "z.csv"),
            ("encode", "autoencoder", "z.npy"),
            ("reconstruct", "autoencoder", "x.npy"),
        ]
        mapped = self.ROWS * self.FEATURES * 4 >> 10
        for command, model, out, *options in commands:
            with self.subTest(command=command, out=out):
                few = self.most_memory(command, model, "x_train.npy", "--out", out, *options)
                many = self.most_memory(command, model, "million.npy", "--out", out, *options)
                self.assertLess(many, few + mapped + self.SPARE)
        self.assertEqual((self.here / "p.csv").read_bytes().count(b"\n"), self.ROWS + 1)
        self.assertEqual((self.here / "z.npy").stat().st_size, 128 + 4 * self.LATENT * self.ROWS)


if __name__ == "__main__":
    unittest.main()
