"""PNG files for tests that have nothing but Python."""

import struct
import zlib


def png(width, height, rows, depth=8, kind=0, chunks=()):
    """Of rows that each begin with the number of their filter. The header says what it is told to, true or not; `chunks` are (name,
    content), in front of the pixels."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    others = b"".join(chunk(*each) for each in chunks)
    return b"\x89PNG\r\n\x1a\n" + header + others + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
