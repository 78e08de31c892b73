"""PyTorch on a GPU, as someone who knows it would write it: tensors resident, batches gathered from uint8 by index; eager,
with torch.compile around everything from the gather to the loss, or with the whole step as one CUDA graph (--graph)."""

import sys

from work import arguments, first_weights, report, training_set

graph = "--graph" in sys.argv
if graph:
    sys.argv.remove("--graph")
work = arguments()

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

device = torch.device("cuda")
torch.set_float32_matmul_precision("highest")
pixels, labels = (torch.from_numpy(a).to(device) for a in training_set(work.data))
samples, features = pixels.shape
parameters = [torch.nn.Parameter(torch.from_numpy(w).to(device)) for w in first_weights(work, features)]
optimizer = torch.optim.SGD(parameters, lr=work.lr, momentum=work.momentum, weight_decay=work.weight_decay, fused=True)
batch = work.batch_size or samples
steps = samples // batch  # whole batches, as a graph needs them


def batch_loss(order):
    x = pixels[order].float() * (1 / 255)
    if work.model == "mlp":
        w1, b1, w2, b2 = parameters
        return F.cross_entropy(F.linear(F.silu(F.linear(x, w1, b1)), w2, b2), labels[order])
    (w,) = parameters
    residual = F.linear(x, w) @ w - x
    return 0.5 * residual.square().sum() / x.shape[0]


if work.compile:
    batch_loss = torch.compile(batch_loss, dynamic=False)


def step(order, total):
    optimizer.zero_grad(set_to_none=True)
    loss = batch_loss(order)
    loss.backward()
    optimizer.step()
    total += loss.detach()


total = torch.zeros((), device=device)
if graph:
    indices = torch.arange(batch, device=device)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # what is made on first use must not be made while recording
        for _ in range(3):
            step(indices, total)
    torch.cuda.current_stream().wait_stream(side)
    recorded = torch.cuda.CUDAGraph()
    with torch.cuda.graph(recorded):
        step(indices, total)


def epoch():
    order = torch.randperm(samples, device=device)
    total.zero_()
    for i in range(steps):
        if graph:
            indices.copy_(order[i * batch : (i + 1) * batch])
            recorded.replay()
        else:
            step(order[i * batch : (i + 1) * batch], total)
    return (total / steps).item()  # waits


report(work, steps * batch, epoch, version=torch.__version__)
