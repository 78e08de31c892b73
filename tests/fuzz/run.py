"""Runs one fuzz target for a bounded number of inputs from seeds that it makes itself: run.py PROGRAM FORMAT [RUNS], such as
run.py build-sanitize/tests/fuzz/fuzz_array npy.

Claim: no input makes a reader, of files or of expressions, crash, leak, misbehave under ASan or UBSan, take memory that the
input cannot justify, or work for seconds."""

import gzip
import io
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zipfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from png import png

LONGEST = 4096  # bytes of an input
MEMORY = 64  # MiB for one allocation: a megabyte over what 4096 bytes of gzip data can expand to, and what zlib takes
PNG_MEMORY = 128  # the same of a PNG file with a bit a pixel, each of which becomes three bytes


def idx(kind, shape, data):
    return struct.pack(">HBB", 0, kind, len(shape)) + struct.pack(f">{len(shape)}I", *shape) + data


def npy(version, descr, shape, data, order=False):
    header = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + data


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def npz(method, **members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def jpeg(kind, components, scan):
    """A picture of 8 by 8 with the same quantization everywhere and one code in each Huffman table: a block without an end."""
    def segment(marker, content):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content

    parts = b"".join(bytes([i, 0x11, 0]) for i in range(1, components + 1))
    frame = segment(kind, struct.pack(">BHHB", 8, 8, 8, components) + parts)
    tables = b"".join(segment(0xC4, bytes([table, 1] + 15 * [0] + [0])) for table in (0x00, 0x10))
    chosen = b"".join(bytes([i, 0]) for i in range(1, components + 1))
    start = segment(0xDA, bytes([components]) + chosen + (b"\0\x3f\0" if kind == 0xC0 else b"\0\0\0"))
    exif = segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHHI", 0x112, 3, 1, 6, 0, 0))
    return b"\xff\xd8" + exif + segment(0xDB, b"\0" + 64 * b"\1") + frame + tables + start + scan + b"\xff\xd9"


IDX = [
    idx(8, (2, 2, 3), bytes(range(12))),
    idx(8, (3,), b"\1\2\3"),
    idx(8, (2, 2), b"abc"),
    idx(13, (1, 1), bytes(4)),
    idx(8, (0xFFFFFFFF,) * 3, b""),
]
CSV = [
    b"label,a,b\n1,2,3\n4,5,6\n",
    b"1;2.5;-3e4\r\n4;5;6\r\n",
    b"\xef\xbb\xbf1\t2\n\n3\t256\n",
    b"1,nan\n1,2,3\n",
]
NPY = npy(1, "|u1", (2, 2, 3), bytes(12))
LABELS = npy(1, "<i8", (2,), struct.pack("<2q", 1, 255))
SEEDS = {
    "idx": IDX,
    "csv": CSV,
    "npy": [
        NPY,
        npy(2, "<f4", (1, 2), struct.pack("<2f", 1.5, -2)),
        npy(3, "<f8", (2, 1), struct.pack("<2d", 1e30, -2)),
        LABELS,
        npy(1, ">f4", (2, 2), bytes(16), order=True),
    ],
    "npz": [
        npz(zipfile.ZIP_STORED, x=NPY, y=LABELS),
        npz(zipfile.ZIP_DEFLATED, x_train=NPY, y_train=LABELS, x_test=NPY),
        npz(zipfile.ZIP_STORED, arr_0=npy(1, "<f4", (1, 2), struct.pack("<2f", 1.5, -2))),
        npz(zipfile.ZIP_STORED),
    ],
    "png": [
        png(2, 2, bytes(6)),
        png(3, 1, b"\0" + bytes(range(12)), 8, 6),
        png(3, 2, b"\0\xa0\0\x40", 1, 3, [(b"PLTE", bytes(6)), (b"tRNS", b"\0")]),
        png(1, 2, bytes(14), 16, 2, [(b"gAMA", struct.pack(">I", 45455))]),
    ],
    "jpeg": [jpeg(0xC0, 1, b"\x3f"), jpeg(0xC0, 3, b"\x03"), jpeg(0xC2, 1, b"\x7f")],
    "gzip": [*IDX, *CSV, *map(gzip.compress, [*IDX, *CSV]), gzip.compress(CSV[0]) + gzip.compress(CSV[1])],
    "safetensors": [
        safetensors({"w": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}, bytes(8)),
        safetensors(
            {
                "__metadata__": {"format": "pt"},
                "a": {"dtype": "F64", "shape": [], "data_offsets": [8, 16]},
                "b": {"dtype": "U64", "shape": [1], "data_offsets": [0, 8]},
                "c": {"dtype": "F16", "shape": [0], "data_offsets": [16, 16]},
            },
            bytes(16),
        ),
        safetensors({}, b""),
    ],
    # loss, of, formula and sizes, a line each; without a loss it is the classifier's
    "formula": [
        "0.5*norm2(A*x - b)^2\nx\nA'*(A*x - b)\nA=4x3".encode(),
        "½‖A·x − b‖² + λ/2*‖x‖²\nx\nAᵀ·(A·x − b) + λ·x\nA=nxk\nx=k".encode(),
        b"log(det(W)) + tr(W^-1*C^3) + sum(abs(relu(W)))\nW\ninv(W)' - W.^2\nW=3x3",
        b"-sum(Y.*logsoftmax(W*X))\nW\n(softmax(W*X) - Y)*X'\nY=3x4\nX=2x4",
        "\nz1\nSwish'(z1)∘dh/N".encode(),
        b"\nW2\n(p - Y)*h^\\top/N",
        b"\nW1\ndz1*X'/N\nX=2x4\nY=3x4\nb1=5",
        b"sum(diag(x)*A*x) + sin(norm1(x))\nx\n2.5e-3*ones(3,1)./eye(3)\nx=3",
    ],
}
WORDS = {
    "npy": ["'descr'", "'fortran_order'", "'shape'", "True", "False", "'<f8'", "'|u1'", "'<i4'", "(1,)"],
    "png": ["IHDR", "IDAT", "PLTE", "tRNS", "gAMA", "IEND"],
    "jpeg": ["\\xff\\xc0", "\\xff\\xc2", "\\xff\\xc4", "\\xff\\xda", "\\xff\\xdb", "\\xff\\xdd", "\\xff\\xee", "Exif", "\\xff\\xd9"],
    "npz": ["x.npy", "y.npy", "x_train", "PK\\x01\\x02", "PK\\x03\\x04", "PK\\x05\\x06", "'<f8'", "'|u1'"],
    "safetensors": ['"dtype"', '"shape"', '"data_offsets"', '"__metadata__"', '"F32"', '"I64"', '"BF16"', "[0,8]"],
    "formula": ["ᵀ", "^T", "·", "∘", "½", "‖", "²", "^\\\\top", "λ", ".*", "./", ".^", "'", "^-1", "norm1(", "norm2(", "det(", "inv(",
                "tr(", "sum(", "diag(", "softmax(", "swish(", "sqrt(", "log(", "exp(", "I", "zeros(", "vector(", "W=3x4"],
    "csv": ["label", "nan", "inf", "1e39", "0x1", ";", "\\x09"],
}


def escaped(word):
    """As libFuzzer's dictionaries have it: quotes and what is not ASCII."""
    return "".join(f"\\x{byte:02X}" if byte > 126 or byte == ord('"') else chr(byte) for byte in word.encode())


def main():
    if len(sys.argv) < 3 or sys.argv[2] not in SEEDS:
        sys.exit(f"usage: run.py PROGRAM FORMAT [RUNS], where FORMAT is one of {', '.join(SEEDS)}")
    program, form, runs = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "30000"
    with tempfile.TemporaryDirectory(prefix="handgrad-fuzz-") as directory:
        top = pathlib.Path(directory)
        corpus = top / "corpus"
        corpus.mkdir()
        for i, seed in enumerate(SEEDS[form]):
            (corpus / str(i)).write_bytes(seed)
        words = []
        if form in WORDS:
            dictionary = top / "words"
            dictionary.write_text("".join(f'"{escaped(word)}"\n' for word in WORDS[form]))
            words = [f"-dict={dictionary}"]
        result = subprocess.run(
            [
                program, corpus, *words, f"-artifact_prefix={top}/", f"-runs={runs}", "-seed=1", "-timeout=10",
                f"-max_len={LONGEST}", f"-malloc_limit_mb={PNG_MEMORY if form == 'png' else MEMORY}", "-print_final_stats=1",
            ],
            env={**os.environ, "FUZZ_FORMAT": form},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
        print(*result.stdout.splitlines()[-40 if result.returncode else -8 :], sep="\n")
        for artifact in top.glob("*-*"):
            print(f"{artifact.name}: {artifact.read_bytes()!r}")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
