"""Claims: scripts/fetch_data takes each file from the first source that has it, checks what it decompresses to, replaces
files whole, leaves right ones alone, and says why a source was of no use. The mirrors are servers on this machine."""

import contextlib
import functools
import gzip
import hashlib
import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
GOOD = SOURCE / "data" / "mnist"
SUMS = dict(reversed(line.split()) for line in (GOOD / "SHA256SUMS").read_text().splitlines())


class Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def mirror(directory):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=directory)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def closed_port():
    """An address where nobody answers."""
    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        return f"http://127.0.0.1:{server.server_port}/"


class FetchData(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="handgrad-test-"))
        self.addCleanup(shutil.rmtree, self.top)
        self.to = self.top / "new" / "mnist"
        self.bad = self.top / "bad"
        shutil.copytree(GOOD, self.bad)

    def fetch(self, *mirrors, local="nowhere", expect=0):
        result = subprocess.run(
            [sys.executable, SOURCE / "scripts" / "fetch_data", "mnist", "--to", self.to],
            env=dict(os.environ, HANDGRAD_MIRRORS=" ".join(mirrors), HANDGRAD_LOCAL_DATASET=str(local), no_proxy="*"),
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(result.returncode, expect, result.stderr)
        return result.stderr

    def assert_complete(self):
        self.assertEqual(sorted(path.name for path in self.to.iterdir()), sorted(f"{name}.gz" for name in SUMS))
        for name, expected in SUMS.items():
            content = gzip.decompress((self.to / f"{name}.gz").read_bytes())
            self.assertEqual(hashlib.sha256(content).hexdigest(), expected)

    def test_from_a_mirror_then_nothing_to_do(self):
        with mirror(GOOD) as good:
            self.fetch(good)
        self.assert_complete()
        before = {path: path.stat().st_mtime_ns for path in self.to.iterdir()}
        self.assertEqual(self.fetch(closed_port()).count("already there"), 4)
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.to.iterdir()}, before)

    def test_next_mirror_where_one_does_not_answer(self):
        with mirror(GOOD) as good:
            self.assertIn("does not answer", self.fetch(closed_port(), good))
        self.assert_complete()

    def test_next_mirror_where_one_has_something_else(self):
        wrong = {
            "train-images-idx3-ubyte.gz": b"<html>moved</html>",
            "train-labels-idx1-ubyte.gz": gzip.compress(b"other labels"),
            "t10k-images-idx3-ubyte.gz": (GOOD / "t10k-images-idx3-ubyte.gz").read_bytes()[:-100],
            "t10k-labels-idx1-ubyte.gz": gzip.compress(bytes(100 << 20)),
        }
        for name, content in wrong.items():
            with self.subTest(name), mirror(self.bad) as bad, mirror(GOOD) as good:
                shutil.rmtree(self.to, ignore_errors=True)
                (self.bad / name).write_bytes(content)
                self.assertIn(f"{name}: ", self.fetch(bad, good))
                self.assert_complete()
                shutil.copy(GOOD / name, self.bad)

    def test_from_this_machine_where_no_mirror_answers(self):
        self.fetch(closed_port(), local=GOOD)
        self.assert_complete()

    def test_wrong_files_are_replaced(self):
        self.to.mkdir(parents=True)
        (self.to / "t10k-labels-idx1-ubyte.gz").write_bytes(b"cut off")
        with mirror(GOOD) as good:
            self.fetch(good)
        self.assert_complete()

    def test_nobody_has_it(self):
        (self.bad / "train-labels-idx1-ubyte.gz").unlink()
        with mirror(self.bad) as bad:
            self.assertIn("not complete", self.fetch(bad, expect=os.EX_UNAVAILABLE))
        self.assertEqual([path.name for path in self.to.iterdir()], ["train-images-idx3-ubyte.gz"])

    def test_no_place_to_put_it(self):
        (self.top / "new").write_text("a file")
        with mirror(GOOD) as good:
            self.assertIn(str(self.top / "new"), self.fetch(good, expect=os.EX_CANTCREAT))


if __name__ == "__main__":
    unittest.main()
