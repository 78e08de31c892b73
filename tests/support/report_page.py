"""The page of `handgrad report`, read as a browser reads it, and the test case that makes one. Every page that a test makes is
held to what holds of all of them: valid, small, and in need of nothing from elsewhere."""

import base64
import io
import pathlib
import re

try:
    import html5lib
    import numpy
    from PIL import Image
except ImportError as error:
    raise SystemExit(f"{error}: this test needs the packages of tests/requirements.txt")  # noqa: B904

from program import ProgramTest

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
LIMIT = 2_000_000  # bytes


class Page:
    def __init__(self, file):
        self.bytes = pathlib.Path(file).read_bytes()
        self.source = self.bytes.decode()
        self.root = html5lib.HTMLParser(strict=True).parse(self.source)  # raises on every error of the syntax

    def all(self, name, class_name=None):
        wanted = (XHTML + name, SVG + name)
        return [e for e in self.root.iter() if e.tag in wanted and class_name in (None, *e.get("class", "").split())]

    def texts(self, name, class_name=None):
        return [" ".join("".join(e.itertext()).split()) for e in self.all(name, class_name)]

    def text(self):
        return " ".join("".join(self.root.find(XHTML + "body").itertext()).split())

    def verdicts(self):
        return self.texts("p", "verdict")

    def remarks(self):
        return self.texts("li")

    def section(self, heading):
        """What follows a heading, up to the next of its kind."""
        main = self.root.find(f"{XHTML}body/{XHTML}main")
        found, inside = [], False
        for element in main:
            if element.tag in (XHTML + "h2", XHTML + "h1"):
                inside = "".join(element.itertext()).startswith(heading)
            elif inside:
                found.append(element)
        return found

    def rows(self, table):
        return [["".join(cell.itertext()) for cell in row] for row in table.iter(XHTML + "tr")]

    def picture(self, image):
        """As an array, at the scale of the file."""
        data = image.get("src").split(",", 1)[1]
        return numpy.asarray(Image.open(io.BytesIO(base64.b64decode(data))))

    def plots(self):
        """Title to the names of its lines and, for each, how many points are drawn."""
        found = {}
        for plot in self.all("svg", "plot"):
            lines = [e for e in plot if e.get("class", "").startswith("line")]
            title = next(e.text for e in plot if e.tag == SVG + "title")
            found[title] = [len(re.findall(r"[ML]", line.get("d"))) for line in lines]
        return found


class ReportTest(ProgramTest):
    def report(self, *runs, out="page.html", options=()):
        self.run_program("report", *runs, "--out", out, *options)
        page = Page(self.here / out)
        self.assertLess(len(page.bytes), LIMIT)
        self.assert_self_contained(page)
        return page

    def assert_self_contained(self, page):
        self.assertEqual(page.all("script") + page.all("link") + page.all("iframe"), [])
        for element in page.root.iter():
            for name, value in element.items():
                self.assertFalse(name.startswith("on"), name)
                if name in ("src", "href") or name.endswith("}href"):
                    self.assertRegex(value, r"\A(#|data:image/png;base64,)")
        ids = [e.get("id") for e in page.root.iter() if e.get("id")]
        self.assertEqual(len(set(ids)), len(ids))
        for link in page.all("a"):
            self.assertIn(link.get("href")[1:], ids)
        self.assertNotRegex(page.source.replace("http://www.w3.org/", ""), r"https?://|url\(|@import")


def images_of(directory, prefix, side=8):
    content = (directory / f"{prefix}-images-idx3-ubyte").read_bytes()
    return numpy.frombuffer(content[16:], numpy.uint8).reshape(-1, side, side)


def labels_of(directory, prefix):
    return numpy.frombuffer((directory / f"{prefix}-labels-idx1-ubyte").read_bytes()[8:], numpy.uint8)
