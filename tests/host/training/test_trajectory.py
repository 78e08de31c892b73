"""Claims: from given weights and without shuffling, each parameter is, after 200 steps of the program on a backend (60 in
the largest cases), within relative L2 5e-6 of a float64 run of the same steps, written here from docs/MATH.md in its
textbook forms: residuals, softmax and all; and every schedule and form of the gradient that the program offers has a case.

    test_trajectory.py BACKEND       exit 77: no such backend here

Builds with sanitizers look for other faults than rounding: there 40 steps do, but on the emulated GPU, which is in no other.
"""

import dataclasses
import math
import pathlib
import re
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import oracle
import program

import numpy as np
from safetensors.numpy import load_file, save_file

LIMIT = 5e-6
CLASSES = 10
SANITIZED_STEPS = 40


@dataclasses.dataclass(frozen=True)
class Case:
    model: str
    hidden: int
    batch: int  # 0: full batch
    samples: int
    lr: float
    gradient: str = "exact"
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    schedule: str = "constant"
    warmup_epochs: int = 0
    steps: int = 200
    input: str = "auto"
    full: bool = False  # whole images, where the backend is fast enough for them
    side: int = 19  # else a square of each: an odd number of features

    @property
    def features(self):
        return 28 * 28 if self.full else self.side**2

    @property
    def epoch_steps(self):
        return math.ceil(self.samples / (self.batch or self.samples))

    @property
    def epochs(self):
        return math.ceil(self.steps / self.epoch_steps)

    def __str__(self):
        parts = [f"{self.model} {self.features}-{self.hidden}", f"batch {self.batch or 'all'} of {self.samples}"]
        parts += [self.gradient] if self.model == "autoencoder" else []
        parts += [f"momentum {self.momentum}"] if self.momentum else []
        parts += ["nesterov"] if self.nesterov else []
        parts += [f"decay {self.weight_decay}"] if self.weight_decay else []
        parts += [self.schedule] if self.schedule != "constant" else []
        parts += [f"warm-up {self.warmup_epochs}"] if self.warmup_epochs else []
        parts += [self.input] if self.input != "auto" else []
        return ", ".join(parts)


# A formula of the user's, and what it means in NumPy: with samples as columns X is x.T.
FORMULAS = {
    "W*(W'*W - I)*X*X'/N + W*X*X'*(W'*W - I)/N": lambda w, x: autoencoder_gradient(w, x, "exact"),
    "2*W*X*X'*(W'*W - I)/N": lambda w, x: autoencoder_gradient(w, x, "decoder"),
    "tanh(W*X)*X'/N + W.^3": lambda w, x: {
        name: np.tanh(weight @ x.T) @ x / len(x) + weight**3 for name, weight in w.items()
    },
}

CASES = [
    Case("mlp", 1, 7, 100, 0.1),
    Case("mlp", 37, 53, 1000, 0.1),
    Case("mlp", 37, 53, 1000, 0.1, momentum=0.9, weight_decay=1e-3, schedule="cosine", warmup_epochs=2),
    Case("mlp", 256, 9, 200, 0.2, weight_decay=1e-4),
    Case("mlp", 256, 9, 200, 0.02, momentum=0.9, nesterov=True, weight_decay=1e-4, schedule="step"),
    Case("mlp", 300, 7, 500, 0.05, momentum=0.5),
    Case("mlp", 37, 0, 60, 0.05, momentum=0.9),
    Case("mlp", 256, 128, 1000, 0.2, full=True),
    Case("mlp", 300, 0, 500, 0.1, nesterov=True, momentum=0.8, steps=60, full=True),
    Case("autoencoder", 1, 7, 100, 0.01),
    Case("autoencoder", 37, 53, 1000, 0.01),
    Case("autoencoder", 16, 16, 500, 0.01, gradient="encoder", weight_decay=1e-3),
    Case("autoencoder", 37, 53, 1000, 0.002, gradient="decoder", momentum=0.9, nesterov=True),
    Case("autoencoder", 16, 53, 1000, 0.005, momentum=0.9, weight_decay=1e-3, schedule="cosine", warmup_epochs=2),
    Case("autoencoder", 5, 0, 300, 0.01),
    Case("autoencoder", 5, 0, 300, 0.01, gradient="encoder", momentum=0.5, weight_decay=1e-3),
    Case("autoencoder", 5, 0, 300, 0.01, gradient="decoder", schedule="step", warmup_epochs=10),
    *(Case("autoencoder", 16, 53, 1000, 0.005, gradient=formula, momentum=0.9, weight_decay=1e-3, nesterov=True,
           schedule="cosine", warmup_epochs=2) for formula in FORMULAS),
    Case("autoencoder", 64, 128, 1000, 0.01, momentum=0.9, full=True),
    Case("autoencoder", 256, 53, 1000, 0.01, full=True),
    Case("autoencoder", 300, 53, 1000, 0.002, gradient="decoder", momentum=0.9, full=True),
    Case("autoencoder", 300, 0, 500, 0.01, steps=60, full=True),
]


