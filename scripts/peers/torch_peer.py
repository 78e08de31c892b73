"""PyTorch, as someone who knows it would write it: tensors resident, batches gathered from uint8 by index, the fused SGD,
eager or with torch.compile around everything from the gather to the loss."""

from work import arguments, first_weights, report, training_set

work = arguments()

import torch  # noqa: E402  (after the number of threads is set)
import torch.nn.functional as F  # noqa: E402

torch.set_num_threads(work.threads)
torch.manual_seed(1)

pixels, labels = (torch.from_numpy(a) for a in training_set(work.data))
samples, features = pixels.shape
parameters = [torch.nn.Parameter(torch.from_numpy(w)) for w in first_weights(work, features)]
optimizer = torch.optim.SGD(parameters, lr=work.lr, momentum=work.momentum, weight_decay=work.weight_decay, fused=True)


def mlp_loss(rows, targets):
    x = rows.float().mul_(1 / 255)
    w1, b1, w2, b2 = parameters
    return F.cross_entropy(F.linear(F.silu(F.linear(x, w1, b1)), w2, b2), targets)


def autoencoder_loss(x):
    (w,) = parameters
    residual = F.linear(x, w) @ w - x
    return 0.5 * residual.square().sum() / x.shape[0]


def batch_loss(order):
    """The mean loss of the samples `order`."""
    rows = pixels[order]
    if work.model == "mlp":
        return mlp_loss(rows, labels[order])
    return autoencoder_loss(rows.float().mul_(1 / 255))


if work.batch_size == 0:  # the samples never change: converted once
    everything = pixels.float().mul_(1 / 255)

    def batch_loss(order):  # noqa: F811
        return autoencoder_loss(everything)


if work.compile:
    batch_loss = torch.compile(batch_loss, dynamic=False)


def epoch():
    order = torch.randperm(samples) if work.batch_size else torch.arange(1)
    total = torch.zeros(())
    batches = order.split(work.batch_size or samples)
    for indices in batches:
        optimizer.zero_grad(set_to_none=True)
        loss = batch_loss(indices)
        loss.backward()
        optimizer.step()
        total += loss.detach()
    return total / len(batches)


report(work, samples, epoch, version=torch.__version__)
