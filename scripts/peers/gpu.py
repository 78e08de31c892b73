"""Measures training steps on a GPU: handgrad with and without graph, in TF32 and streamed, and PyTorch and JAX where they
are installed. Prints a table and writes it to docs/results."""

import argparse
import datetime
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = pathlib.Path(__file__).resolve().parent
DATA = ROOT / "data" / "mnist"

# model, hidden or latent units, batch, epochs, goal of a step in microseconds
WORKS = (
    ("mlp", 256, 128, 6, 16),
    ("mlp", 1024, 512, 6, None),
    ("mlp", 4096, 8192, 6, None),
    ("autoencoder", 64, 128, 6, 14),
    ("autoencoder", 512, 1024, 6, None),
)
VARIANTS = (
    ("graph", ()),
    ("no graph", ("--no-graph",)),
    ("tf32", ("--precision", "tf32")),
    ("streamed", ("--stream-data",)),
)


def handgrad_step(arguments, model, hidden, batch, epochs, extra, scratch):
    """Seconds of a step, in the fastest epoch."""
    run = pathlib.Path(scratch) / "run"
    size = "--hidden" if model == "mlp" else "--latent"
    rate = "0.1" if model == "mlp" else "0.01"
    subprocess.run(
        [arguments.handgrad, "train", model, "--backend", "cuda", "--data", DATA, "--out", run, "--quiet", "--no-test", size,
         str(hidden), "--batch-size", str(batch), "--epochs", str(epochs), "--lr", rate, "--lr-schedule", "constant",
         "--warmup-epochs", "0", "--momentum", "0", "--weight-decay", "0", *extra],
        check=True, timeout=60)
    lines = read_metrics(run)
    return min(line["seconds"] for line in lines) / lines[0]["step"]


def read_metrics(run):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    for file in run.iterdir():
        file.unlink()
    run.rmdir()
    return lines


def peer_step(script, model, hidden, batch, *extra):
    done = subprocess.run(
        [sys.executable, PEERS / script, model, "--data", DATA, "--hidden", str(hidden), "--batch-size", str(batch), "--lr",
         "0.1" if model == "mlp" else "0.01", "--threads", "4", "--seconds", "1", *extra],
        check=True, timeout=120, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])["step_seconds"]


def seconds_to_98(arguments, scratch):
    """Training time until the test set is at 98 %, with the defaults; None where it never is."""
    run = pathlib.Path(scratch) / "run"
    subprocess.run([arguments.handgrad, "train", "mlp", "--backend", "cuda", "--data", DATA, "--out", run, "--quiet"],
                   check=True, timeout=120)
    seconds = 0.0
    for line in read_metrics(run):
        seconds += line["seconds"]
        if line["test_accuracy"] >= 0.98:
            return seconds
    return None


def measure(what, function, *arguments):
    try:
        seconds = function(*arguments)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        print(f"{what}: {error}", file=sys.stderr)
        return None
    print(f"{what}: {1e6 * seconds:.2f} us", file=sys.stderr, flush=True)
    return seconds


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "| --- |" + " ---: |" * (len(columns) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def cell(seconds):
    return "" if seconds is None else f"{1e6 * seconds:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--handgrad", required=True)
    parser.add_argument("--gpu", required=True, help="its name, for the report")
    parser.add_argument("--seconds", type=float, default=300, help="after which nothing more is begun")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "docs" / "results", help="directory of the report")
    arguments = parser.parse_args()
    deadline = time.monotonic() + arguments.seconds

    peers = []
    if importlib.util.find_spec("torch"):
        peers += [("PyTorch eager", ("torch_gpu_peer.py",)), ("PyTorch graph", ("torch_gpu_peer.py", "--graph")),
                  ("PyTorch compiled", ("torch_gpu_peer.py", "--compile"))]
    if importlib.util.find_spec("jax"):
        peers.append(("JAX", ("jax_peer.py",)))

    times, failed = {}, False
    with tempfile.TemporaryDirectory() as scratch:
        for model, hidden, batch, epochs, _ in WORKS:
            for name, extra in VARIANTS:
                seconds = measure(f"{model} {hidden} {batch} {name}", handgrad_step, arguments, model, hidden, batch, epochs,
                                  extra, scratch)
                times[model, hidden, batch, name] = seconds
                failed = failed or seconds is None
        try:
            to_98 = seconds_to_98(arguments, scratch)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"time to 98 %: {error}", file=sys.stderr)
            to_98, failed = None, True
    for name, (script, *extra) in peers:
        for model, hidden, batch, _, _ in WORKS:
            if time.monotonic() < deadline - 30:
                times[model, hidden, batch, name] = measure(f"{model} {hidden} {batch} {name}", peer_step, script, model, hidden,
                                                            batch, *extra)

    names = [name for name, _ in VARIANTS] + [name for name, _ in peers]
    rows = []
    for model, hidden, batch, _, goal in WORKS:
        title = f"{model} {hidden}, batch {batch}"
        rows.append([title, str(goal or "")] + [cell(times.get((model, hidden, batch, name))) for name in names])
    report = table(["work", "goal"] + names, rows)
    reached = "not reached" if to_98 is None else f"{to_98:.3f} s of training"
    text = (f"# GPU, {datetime.date.today()}\n\n{arguments.gpu}\n\nMicroseconds of a training step on MNIST, plain SGD, float "
            f"unless it says tf32, the fastest epoch; empty: not measured. Made by scripts/gpu_check.\n\n{report}\n\n"
            f"98 % on MNIST's test set with the defaults: {reached}.\n")
    print(text)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / f"{datetime.date.today()}-gpu.md").write_text(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
