"""Claims: a browser shows the page of `handgrad report` as it is meant: no error on its console, nothing asked of the
network, nothing wider than the window at 400 and at 1400 pixels, light or dark as the reader wants it; and it prints.
Skipped where there is no Chromium."""

import html
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

try:
    from PIL import Image
except ImportError as error:
    raise SystemExit(f"{error}: this test needs the packages of tests/requirements.txt")  # noqa: B904

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import SKIPPED, ProgramTest, write_dataset

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Nothing that a browser does by itself; as root it runs without a sandbox alone.
OPTIONS = """--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-extensions --disable-default-apps --hide-scrollbars""".split()


class BrowserTest(ProgramTest):
    def browse(self, page, *options):
        """What Chromium says on its standard output and error of a page."""
        command = [CHROMIUM, *OPTIONS, f"--user-data-dir={self.here / 'profile'}", *options, page.resolve().as_uri()]
        return subprocess.run(command, cwd=self.here, capture_output=True, text=True, timeout=300, check=True)

    def requests(self, page):
        """What the page asks of the network; what the browser asks by itself has no origin."""
        log = self.here / "net.json"
        self.browse(page, f"--log-net-log={log}", "--dump-dom")
        asked = [event.get("params", {}) for event in json.loads(log.read_text())["events"]]
        return [a["url"] for a in asked if a.get("initiator", "not an origin") != "not an origin" and a.get("url", "").startswith("http")]

    def console(self, page):
        result = self.browse(page, "--enable-logging=stderr", "--dump-dom")
        return [line for line in result.stderr.splitlines() if "CONSOLE" in line]

    def overflow(self, page, width):
        """By how many pixels the page is wider than a window of that width."""
        frame = self.here / "frame.html"
        frame.write_text(
            f'<iframe id="f" style="width:{width}px;height:900px;border:0" srcdoc="{html.escape(page.read_text())}"></iframe>'
            "<script>f.onload = () => { const e = f.contentDocument.documentElement;"
            "document.title = `${e.scrollWidth - e.clientWidth} of ${e.clientWidth}` }</script>"
        )
        shown = self.browse(frame, "--window-size=1600,1000", "--virtual-time-budget=20000", "--dump-dom").stdout
        found = re.search(r"<title>(-?\d+) of (\d+)</title>", shown)
        self.assertEqual(int(found[2]), width)
        return int(found[1])

    def screenshot(self, page, width, scheme):
        """The picture, as an image of Pillow; scheme 0: dark, 1: light."""
        file = self.here / "shot.png"
        self.browse(page, f"--window-size={width},1600", f"--blink-settings=preferredColorScheme={scheme}", f"--screenshot={file}")
        return Image.open(io.BytesIO(file.read_bytes())).convert("L")

    def report(self, *runs):
        self.run_program("report", *runs, "--out", "page.html")
        return self.here / "page.html"


class Browser(BrowserTest):
    def test_the_measures_measure(self):
        page = self.here / "bad.html"
        page.write_text('<p style="width:700px">wide</p><img src="http://127.0.0.1:9/x.png"><script>console.error("heard")</script>')
        self.assertIn("http://127.0.0.1:9/x.png", self.requests(page))
        self.assertIn("heard", "".join(self.console(page)))
        self.assertGreater(self.overflow(page, 400), 200)

    def pages(self):
        """A classifier of images; autoencoders side by side; a table with long names."""
        self.train("mlp", "--validation-fraction", 0.2, "--out", "mlp")
        yield self.report("mlp")
        for gradient in ("exact", "encoder"):
            self.train("autoencoder", "--gradient", gradient, "--out", gradient)
        yield self.report("exact", "encoder")
        data = self.here / "table"
        data.mkdir()
        classes = [f"a class of a long name, {'no break' * 5} {k}" for k in range(12)]
        rows = "".join(f'"{classes[k % 12]}",{k % 12},{k % 7}\n' for k in range(60))
        for name in ("train.csv", "test.csv"):
            (data / name).write_text(f"label,{'a_feature_of_a_long_name' * 4},b\n" + rows)
        self.run_program("train", "mlp", "--data", data, "--epochs", 1, "--out", "a/" + "b" * 120)
        yield self.report("a/" + "b" * 120)

    def test_pages(self):
        for page in self.pages():
            self.assertEqual(self.console(page), [])
            self.assertEqual(self.requests(page), [])
            for width in (400, 1400):
                self.assertLessEqual(self.overflow(page, width), 0, width)

    def test_light_dark_and_paper(self):
        self.train("mlp", "--out", "mlp")
        page = self.report("mlp")
        light, dark = (self.screenshot(page, 1400, scheme) for scheme in (1, 0))
        for picture, paper in ((light, 255), (dark, 24)):
            counts = picture.histogram()
            self.assertAlmostEqual(max(range(256), key=counts.__getitem__), paper, delta=8)
            self.assertLess(max(counts), 0.99 * sum(counts))  # something is on it
        file = self.here / "page.pdf"
        self.browse(page, f"--print-to-pdf={file}", "--no-pdf-header-footer")
        self.assertEqual(file.read_bytes()[:5], b"%PDF-")

    def test_a_link_leads_to_its_images(self):
        write_dataset(self.here / "data")
        self.run_program("train", "mlp", "--data", self.here / "data", "--epochs", 1, "--hidden", 2, "--out", "run")
        page = self.report("run")
        target = re.search(r'<a href="#(r0-[0-9-]+)">', page.read_text())[1]
        self.assertIn(f'<figure id="{target}">', page.read_text())


if __name__ == "__main__":
    if not CHROMIUM:
        print("there is no chromium on this machine")
        sys.exit(SKIPPED)
    unittest.main()