def check_that_cases_are_complete():
    """Every schedule and form of the gradient that --help offers must have a case of its own."""
    for model, option, covered in (
        ("mlp", "lr-schedule", {case.schedule for case in CASES if case.model == "mlp"}),
        ("autoencoder", "gradient", {"EXPR" if case.gradient in FORMULAS else case.gradient for case in CASES}),
    ):
        offered = set(re.search(rf"\n  --{option} (\S+)", program.run_ok("train", model, "--help").stdout)[1].split("|"))
        if offered - covered:
            sys.exit(f"--{option} {', '.join(sorted(offered - covered))}: add a case for it to CASES, with its formula")


def cases_for(backend):
    emulated = backend == "cuda" and program.build_setting("HANDGRAD_CUDA") == "EMULATED"
    sanitized = program.build_setting("HANDGRAD_SANITIZE") and not emulated
    slow = backend == "reference" or emulated or sanitized
    cases = [case for case in CASES if not (case.full and slow)]
    if backend != "reference":
        cases = [case for case in cases if case.gradient not in FORMULAS]
    if backend == "reference":  # its loops are the same whatever the size
        cases = [dataclasses.replace(case, side=13) for case in cases]
    if sanitized:
        cases = [dataclasses.replace(case, steps=min(case.steps, SANITIZED_STEPS)) for case in cases]
    if backend != "cpu":
        return cases
    # The CPU's two ways to read the input are different code; a full batch of the autoencoder reads it but once.
    return [
        dataclasses.replace(case, input=form)
        for case in cases
        for form in ("dense", "sparse")
        if form == "dense" or case.model == "mlp" or case.batch
    ]


def initial_weights(case):
    generator = np.random.default_rng(case.hidden + case.batch)

    def normal(scale, *shape):
        return (scale * generator.standard_normal(shape)).astype(np.float32)

    if case.model == "autoencoder":
        return {"encoder.weight": normal(case.features**-0.5, case.hidden, case.features)}
    return {
        "fc1.weight": normal(case.features**-0.5, case.hidden, case.features),
        "fc1.bias": normal(0.1, case.hidden),
        "fc2.weight": normal(case.hidden**-0.5, CLASSES, case.hidden),
        "fc2.bias": normal(0.1, CLASSES),
    }


def mlp_gradient(w, x, y):
    """(M1) to (M13)."""
    b = len(x)
    z1 = x @ w["fc1.weight"].T + w["fc1.bias"]
    s = 1 / (1 + np.exp(-z1))
    h = z1 * s
    z2 = h @ w["fc2.weight"].T + w["fc2.bias"]
    p = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    d2 = p - np.eye(CLASSES)[y]
    d1 = (d2 @ w["fc2.weight"]) * (s + z1 * s * (1 - s))
    return {
        "fc1.weight": d1.T @ x / b,
        "fc1.bias": d1.mean(axis=0),
        "fc2.weight": d2.T @ h / b,
        "fc2.bias": d2.mean(axis=0),
    }


PATHS = {"exact": (1, 1), "encoder": (2, 0), "decoder": (0, 2)}


def autoencoder_gradient(w, x, gradient):
    """(A1) to (A10), residuals and all."""
    if gradient in FORMULAS:
        return FORMULAS[gradient](w, x)
    b = len(x)
    weight = w["encoder.weight"]
    z = x @ weight.T
    v = z @ weight - x
    encoder_path = (v @ weight.T).T @ x / b
    decoder_path = z.T @ v / b
    encoder, decoder = PATHS[gradient]
    return {"encoder.weight": encoder * encoder_path + decoder * decoder_path}


