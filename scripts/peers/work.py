"""One piece of work, the same for every program that is measured, and the loop that times it."""

import argparse
import gzip
import json
import os
import struct
import time

import numpy as np


def arguments():
    """The work, from the command line. Sets the number of threads, so call it before a library is imported."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=["mlp", "autoencoder"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--hidden", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True, help="0: all samples")
    parser.add_argument("--momentum", type=float, default=0)
    parser.add_argument("--weight-decay", type=float, default=0)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=3, help="of measured epochs, at least three of them")
    parser.add_argument("--compile", action="store_true", help="PyTorch: torch.compile")
    work = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(work.threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: work.threads])
    return work


def read_idx(directory, *names):
    for name in names:
        for suffix, opener in (("", open), (".gz", gzip.open)):
            path = os.path.join(directory, name + suffix)
            if os.path.exists(path):
                with opener(path, "rb") as file:
                    raw = file.read()
                dimensions = raw[3]
                shape = struct.unpack(f">{dimensions}I", raw[4 : 4 + 4 * dimensions])
                return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape[0], -1)
    raise SystemExit(f"{directory}: there is no {names[0]}")


def training_set(directory):
    """Pixels uint8 [N][D], labels int64 [N]."""
    pixels = read_idx(directory, "train-images-idx3-ubyte", "train-images.idx3-ubyte")
    labels = read_idx(directory, "train-labels-idx1-ubyte", "train-labels.idx1-ubyte").ravel()
    return np.array(pixels), labels.astype(np.int64)


def first_weights(work, features, classes=10):
    """As `handgrad train` draws them: PyTorch's Linear for the MLP, N(0, 1/D) for the autoencoder."""
    random = np.random.default_rng(1)
    if work.model == "autoencoder":
        return [(random.standard_normal((work.hidden, features)) / np.sqrt(features)).astype(np.float32)]
    tensors = []
    for outputs, inputs in ((work.hidden, features), (classes, work.hidden)):
        bound = 1 / np.sqrt(inputs)
        tensors.append(random.uniform(-bound, bound, (outputs, inputs)).astype(np.float32))
        tensors.append(random.uniform(-bound, bound, outputs).astype(np.float32))
    return tensors


def report(work, samples, epoch, **more):
    """Times epoch(), which trains one epoch and returns its mean loss, after one that warms up; prints one JSON object."""
    began = time.perf_counter()
    loss = epoch()
    warm_up = time.perf_counter() - began
    times = []
    while len(times) < 3 or sum(times) < work.seconds:
        began = time.perf_counter()
        loss = epoch()
        times.append(time.perf_counter() - began)
    batch = work.batch_size or samples
    steps = -(-samples // batch)
    print(json.dumps({"step_seconds": min(times) / steps, "epochs": len(times), "loss": float(loss), "warm_up_seconds": warm_up, **more}))
