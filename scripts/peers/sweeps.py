"""How the cost of a step grows: runs `handgrad bench --sweep`, keeps the numbers as JSON, draws them."""

import json
import sys

AXES = [
    # sweep, model, options, label, logarithmic
    ("hidden", "mlp", [], "hidden units", True),
    ("batch", "mlp", [], "rows of a batch", True),
    ("threads", "mlp", [], "threads", False),
    ("density", "mlp", [], "share of the input that is not zero", False),
    ("samples", "mlp", [], "samples in the dataset (memory-mapped)", True),
]
VARIANTS = {"density": ["auto", "dense", "sparse"]}


def measure(run, handgrad, axis, model, options):
    command = [handgrad, "bench", model, "--sweep", axis, "--json", "--backend", "cpu", "--seconds", "0.5"] + options
    return json.loads(run(command))["points"]


def draw_sweeps(run, handgrad, picture, numbers):
    """run(command) gives what it printed."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(2, 3, figsize=(13, 7.5))
    kept = {}
    for panel, (axis, model, options, label, logarithmic) in zip(panels.flat, AXES):
        for variant in VARIANTS.get(axis, ["auto"]):
            print(f"  sweep: {axis}, {variant}", file=sys.stderr, flush=True)
            points = measure(run, handgrad, axis, model, options + ["--input", variant])
            kept[f"{axis}, {variant}"] = points
            x = [p["value"] for p in points]
            panel.plot(x, [1e6 * p["minimum_seconds"] for p in points], "o-", markersize=3, label=f"--input {variant}")
            if axis in ("hidden", "batch"):
                # A line through the last point that grows as the arithmetic does: cost may lie above it, not grow faster.
                last = points[-1]
                scale = 1e6 * last["minimum_seconds"] / last["dense_flops"]
                panel.plot(x, [scale * p["dense_flops"] for p in points], ":", color="grey", label="as the dense arithmetic")
        panel.set_xlabel(label)
        panel.set_ylabel("µs a step, minimum")
        if logarithmic:
            panel.set_xscale("log", base=10 if axis == "samples" else 2)
        if axis in ("hidden", "batch"):
            panel.set_yscale("log")
        else:
            panel.set_ylim(bottom=0)
        if axis == "threads":
            panel.set_xticks(x)
        panel.grid(alpha=0.3)
        panel.legend(fontsize=8, loc="best")
    rate = panels.flat[len(AXES)]
    for axis in ("hidden", "batch"):
        points = kept[f"{axis}, auto"]
        rate.plot([p["value"] for p in points], [p["effective_flops"] / p["minimum_seconds"] / 1e9 for p in points], "o-",
                  markersize=3, label=f"by {axis}")
    rate.set_xscale("log", base=2)
    rate.set_xlabel("hidden units, rows of a batch")
    rate.set_ylabel("GFLOP/s without products by zero")
    rate.grid(alpha=0.3)
    rate.legend(fontsize=8)
    figure.suptitle("One training step of the MLP 784-256-10, batch 128 but where varied, all threads")
    figure.tight_layout()
    figure.savefig(picture, dpi=110)
    numbers.write_text(json.dumps(kept, indent=1) + "\n")
