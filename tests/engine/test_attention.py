"""Attention on a CPU equals Keras's own, and NumPy's in double precision; what it does not cover is left to Keras."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from backlit.engine._keras_private import backend_operations
from backlit.engine.attention import attend

KERAS_OWN = backend_operations(("dot_product_attention",))["dot_product_attention"]
GAPS = np.array([[True, False, True], [True, True, False]])[:, None, None, :]  # (batch, head, query, key)
ALL_MASKED = np.array([[False, False, False], [True, True, False]])[:, None, None, :]
OPTIONS = {
    "plain": {},
    "scaled": {"scale": 0.3},
    "gaps": {"mask": GAPS},
    "nothing-to-attend-to": {"mask": ALL_MASKED},
    "causal": {"is_causal": True},
    "causal-gaps": {"is_causal": True, "mask": GAPS},
}


def draw(rng, n_queries=4, dtype="float32"):
    """Queries, keys and values of 2 rows, 3 heads and 3 keys."""
    shapes = (2, n_queries, 3, 4), (2, 3, 3, 4), (2, 3, 3, 4)
    return [jnp.asarray(rng.normal(size=shape).astype(dtype)) for shape in shapes]


def by_numpy(query, key, value, mask=None, scale=None, is_causal=False):
    """The definition, place by place."""
    outputs = np.zeros((*query.shape[:3], value.shape[-1]))
    for b, t, n in np.ndindex(*query.shape[:3]):
        scores = key[b, :, n] @ query[b, t, n] * (query.shape[-1] ** -0.5 if scale is None else scale)
        allowed = np.ones(len(scores), bool) if mask is None else np.broadcast_to(mask[b, 0, 0], len(scores))
        if is_causal:
            allowed = allowed & (np.arange(len(scores)) <= t)
        scores = np.where(allowed, scores, -np.inf) if allowed.any() else np.zeros_like(scores)
        weights = np.exp(scores - scores.max())
        outputs[b, t, n] = weights @ value[b, :, n] / weights.sum()
    return outputs


@pytest.mark.parametrize("name", OPTIONS)
def test_values_equal_the_definition_and_gradients_equal_keras(name, rng):
    arrays, options = draw(rng), OPTIONS[name]

    def gradients(attention):
        return jax.grad(lambda arrays: jnp.sin(attention(*arrays, **options)).sum())(arrays)

    expected = by_numpy(*map(np.asarray, arrays), **options)
    np.testing.assert_allclose(attend(KERAS_OWN, *arrays, **options), expected, atol=2e-6)
    theirs, ours = jax.jit(lambda: (gradients(KERAS_OWN), gradients(lambda *a, **k: attend(KERAS_OWN, *a, **k))))()
    for want, have in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(have, want, atol=5e-6)


def test_double_precision_is_double_inside(rng):
    with jax.enable_x64(True):
        arrays = draw(rng, dtype="float64")
        outputs = attend(KERAS_OWN, *arrays)
        assert "float64" == str(outputs.dtype)
        np.testing.assert_allclose(outputs, by_numpy(*map(np.asarray, arrays)), rtol=1e-12)


def test_one_key_gives_its_value_by_hand():
    # One key: softmax of one score is 1, whatever the score.
    query, key = jnp.full((1, 1, 1, 1), 5.0), jnp.full((1, 1, 1, 1), 7.0)
    assert [3.0] == attend(KERAS_OWN, query, key, jnp.full((1, 1, 1, 1), 3.0)).ravel().tolist()


def test_members_side_by_side_equal_each_alone(rng):
    arrays = draw(rng)
    pair = [jnp.stack([array, 0.5 * array]) for array in arrays]
    together = jax.vmap(lambda *a: attend(KERAS_OWN, *a))(*pair)
    for idx in range(2):
        np.testing.assert_allclose(together[idx], attend(KERAS_OWN, *(a[idx] for a in pair)), atol=1e-6)


@pytest.mark.parametrize("name", ["half", "bias", "soft-cap", "shared-keys"])
def test_what_is_not_covered_is_left_to_keras(name, rng):
    arrays = draw(rng)
    options = {}
    if name == "half":
        arrays = [array.astype("bfloat16") for array in arrays]
    elif name == "bias":
        options = {"bias": jnp.ones((2, 3, 4, 3))}
    elif name == "soft-cap":
        options = {"attn_logits_soft_cap": 2.0}
    else:
        arrays = [arrays[0], arrays[1][:, :, :1], arrays[2][:, :, :1]]
    asked = []

    def original(*_, **given):
        asked.append(given)
        return jnp.zeros(())

    attend(original, *arrays, **options)
    assert 1 == len(asked)
    assert all(asked[0][key] is value for key, value in options.items())


def test_a_layer_of_keras_computes_with_it(rng):
    from backlit.engine.kernels import fast_kernels

    layer = keras.layers.MultiHeadAttention(2, 3)
    inputs = jnp.asarray(rng.normal(size=(2, 4, 5)).astype("float32"))
    layer.build(inputs.shape, inputs.shape)
    trace = lambda: str(jax.make_jaxpr(lambda inputs: layer(inputs, inputs, use_causal_mask=True))(inputs))  # noqa: E731
    own = trace()
    expected = layer(inputs, inputs, use_causal_mask=True)
    with fast_kernels():
        assert own != trace()
        np.testing.assert_allclose(layer(inputs, inputs, use_causal_mask=True), expected, atol=2e-6)