def rate(case, t):
    """(S4) to (S7), rounded to float as the program does."""
    steps, epochs = case.epoch_steps, case.epochs
    warmup, total = case.warmup_epochs * steps, epochs * steps
    if t < warmup:
        value = case.lr * (t + 1) / warmup
    elif case.schedule == "cosine":
        value = case.lr * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (total - warmup)))
    elif case.schedule == "step":
        epoch = t // steps
        value = case.lr * 0.1 ** ((2 * epoch >= epochs) + (4 * epoch >= 3 * epochs))
    else:
        value = case.lr
    return float(np.float32(value))


def train(case, weights, x, y):
    """(S1), (S2). Momentum and weight decay are floats in the program."""
    w = {name: values.astype(np.float64) for name, values in weights.items()}
    v = {name: np.zeros_like(values) for name, values in w.items()}
    momentum, decay = float(np.float32(case.momentum)), float(np.float32(case.weight_decay))
    batch = case.batch or case.samples
    for t in range(case.steps):
        first = t % case.epoch_steps * batch
        rows = slice(first, min(first + batch, case.samples))
        if case.model == "mlp":
            g = mlp_gradient(w, x[rows], y[rows])
        else:
            g = autoencoder_gradient(w, x[rows], case.gradient)
        for name in w:
            d = g[name] + decay * w[name]
            v[name] = momentum * v[name] + d
            w[name] -= rate(case, t) * (d + momentum * v[name] if case.nesterov else v[name])
    return w


def run_program(case, backend, data, work, weights):
    init, out = work / "init.safetensors", work / "run"
    save_file(weights, init)
    size = ["--hidden", case.hidden] if case.model == "mlp" else ["--latent", case.hidden, "--gradient", case.gradient]
    options = [
        *("train", case.model, "--data", data, "--out", out, "--init", init, "--no-shuffle", "--no-test", "--quiet"),
        *("--backend", backend, "--input", case.input, "--limit", case.samples, "--split-order", "file", *size),
        *("--batch-size", case.batch, "--steps", case.steps, "--epochs", case.epochs),
        *("--lr", case.lr, "--lr-schedule", case.schedule, "--warmup-epochs", case.warmup_epochs),
        *("--momentum", case.momentum, "--weight-decay", case.weight_decay),
    ]
    program.run_ok(*options, "--nesterov" if case.nesterov else "--no-nesterov")
    return load_file(out / "model.safetensors")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: test_trajectory.py BACKEND, which is reference, cpu or cuda")
    backend = sys.argv[1]
    program.require_backend(backend)
    check_that_cases_are_complete()
    failures, expected_weights = 0, {}
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        data, samples = {}, {}
        for number, case in enumerate(cases_for(backend)):
            weights = initial_weights(case)
            if case.features not in data:
                margin = 0 if case.full else (28 - case.side) // 2
                crop = slice(margin, 28 if case.full else margin + case.side)
                data[case.features] = oracle.mnist_subset(work / f"data-{case.features}", 1000, 10, crop)
                samples[case.features] = oracle.samples(data[case.features])
            key = dataclasses.replace(case, input="auto")
            if key not in expected_weights:
                expected_weights[key] = train(case, weights, *samples[case.features])
            expected = expected_weights[key]
            (work / str(number)).mkdir()
            actual = run_program(case, backend, data[case.features], work / str(number), weights)
            errors = {name: oracle.relative_l2(actual.get(name), expected[name]) for name in expected}
            moved = min(oracle.relative_l2(expected[name], weights[name].astype(np.float64)) for name in expected)
            worst = max(errors, key=errors.get)
            # A run whose weights hardly moved would agree whatever it computed.
            passed = errors[worst] <= LIMIT and moved > 100 * LIMIT and actual.keys() == expected.keys()
            failures += not passed
            print(f"{'ok  ' if passed else 'FAIL'} {errors[worst]:8.1e} {worst:15} {case}", flush=True)
    print(f"{backend}: {failures} of {len(cases_for(backend))} trajectories beyond relative L2 {LIMIT}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
