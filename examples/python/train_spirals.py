"""Trains the Swish classifier on NumPy arrays, three spirals in the plane, keeps the model and applies it:

python3 examples/python/train_spirals.py RUN      (HANDGRAD_LIBRARY=build/libhandgrad.so where it is not installed)"""

import sys

import handgrad
import numpy as np


def spirals(count, seed):
    """Points on three arms, and the arm of each."""
    random = np.random.default_rng(seed)
    arm = random.integers(0, 3, count)
    radius = random.uniform(0.1, 1, count)
    angle = 2 * np.pi * arm / 3 + 4 * radius + random.normal(0, 0.3, count)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return points.astype(np.float32), arm.astype(np.uint8)


def main(run):
    train, test = handgrad.Dataset(*spirals(3000, 1)), handgrad.Dataset(*spirals(1000, 2))
    options = handgrad.Options(handgrad.MLP, hidden=64, epochs=40, batch_size=32)
    trainer = handgrad.Trainer(options, train, test)
    for metrics in trainer:
        if metrics.epoch % 10 == 0:
            print(f"epoch {metrics.epoch}: training loss {metrics.train_loss:.4f}, "
                  f"test accuracy {100 * metrics.test_accuracy:.1f} %")  # fmt: skip
    trainer.save(run)

    points, arms = spirals(5, 3)
    probabilities = handgrad.Model(run).forward(handgrad.Dataset(points))
    for point, arm, row in zip(points, arms, probabilities):
        print(f"({point[0]:5.2f}, {point[1]:5.2f}) lies on arm {arm}; the model says {row.argmax()}, with {row.max():.3f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: train_spirals.py RUN")
    try:
        main(sys.argv[1])
    except handgrad.Error as error:
        sys.exit(f"train_spirals.py: {error}")
