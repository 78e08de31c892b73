"""Claims: a plot is well-formed SVG, a point lies where the axes say, a point that an axis cannot show is a gap, text of any
kind is escaped and lies within the picture, and however many points there are, the file stays small."""

import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

TOOL = pathlib.Path(os.environ.get("PLOT_TOOL") or pathlib.Path(os.environ["HANDGRAD"]).parent / "tests/plot_tool")
LINEAR, WHOLE, LOG = range(3)
SVG = "{http://www.w3.org/2000/svg}"


def number(label):
    """What a label of an axis says: 0.05, −3, 2×10⁻⁵, 10³."""
    digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    label = label.replace("−", "-")
    power = re.fullmatch("(?:(.*)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", label)
    return float(power[1] or 1) * 10.0 ** int(power[2].translate(digits)) if power else float(label)


class Plot:
    def __init__(self, series, x_kind=LINEAR, y_kind=LINEAR, title="a title", noted=-1):
        text = "".join(f"{name}\t{' '.join(f'{v:.17g}' for point in points for v in point)}\n" for name, points in series.items())
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "plot.svg"
            subprocess.run(
                [TOOL, file, str(x_kind), str(y_kind), title, str(noted)], input=text.encode("utf-8", "surrogateescape"), check=True
            )
            self.bytes = file.read_bytes()
        self.root = ElementTree.fromstring(self.bytes)

    def texts(self):
        return ["".join(text.itertext()) for text in self.root.iter(f"{SVG}text")]

    def axis(self, name):
        """(place, number) of each tick."""
        group = next(g for g in self.root.iter(f"{SVG}g") if g.get("class") == f"axis {name}")
        return [(float(t.get(name)), number(t.text)) for t in group.iter(f"{SVG}text")]

    def value(self, name, kind, place):
        """The number at a place, read off between the axis's first and last tick, as a reader does."""
        (p0, v0), *_, (p1, v1) = self.axis(name)
        if kind == LOG:
            return v0 * (v1 / v0) ** ((place - p0) / (p1 - p0))
        return v0 + (v1 - v0) * (place - p0) / (p1 - p0)

    def lines(self):
        """Per series the strokes, each a list of places."""
        paths = [p for p in self.root if p.get("class", "").startswith("line")]
        return [[[tuple(map(float, xy)) for xy in re.findall(r"(-?[\d.]+) (-?[\d.]+)", stroke)] for stroke in re.findall("M[^M]*", p.get("d"))] for p in paths]


