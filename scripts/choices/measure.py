"""Trains without a learning rate, and with each of a grid of constant ones (as --lr: plain SGD, in all else the
defaults), on every dataset; writes the tables of docs/DEFAULTS.md."""

import argparse
import datetime
import json
import platform
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from datasets import DATASETS, write

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/DEFAULTS.md"
MARKS = ("<!-- scripts/defaults writes from here -->", "<!-- to here -->")


def train(program, model, data, out, seed, *options):
    """The run's summary and config; None where it diverged."""
    command = [program, "train", model, "--data", data, "--out", out, "--seed", seed, "--threads", 1, "--backend", "cpu"]
    result = subprocess.run([*map(str, command), "--json", "--quiet", *map(str, options)], capture_output=True, text=True)
    if result.returncode == 1:
        return None
    if result.returncode:
        raise SystemExit(result.stderr)
    return json.loads((out / "config.json").read_text()) | json.loads(result.stdout)


def grid(model, largest):
    """Powers of two round the rate that the curvature along the inputs allows, and, since that along an MLP's other
    weights has nothing to do with them, round 0.3."""
    centres = [(8 / largest, 5), (0.3, 5)] if model == "mlp" else [(0.2 / largest, 3)]
    return sorted({2.0 ** (round(np.log2(centre)) + k) for centre, reach in centres for k in range(-reach, reach + 1)})


def measure(program, model, name, seeds, most_rows, pool, find=False):
    """The default's mean figure and choices; the best mean figure of the grid, or of a range test, and its rate."""
    figure = "test_accuracy" if model == "mlp" else "optimality_gap"
    with tempfile.TemporaryDirectory() as top:
        top = Path(top)
        largest, latent = 0, []
        for seed in seeds:
            x = write(name, top / f"data-{seed}", seed, most_rows)
            largest = np.linalg.eigvalsh(x.T @ x / len(x))[-1]
            if model == "autoencoder":
                latent = ["--latent", min(64, (x.shape[1] + 1) // 2)]
        rates = [None, "find"] if find else [None, *grid(model, largest)]
        jobs = [(rate, seed) for rate in rates for seed in seeds]

        def run(job):
            rate, seed = job
            given = [] if rate is None else ["--lr", rate]
            return train(program, model, top / f"data-{seed}", top / f"{rate}-{seed}", seed, *latent, *given)

        reports = dict(zip(jobs, pool.map(run, jobs)))
    means = {}
    for rate in rates:
        of_rate = [reports[rate, seed] for seed in seeds]
        if all(of_rate):
            means[rate] = float(np.mean([report[figure] for report in of_rate]))
    constant = {rate: mean for rate, mean in means.items() if rate}
    best = (max if model == "mlp" else min)(constant, key=constant.get, default=None)
    found = reports["find", seeds[0]] if find else None
    return means[None], reports[None, seeds[0]], constant.get(best, np.nan), (found or {"lr": np.nan})["lr"] if find else best or np.nan


def mlp_row(name, default, chosen, best, rate):
    scale = f"{chosen['input_scale']:g}" + (", centred" if chosen["centre_inputs"] else "")
    return f"| {name} | {100 * default:.2f} | {100 * best:.2f} | {100 * (default - best):+.2f} | {rate:.2g} | {scale} |"


def autoencoder_row(name, default, chosen, best, rate):
    return (
        f"| {name} | {100 * default:.3g} | {100 * best:.3g} | {rate:.2g} | {chosen['lr']:g} | {chosen['momentum']:.3g} | "
        f"{chosen['steps']} |"
    )


def found_row(name, default, chosen, found, rate):
    return f"| {name} | {100 * default:.4g} | {100 * found:.4g} | {chosen['lr']:.2g} | {rate:.2g} |"


FOUND = {
    "mlp": (found_row, ["dataset", "default, % right", "--lr find", "default's rate", "rate found"]),
    "autoencoder": (found_row, ["dataset", "default, % above L*", "--lr find", "default's rate", "rate found"]),
}
TABLES = {
    "mlp": (
        mlp_row,
        ["dataset", "default, % right", "best constant rate", "difference", "that rate", "scale chosen"],
    ),
    "autoencoder": (
        autoencoder_row,
        ["dataset", "default, % above L*", "best constant rate", "that rate", "rate chosen", "momentum", "steps"],
    ),
}


def main():
    parser = argparse.ArgumentParser(prog="scripts/defaults", description=__doc__)
    parser.add_argument("--program", default=ROOT / "build/handgrad", help="the handgrad to measure (%(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="of splits and first weights, averaged (%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (%(default)s)")
    parser.add_argument("--only", default="", help="datasets whose names match this pattern; nothing is written then")
    parser.add_argument("--find", action="store_true", help="compare with --lr find instead; nothing is written then")
    parser.add_argument("--model", choices=TABLES, help="this one alone; nothing is written then")
    options = parser.parse_args()

    version = subprocess.run([options.program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    lines = [
        f"{datetime.date.today()}, {version}, {platform.machine()}, {options.jobs} single-threaded runs at a time; "
        f"means over {options.seeds} seeds, but one where the autoencoder takes all of MNIST. Command: `scripts/defaults`.",
    ]
    with ThreadPoolExecutor(options.jobs) as pool:
        for model, (row, columns) in (FOUND if options.find else TABLES).items():
            if options.model not in (None, model):
                continue
            # The autoencoder's figure is about steps, and takes all of MNIST to have as many as a user has.
            most_rows = 8000 if model == "mlp" else 120000
            lines += ["", f"### {model}", "", f"| {' | '.join(columns)} |", "|" + " --- |" * len(columns)]
            for name in DATASETS:
                if not re.search(options.only, name):
                    continue
                one = model == "autoencoder" and name.startswith("MNIST")
                seeds = range(1, (1 if one else options.seeds) + 1)
                lines.append(row(name, *measure(options.program, model, name, seeds, most_rows, pool, options.find)))
                print(lines[-1], flush=True)
    if not (options.only or options.model or options.find):
        page = PAGE.read_text()
        begin, end = page.index(MARKS[0]) + len(MARKS[0]), page.index(MARKS[1])
        PAGE.write_text(page[:begin] + "\n\n" + "\n".join(lines) + "\n\n" + page[end:])


if __name__ == "__main__":
    main()
