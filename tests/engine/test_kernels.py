"""The CPU kernels equal Keras's own: values, gradients, and where a tie sends its gradient."""

import contextlib

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from backlit.engine import winograd
from backlit.engine.kernels import fast_kernels
from backlit.engine.pooling import pool_max

L = keras.layers
LAYERS = {
    f"{name}-{padding}-{strides}": (make, shape)
    for padding in ("valid", "same")
    for strides in (1, 2, 3)
    for name, make, shape in (
        ("conv2d-3", lambda p=padding, s=strides: L.Conv2D(4, 3, strides=s, padding=p), (9, 8, 3)),
        ("conv2d-1", lambda p=padding, s=strides: L.Conv2D(4, 1, strides=s, padding=p), (9, 8, 3)),
        ("conv1d-5", lambda p=padding, s=strides: L.Conv1D(4, 5, strides=s, padding=p), (9, 3)),
        (
            "depthwise2d-2",
            lambda p=padding, s=strides: L.DepthwiseConv2D(2, strides=s, padding=p, depth_multiplier=2),
            (9, 9, 3),
        ),
        ("separable2d-3", lambda p=padding, s=strides: L.SeparableConv2D(4, 3, strides=s, padding=p), (9, 9, 3)),
        ("max2d-2", lambda p=padding, s=strides: L.MaxPooling2D(2, strides=s, padding=p), (9, 8, 3)),
        ("max2d-3", lambda p=padding, s=strides: L.MaxPooling2D(3, strides=s, padding=p), (9, 8, 3)),
        ("average2d-3", lambda p=padding, s=strides: L.AveragePooling2D(3, strides=s, padding=p), (9, 8, 3)),
        ("max1d-3", lambda p=padding, s=strides: L.MaxPooling1D(3, strides=s, padding=p), (9, 3)),
    )
} | {
    "dilated": (lambda: L.Conv2D(4, 3, dilation_rate=2), (9, 8, 3)),
    "causal": (lambda: L.Conv1D(4, 3, padding="causal", dilation_rate=2), (9, 3)),
    "oblong": (lambda: L.Conv2D(4, (2, 3), strides=(2, 1), padding="same"), (9, 8, 3)),
    "many channels": (lambda: L.Conv2D(5, 3), (9, 8, 16)),
    "many channels, same": (lambda: L.Conv2D(4, 3, padding="same"), (8, 7, 18)),
    "three rows of five": (lambda: L.Conv2D(4, (3, 5), padding="same"), (7, 9, 16)),
    "one row of windows": (lambda: L.Conv2D(4, 3), (3, 4, 16)),
    "grouped, falls back": (lambda: L.Conv2D(4, 3, groups=2), (9, 8, 4)),
    "3-D, falls back": (lambda: L.Conv3D(2, 2), (4, 4, 4, 2)),
    "channels first, falls back": (lambda: L.Conv2D(2, 3, data_format="channels_first"), (3, 8, 8)),
}


def values_and_gradients(layer, inputs):
    weights = [variable.value for variable in layer.trainable_variables]

    def weighted_sum(weights, inputs):
        outputs, _ = layer.stateless_call(weights, [], inputs)
        signs = jnp.cos(jnp.arange(outputs.size, dtype=outputs.dtype)).reshape(outputs.shape)
        return (outputs * signs).sum(), outputs

    return jax.value_and_grad(weighted_sum, argnums=(0, 1), has_aux=True)(weights, inputs)


DEFAULT = [name for name in LAYERS if name.endswith("same-2") or "-" not in name]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in DEFAULT else pytest.mark.slow) for name in LAYERS]
)
def test_values_and_gradients_equal_keras(name, rng):
    make, shape = LAYERS[name]
    layer = make()
    layer.build((None, *shape))
    # Whole numbers, so that windows hold equal maxima: a tie must send its gradient where Keras sends it.
    inputs = jnp.asarray(np.round(rng.normal(size=(3, *shape))).astype("float32"))

    def both(inputs):  # one compilation for the two
        keras_own = values_and_gradients(layer, inputs)
        with fast_kernels():
            return keras_own, values_and_gradients(layer, inputs)

    expected, actual = jax.jit(both)(inputs)

    for want, have in zip(jax.tree.leaves(expected), jax.tree.leaves(actual), strict=True):
        np.testing.assert_allclose(want, have, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(("forward", "backward"), [(3, 2), (1, 6), (6, 1)])
def test_a_convolution_in_parts_equals_the_whole(forward, backward, rng, monkeypatch):
    example_bytes = 4 * 4 * 7 * 3 * 16 * 4  # sums × pairs of rows × width × places × channels × float32
    layer = L.Conv2D(4, 3, padding="same")
    layer.build((6, 8, 7, 16))
    inputs = jnp.asarray(rng.normal(size=(6, 8, 7, 16)), "float32")
    with fast_kernels():
        (_, whole), gradients = values_and_gradients(layer, inputs)
        monkeypatch.setattr(winograd, "FORWARD_BYTES", forward * example_bytes)
        monkeypatch.setattr(winograd, "BACKWARD_BYTES", backward * example_bytes)
        (_, in_parts), gradients_in_parts = values_and_gradients(layer, inputs)
    np.testing.assert_allclose(in_parts, whole, rtol=1e-5, atol=1e-6)
    for one, other in zip(jax.tree.leaves(gradients_in_parts), jax.tree.leaves(gradients), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_a_tie_sends_its_gradient_to_the_first_place():
    # Both 5s are maxima of the window [5, 5]; the first takes all of the gradient, so d = [1, 0].
    layer = L.MaxPooling1D(2)
    inputs = jnp.array([[[5.0], [5.0]]])
    with fast_kernels():
        gradient = jax.grad(lambda values: layer(values).sum())(inputs)
    assert [1.0, 0.0] == gradient.ravel().tolist()


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 3), (3, 2), (3, 1), (2, 3)])
def test_a_flat_picture_sends_its_gradients_where_xla_does(window, stride, padding):
    # Every place of every window is a maximum; whole-numbered gradients, so that sums are exact.
    inputs = jnp.zeros((1, 7, 8, 2))
    sizes, strides = (1, window, window, 1), (1, stride, stride, 1)

    def xla(values):
        return jax.lax.reduce_window(values, -jnp.inf, jax.lax.max, sizes, strides, padding.upper())

    def ours(values):
        return pool_max(xla, values, window, stride, padding, "channels_last")

    expected, spread = jax.vjp(xla, inputs)
    actual, our_spread = jax.vjp(ours, inputs)
    gradient = jnp.arange(1.0, 1.0 + expected.size).reshape(expected.shape)

    np.testing.assert_array_equal(expected, actual)
    np.testing.assert_array_equal(spread(gradient)[0], our_spread(gradient)[0])


def test_keras_gets_its_own_functions_back():
    from keras.src.backend.jax import nn

    before = nn.conv
    with contextlib.suppress(RuntimeError), fast_kernels():
        assert nn.conv is not before
        raise RuntimeError
    assert nn.conv is before
