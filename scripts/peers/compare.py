"""Measures training steps of handgrad, PyTorch and JAX side by side, and writes the tables and the pictures.

Each measurement is a process of its own that trains whole epochs and gives the fastest; programs take turns, round after
round, so that a slow minute of the machine hits all of them; the minimum over all rounds counts. A process during which
others took processor time is repeated."""

import argparse
import contextlib
import datetime
import fcntl
import json
import os
import platform
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).resolve().parent
MARKS = ("<!-- scripts/bench writes from here -->", "<!-- to here -->")

# Others' share of the processors' time above which a measurement is repeated, and how often.
DISTURBED, TRIES = 0.05, 4

HANDGRAD, EAGER, COMPILED, JAX = "handgrad", "PyTorch eager", "PyTorch compiled", "JAX"
ALL = (HANDGRAD, EAGER, COMPILED, JAX)


class Work:
    """One line of the table, with the ratios it should not exceed."""

    def __init__(self, name, model, hidden, batch, programs=ALL, data="mnist", threads=2, torch=None, jax=None, **options):
        self.name, self.model, self.hidden, self.batch = name, model, hidden, batch
        self.programs, self.data, self.threads = programs, data, threads
        self.torch_goal, self.jax_goal, self.options = torch, jax, options
        self.times = {program: [] for program in programs}

    def best(self, *programs):
        times = [t for p in programs for t in self.times.get(p, [])]
        return min(times) if times else None


def table_of_work():
    decay = {"momentum": 0.9, "weight_decay": 1e-4}
    return [
        Work("MLP 784-256-10, batch 128", "mlp", 256, 128, torch=0.20, jax=0.28),
        Work("the same on Fashion-MNIST", "mlp", 256, 128, data="fashion", torch=0.42, jax=0.60),
        Work("autoencoder m = 64, batch 128", "autoencoder", 64, 128, torch=0.20, jax=0.22),
        Work("MLP with 2048 hidden, batch 512", "mlp", 2048, 512, torch=0.9, jax=0.9),
        Work("MLP with 37 hidden, batch 53", "mlp", 37, 53, torch=0.9, jax=0.9),
        Work("autoencoder m = 512, batch 128", "autoencoder", 512, 128, torch=0.9, jax=0.9),
        Work("autoencoder m = 64, full batch", "autoencoder", 64, 0, programs=ALL[:3], torch=0.02),
        Work("MLP 784-256-10, one thread", "mlp", 256, 128, programs=ALL[:3], threads=1, torch=0.25),
        Work("MLP 784-256-10, momentum, weight decay", "mlp", 256, 128, **decay),
    ]


def rates(work):
    return 0.1 if work.model == "mlp" else 0.01


def handgrad_step_seconds(work, arguments, scratch):
    """The fastest epoch of `handgrad train`, the last left out: it alone does not draw the next one's order."""
    epochs = {0: 100}.get(work.batch, 8 if work.hidden < 512 else 5)
    run = Path(scratch) / "run"
    size = "--hidden" if work.model == "mlp" else "--latent"
    command = [arguments.handgrad, "train", work.model, "--data", arguments.directories[work.data], "--out", str(run),
               "--quiet", "--no-test", "--backend", "cpu", "--threads", str(work.threads), size, str(work.hidden),
               "--batch-size", str(work.batch), "--lr", str(rates(work)), "--lr-schedule", "constant", "--warmup-epochs", "0",
               "--momentum", str(work.options.get("momentum", 0)), "--no-nesterov",
               "--weight-decay", str(work.options.get("weight_decay", 0)), "--epochs", str(epochs)]
    if work.batch == 0:
        command.append("--no-shuffle")
    run_command(arguments, command)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    for file in run.iterdir():
        file.unlink()
    run.rmdir()
    steps = lines[0]["step"]
    return min(line["seconds"] for line in lines[:-1]) / steps


def peer_step_seconds(program, work, arguments):
    script = "jax_peer.py" if program == JAX else "torch_peer.py"
    command = [sys.executable, str(PEERS / script), work.model, "--data", arguments.directories[work.data],
               "--hidden", str(work.hidden), "--batch-size", str(work.batch), "--threads", str(work.threads),
               "--lr", str(rates(work)), "--momentum", str(work.options.get("momentum", 0)),
               "--weight-decay", str(work.options.get("weight_decay", 0)), "--seconds", str(arguments.seconds)]
    if program == COMPILED:
        command.append("--compile")
    return json.loads(run_command(arguments, command).splitlines()[-1])["step_seconds"]


