#!/usr/bin/env python3
"""Draws circles, squares and triangles as small PNG pictures, one folder a class: data to try handgrad on (docs/TUTORIAL.md).

    python3 examples/draw_shapes.py DIR

Needs nothing but Python."""

import pathlib
import random
import struct
import sys
import zlib

SIDE = 20
PICTURES = {"train": 200, "test": 40}  # of each class


def circle(x, y):
    return x * x + y * y < 1


def square(x, y):
    return max(abs(x), abs(y)) < 0.85


def triangle(x, y):
    return y < 0.8 and abs(x) < (y + 1) / 1.8


def write_png(path, rows):
    """Rows of bytes, grey."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = b"".join(b"\0" + bytes(row) for row in rows)  # 0: no filter
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


def draw(shape, source):
    """The shape somewhere, of some size and brightness, white on black, with some noise."""
    size = source.uniform(5, 9)
    left, top = source.uniform(size, SIDE - size), source.uniform(size, SIDE - size)
    light = source.uniform(150, 230)

    def pixel(column, row):
        lit = light if shape((column - left) / size, (row - top) / size) else 0
        return min(255, max(0, round(lit + source.gauss(0, 8))))

    return [[pixel(column, row) for column in range(SIDE)] for row in range(SIDE)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    source = random.Random(1)
    for part, count in PICTURES.items():
        for shape in (circle, square, triangle):
            directory = pathlib.Path(sys.argv[1]) / part / shape.__name__
            directory.mkdir(parents=True)
            for number in range(count):
                write_png(directory / f"{number:03}.png", draw(shape, source))


if __name__ == "__main__":
    main()
