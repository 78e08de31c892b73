"""JAX, as someone who knows it would write it: the whole epoch is one compiled lax.scan over batches gathered from the
resident uint8 data, parameters donated."""

from work import arguments, first_weights, report, training_set

work = arguments()

import jax  # noqa: E402  (after the number of threads is set)
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

pixels, labels = training_set(work.data)
samples, features = pixels.shape
pixels, labels = jnp.asarray(pixels), jnp.asarray(labels.astype(np.int32))
batch = work.batch_size or samples
full = samples // batch


def loss_of(parameters, x, targets):
    if work.model == "mlp":
        w1, b1, w2, b2 = parameters
        z2 = jax.nn.silu(x @ w1.T + b1) @ w2.T + b2
        return -jnp.take_along_axis(jax.nn.log_softmax(z2), targets[:, None], axis=1).mean()
    (w,) = parameters
    residual = (x @ w.T) @ w - x
    return 0.5 * (residual * residual).sum() / x.shape[0]


def step(state, order):
    parameters, velocities = state
    x = pixels[order].astype(jnp.float32) * (1 / 255)
    loss, gradients = jax.value_and_grad(loss_of)(parameters, x, labels[order])
    if work.weight_decay:
        gradients = [g + work.weight_decay * p for g, p in zip(gradients, parameters)]
    if work.momentum:
        velocities = [work.momentum * v + g for v, g in zip(velocities, gradients)]
        gradients = velocities
    parameters = [p - work.lr * g for p, g in zip(parameters, gradients)]
    return (parameters, velocities), loss


def train(state, order):
    state, losses = jax.lax.scan(step, state, order[: full * batch].reshape(full, batch))
    if full * batch < samples:
        state, _ = step(state, order[full * batch :])
    return state, losses.mean()


train = jax.jit(train, donate_argnums=0)
weights = [jnp.asarray(w) for w in first_weights(work, features)]
state = (weights, [jnp.zeros_like(w) for w in weights] if work.momentum else [])
random = np.random.default_rng(2)


def epoch():
    global state
    order = random.permutation(samples).astype(np.int32) if work.batch_size else np.arange(samples, dtype=np.int32)
    state, loss = train(state, order)
    return float(jax.block_until_ready(loss))


report(work, samples, epoch, version=jax.__version__)
