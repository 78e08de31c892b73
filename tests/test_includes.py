"""Claim: the rooms of the source tree see each other only along the arrows below, every include is a path from the root of
the repository, and a third-party header is included only where its library belongs."""

import fnmatch
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]

# What a room sees besides itself, and whatever that sees in turn. The longest name that a path starts with is its room.
ARROWS = {
    "include/handgrad": "",
    "kernels/base": "include/handgrad",
    "kernels": "kernels/base",
    "kernels/reference": "kernels",
    "kernels/cpu": "kernels",
    "kernels/cpu/isa": "kernels/base",
    "kernels/cpu/ops": "kernels/cpu kernels/cpu/isa",
    "kernels/cpu/steps/kernels": "kernels/cpu/isa kernels/cpu/ops",
    "kernels/cpu/steps": "kernels/cpu/ops kernels/cpu/steps/kernels",
    "kernels/cpu/backend.c": "kernels/cpu/steps",
    "kernels/cpu/dispatch.c": "kernels/cpu/steps",
    "kernels/cpu/peak": "kernels/cpu/steps",
    "kernels/cuda": "kernels",
    "host/formula": "kernels",
    "host/pictures": "kernels",
    "host/formats": "host/pictures",
    "host/data": "host/formats",
    "host/models": "host/formats",
    "host/training": "host/data host/formula host/models",
    "host/proofs": "host/data host/formula host/models",
    "host/doctor": "host/training",
    "host/runs": "host/training",
    "host/export": "host/runs",
    "host/bench": "host/training",
    "src": "host/doctor host/export host/bench host/proofs",
    "examples": "include/handgrad",
    "tests": "src kernels/cpu/backend.c kernels/cuda kernels/reference",
}

# The only places of the headers that are neither C's nor the system's.
THIRD_PARTY = {
    "cblas.h": "kernels/cpu/blas.c",
    "immintrin.h": "kernels/cpu/isa/simd.h kernels/cpu/team.c",
    "cu*": "kernels/cuda tests/kernels/cuda tests/cuda_emulation",
    "nvtx3/*": "kernels/cuda/profile/nvtx.c tests/kernels/cuda",
    "lapacke.h": "host/training/optimum.c",
    "zlib.h": "host/formats/gzip.c tests/fuzz tests/support",
    "cjson/*": "host/formats/json.h",
    "png.h": "host/pictures/png.c",
    "jpeglib.h": "host/pictures/jpeg.c",
    "jerror.h": "host/pictures/jpeg.c",
    "zip.h": "host/formats/zip.c",
    "cmocka.h": "tests/support/check.h",
    "sanitizer/*": "tests/cuda_emulation",
    "handgrad/*": "examples",
}
SYSTEM = """assert ctype dirent dlfcn elf errno fcntl float ftw getopt inttypes limits link locale math poll pthread regex sched
setjmp signal spawn stdarg stdatomic stdbool stddef stdint stdio stdlib string strings sys/* time ucontext unistd""".split()


def starts(path, rooms):
    return [room for room in rooms if path.startswith(room)]


def room_of(path):
    return max(starts(path, ARROWS), key=len, default=None)


def seen_from(room):
    return {room}.union(*map(seen_from, ARROWS[room].split()))


def fault(path, target, quoted):
    """Why `path` may not include `target`, or None."""
    if not quoted:
        places = [rooms for header, rooms in THIRD_PARTY.items() if fnmatch.fnmatch(target, header)]
        if any(starts(path, rooms.split()) for rooms in places):
            return None
        if places:
            return f"<{target}> belongs to {places[0]}"
        is_system = any(fnmatch.fnmatch(target, f"{name}.h") for name in SYSTEM) or re.fullmatch("[a-z_]+|cxxabi.h", target)
        return None if is_system else f"<{target}> has no place in tests/test_includes.py"
    if path.startswith("tests/cuda_emulation/"):  # a product of its own, with folders of its own
        return None if ".." not in target else f'"{target}" runs up'
    public = "include/" * target.startswith("handgrad/") + target
    if ".." in target or not (ROOT / public).is_file():
        return f'"{target}" is not a path from the root'
    if room_of(public) not in seen_from(room_of(path)):
        return f"{room_of(path)} may not see {room_of(public)}: {target}"
    return None


def main():
    faults = count = 0
    for top in ("include", "kernels", "host", "src", "examples", "tests"):
        for file in sorted(ROOT.glob(f"{top}/**/*.*")):
            if file.suffix not in (".c", ".h", ".cpp", ".cu", ".cuh"):
                continue
            path = file.relative_to(ROOT).as_posix()
            for number, line in enumerate(file.read_text().splitlines(), 1):
                found = re.match(r'\s*#\s*include\s*(?:"(?P<quoted>.*?)"|<(?P<angle>.*?)>)', line)
                if not found:
                    continue
                count += 1
                reason = fault(path, found["quoted"] or found["angle"], found["quoted"] is not None)
                if reason:
                    print(f"{path}:{number}: {reason}")
                    faults += 1
    print(f"{faults} of {count} includes are out of order")
    sys.exit(1 if faults or not count else 0)


if __name__ == "__main__":
    main()