class PlotTest(unittest.TestCase):
    def assert_drawn(self, points, x_kind=LINEAR, y_kind=LINEAR):
        plot = Plot({"one": points}, x_kind, y_kind)
        (strokes,) = plot.lines()
        drawn = [place for stroke in strokes for place in stroke]
        self.assertEqual(len(drawn), len(points))
        # places are written to a tenth of a pixel: that is how well they can be read off
        for axis, kind, index in (("x", x_kind, 0), ("y", y_kind, 1)):
            ticks = plot.axis(axis)
            self.assertGreaterEqual(len(ticks), 2)
            pixels = abs(ticks[-1][0] - ticks[0][0])
            for place, point in zip(drawn, points):
                read = plot.value(axis, kind, place[index])
                if kind == LOG:
                    decades = abs(math.log10(ticks[-1][1] / ticks[0][1]))
                    self.assertAlmostEqual(math.log10(read), math.log10(point[index]), delta=0.3 * decades / pixels)
                else:
                    self.assertAlmostEqual(read, point[index], delta=0.3 * abs(ticks[-1][1] - ticks[0][1]) / pixels)

    def test_a_point_is_where_the_axes_say(self):
        self.assert_drawn([(1, 2.3), (2, 1.1), (3, 0.7), (4, 0.65), (5, 0.66)], WHOLE)
        self.assert_drawn([(0.1, -5), (0.2, 7), (0.9, 0)])
        self.assert_drawn([(1e-5, 3e-9), (1e-2, 1), (10, 4e6)], LOG, LOG)
        self.assert_drawn([(1, 1000.001), (2, 1000.002), (3, 1000.003)], WHOLE)

    def test_ticks_are_round_and_in_order(self):
        for kind, points in ((LINEAR, [(0, 0.013), (1, 0.987)]), (LOG, [(0, 0.02), (1, 3e7)]), (WHOLE, [(0, 1), (1, 25)])):
            values = [value for _, value in Plot({"one": points}, LINEAR, kind).axis("y")]
            self.assertEqual(values, sorted(values))
            for value in values:
                significant = f"{abs(value):.9e}".split("e")[0].rstrip("0").rstrip(".").replace(".", "")
                self.assertLessEqual(len(significant), 2, value)
                self.assertTrue(kind != WHOLE or value == int(value))

    def test_what_an_axis_cannot_show_is_a_gap(self):
        nan = math.nan
        for kind, hole in ((LINEAR, nan), (LINEAR, math.inf), (LOG, 0), (LOG, -1), (LOG, nan)):
            (strokes,) = Plot({"one": [(1, 1), (2, 2), (3, hole), (4, 4), (5, 5)]}, LINEAR, kind).lines()
            self.assertEqual([len(stroke) for stroke in strokes], [2, 2])

    def test_few_and_equal_points(self):
        for points in ([], [(1, 1)], [(1, 0)], [(1, 5), (2, 5)], [(1, math.nan)]):
            for kind in (LINEAR, LOG):
                plot = Plot({"one": points}, WHOLE, kind)
                self.assertNotIn(b"nan", plot.bytes)
                self.assertNotIn(b"inf", plot.bytes)

    def test_any_text_is_escaped(self):
        hostile = "<script>alert(1)</script>&\"'\x1b[31m\udcff\u202e"
        plot = Plot({hostile: [(1, 1), (2, 2)]}, title=hostile)
        self.assertFalse(list(plot.root.iter(f"{SVG}script")))
        self.assertNotIn(b"\x1b", plot.bytes)
        self.assertNotIn("\u202e".encode(), plot.bytes)
        self.assertTrue(any("<script>" in text for text in plot.texts()))

    def test_many_points_stay_small_and_keep_their_extremes(self):
        points = [(i, math.sin(i / 500) + (40 if i == 31234 else 0)) for i in range(100000)]
        plot = Plot({"one": points})
        self.assertLess(len(plot.bytes), 100_000)
        (strokes,) = plot.lines()
        top = min(place[1] for stroke in strokes for place in stroke)
        self.assertAlmostEqual(plot.value("y", LINEAR, top), points[31234][1], delta=0.5)

    def test_series_differ_by_more_than_colour(self):
        plot = Plot({f"series {i}": [(1, i), (2, i)] for i in range(5)})
        dashes = {p.get("class").split()[2] for p in plot.root if p.get("class", "").startswith("line")}
        self.assertEqual(len(dashes), 5)
        for i in range(5):
            self.assertIn(f"series {i}", plot.texts())

    def test_the_noted_point_has_its_text(self):
        plot = Plot({"one": [(1, 3), (2, 1), (3, 2)]}, noted=1)
        (ring,) = plot.root.iter(f"{SVG}circle")
        self.assertAlmostEqual(float(ring.get("cx")), plot.lines()[0][0][1][0], delta=0.1)
        self.assertIn("best", plot.texts())

    def test_the_texts_of_near_rings_lie_apart(self):
        for series in (
            {f"run {i}": [(1, 3), (2, 1 + 1e-3 * i), (3, 2)] for i in range(4)},
            {f"run {i}": [(1, 1), (2, 1), (3, 1)] for i in range(30)},
            {f"run {i}": [(j, (j + i) % 5) for j in range(9)] for i in range(3)},
        ):
            for noted in (0, 1, 2):
                plot = Plot(series, noted=noted)
                self.assertEqual(len(list(plot.root.iter(f"{SVG}circle"))), len(series))
                places = [(float(t.get("x")), float(t.get("y"))) for t in plot.root.iter(f"{SVG}text") if t.get("class") == "note"]
                self.assertGreaterEqual(len(places), 2)
                for i, (x, y) in enumerate(places):
                    for other_x, other_y in places[:i]:
                        # 13 units high, and no narrower than 4 letters of 5 units each
                        self.assertTrue(abs(y - other_y) >= 13 or abs(x - other_x) >= 20, places)

    def test_a_text_is_off_the_lines_where_it_can_be(self):
        plot = Plot({"one": [(1, 9), (2, 1), (3, 9)]}, noted=1)
        (text,) = (t for t in plot.root.iter(f"{SVG}text") if t.get("class") == "note")
        (ring,) = plot.root.iter(f"{SVG}circle")
        self.assertLess(abs(float(text.get("x")) - float(ring.get("cx"))), 60)
        self.assertLess(abs(float(text.get("y")) - float(ring.get("cy"))), 40)


if __name__ == "__main__":
    unittest.main()