def busy_seconds():
    """Processor seconds spent by everybody, other guests of the host included."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, interrupts, soft, steal = (int(v) for v in file.readline().split()[1:9])
    return (user + nice + system + interrupts + soft + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def alone(lock):
    """Holds the lock's file, where one is given."""
    if not lock:
        yield
        return
    with open(lock, "a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_command(arguments, command):
    for attempt in range(TRIES):
        with alone(arguments.lock):
            output, disturbed = run_once(command)
        if not disturbed:
            return output
        if attempt == TRIES - 1:
            arguments.disturbed += 1
            return output
        print(f"    disturbed by others ({disturbed:.1f} s of processor time), once more", file=sys.stderr)
        if "--out" in command:
            shutil.rmtree(command[command.index("--out") + 1])
    raise AssertionError


def run_once(command):
    """What the command printed; and the processor seconds of others meanwhile, 0 where they are too few to matter."""
    before, own, began = busy_seconds(), own_seconds(), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    if done.returncode:
        raise SystemExit(f"{shlex.join(command)}\nended with {done.returncode}:\n{done.stderr[-3000:]}")
    others = busy_seconds() - before - (own_seconds() - own)
    return done.stdout, others if others > DISTURBED * (time.monotonic() - began) * os.cpu_count() else 0


def measure_all(works, arguments):
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(arguments.rounds):
            for work in works:
                for program in work.programs:
                    seconds = (handgrad_step_seconds(work, arguments, scratch) if program == HANDGRAD
                               else peer_step_seconds(program, work, arguments))
                    work.times[program].append(seconds)
                    print(f"  round {turn + 1}: {work.name}: {program} {1e6 * seconds:.1f} us", file=sys.stderr, flush=True)


def quickstart_seconds(arguments):
    """What the two trainings of scripts/quickstart take: the whole program, and training alone."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for model, goal in (("mlp", 5), ("autoencoder", 3)):
            best = None
            for turn in range(arguments.rounds):
                run = Path(scratch) / f"{model}-{turn}"
                began = time.monotonic()
                run_command(arguments, [arguments.handgrad, "train", model, "--data", arguments.directories["mnist"], "--out",
                                        str(run), "--quiet", "--backend", "cpu", "--threads", "2"])
                whole = time.monotonic() - began
                lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
                training = sum(line["seconds"] for line in lines)
                best = min(best or (training, whole), (training, whole))
            last = lines[-1]
            reached = (f"{100 * last['test_accuracy']:.2f} % of the test images" if model == "mlp"
                       else f"{100 * last['optimality_gap']:.3f} % above the optimum")
            rows.append((f"`handgrad train {model}`, {len(lines)} epochs", best[0], best[1], goal, reached))
    return rows


# ---- tables ----


def microseconds(seconds):
    return "" if seconds is None else f"{1e6 * seconds:.0f}" if seconds < 0.1 else f"{1e3 * seconds:.0f} ms"


def ratio(ours, theirs, goal):
    if theirs is None:
        return ""
    text = f"{ours / theirs:.3f}" if ours / theirs < 0.1 else f"{ours / theirs:.2f}"
    if goal:
        text += f" (goal {goal:.2f})"
    return text


def tables(works, quickstart):
    lines = ["| work | handgrad, µs/step | PyTorch eager | compiled | JAX | over PyTorch | over JAX |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for w in works:
        ours = w.best(HANDGRAD)
        cells = [w.name] + [microseconds(w.best(p)) for p in ALL]
        cells += [ratio(ours, w.best(EAGER, COMPILED), w.torch_goal), ratio(ours, w.best(JAX), w.jax_goal)]
        lines.append("| " + " | ".join(cells) + " |")
    plain, decay = works[0].best(HANDGRAD), works[-1].best(HANDGRAD)
    if plain and decay and works[-1].options:
        lines += ["", f"Momentum 0.9 with weight decay costs {decay / plain:.2f} times plain SGD (goal 1.3)."]
    if quickstart:
        lines += ["", "| run | training | whole program | goal | reached |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {name} | {training:.2f} s | {whole:.2f} s | {goal} s | {reached} |"
                  for name, training, whole, goal, reached in quickstart]
    return "\n".join(lines)


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def conditions(arguments):
    """Machine, versions and command, in words."""
    from importlib.metadata import version

    info = json.loads(subprocess.run([arguments.handgrad, "info", "--json"], capture_output=True, text=True, check=True).stdout)
    cpu = next(b for b in info["backends"] if b["name"] == "cpu")
    system = next((line.split("=", 1)[1].strip('"') for line in Path("/etc/os-release").read_text().splitlines()
                   if line.startswith("PRETTY_NAME=")), platform.system())
    commit = first_line(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"])
    return "\n".join([
        f"- Date: {datetime.date.today()}; commit {commit}",
        f"- Machine: {cpu['device']}, {os.cpu_count()} cores, {system}, Linux {platform.release()}",
        f"- handgrad: {cpu['detail']}; {first_line(['cc', '--version'])}",
        f"- Peers: PyTorch {version('torch')}, JAX {version('jax')}, NumPy {version('numpy')}, Python {platform.python_version()}",
        f"- Command: `{shlex.join(['scripts/bench', *sys.argv[1:]])}`; {arguments.rounds} processes each, taking turns; the "
        f"fastest epoch counts; processes disturbed by others in all of {TRIES} tries: {arguments.disturbed}",
    ])


def replace_between_marks(path, text):
    if not path.exists():
        raise SystemExit(f"{path}: is not there")
    before = path.read_text()
    pattern = re.escape(MARKS[0]) + ".*?" + re.escape(MARKS[1])
    if not re.search(pattern, before, re.S):
        raise SystemExit(f"{path}: the marks of the table are not there: {MARKS[0]} and {MARKS[1]}")
    path.write_text(re.sub(pattern, lambda _: f"{MARKS[0]}\n{text}\n{MARKS[1]}", before, count=1, flags=re.S))


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="processes of each program (3)")
    parser.add_argument("--seconds", type=float, default=3, help="of measured epochs in each process of a peer (3)")
    parser.add_argument("--only", help="lines of the table whose name has this text")
    parser.add_argument("--fashion", default="/usr/share/datasets/fashion-mnist", help="directory of Fashion-MNIST")
    parser.add_argument("--no-sweeps", action="store_true", help="leave the pictures as they are")
    parser.add_argument("--no-write", action="store_true", help="print the table, write no files")
    parser.add_argument("--lock", help="a file to lock during each measurement, where several people measure on one machine")
    parser.add_argument("--handgrad", default=str(ROOT / "build/handgrad"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.disturbed = 0
    arguments.directories = {"mnist": str(ROOT / "data/mnist"), "fashion": arguments.fashion}

    works = [w for w in table_of_work() if not arguments.only or arguments.only in w.name]
    if not Path(arguments.fashion).is_dir():
        print(f"{arguments.fashion}: is not there, so its line is left out; scripts/fetch_data fashion-mnist gets it", file=sys.stderr)
        works = [w for w in works if w.data != "fashion"]
    threads = len(os.sched_getaffinity(0))
    works = [w for w in works if w.threads <= threads]
    measure_all(works, arguments)
    quickstart = [] if arguments.only else quickstart_seconds(arguments)
    text = tables(works, quickstart)
    print(text)
    if arguments.no_write:
        return
    told = conditions(arguments)
    results = ROOT / "docs/results"
    results.mkdir(exist_ok=True)
    every = "\n".join(f"- {w.name}: " + "; ".join(f"{p} " + ", ".join(microseconds(t) for t in w.times[p]) for p in w.programs)
                      for w in works)
    report = results / f"{datetime.date.today()}-cpu.md"
    report.write_text(f"# CPU training steps, {datetime.date.today()}\n\n{told}\n\n{text}\n\nEvery process, µs a step:\n\n{every}\n")
    picture = ROOT / "docs/cpu-sweeps.png"
    if not arguments.no_sweeps:
        from sweeps import draw_sweeps

        draw_sweeps(partial(run_command, arguments), arguments.handgrad, picture, results / f"{datetime.date.today()}-cpu-sweeps.json")
    shown = "\n![A step's time by hidden units, batch, threads, density, samples](cpu-sweeps.png)\n" if picture.exists() else ""
    replace_between_marks(ROOT / "docs/PERFORMANCE.md", f"\n{told}\n\n{text}\n{shown}")
    print(f"\nwritten: {report.relative_to(ROOT)}, docs/PERFORMANCE.md")


if __name__ == "__main__":
    main()
