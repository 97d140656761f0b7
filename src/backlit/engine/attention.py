"""Dot-product attention for a CPU: softmax without a division in its gradient.

    weights = exp(q·k − max)        total = Σ weights        outputs = (weights @ v) / total

The weights are kept as they are, before the division, and only the outputs, which are smaller, are divided. Going
back, the sum that softmax's gradient needs of every row of weights is one of the outputs' rows instead,

    Σ_s p[t,s]·dp[t,s]  =  Σ_d outputs[t,d]·d outputs[t,d]

so that no array of the weights' size is reduced (Dao et al. 2022, appendix B, use the same identity).

JAX's own function computes the scores in float32 even where everything else is float64; here they have the type of the
inputs. Kept from it: masked scores are a large negative number, so that a row with nothing to attend to takes the mean.

`attend` stands in for Keras's `dot_product_attention` (see `kernels.py`); half precision, a bias, a soft cap, and heads
that share keys fall back to Keras's own. Not for an accelerator: there cuDNN's fused kernels are faster.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

COVERED_TYPES = ("float32", "float64")


def attend(
    original: Callable[..., jax.Array],
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> jax.Array:
    """Attention of queries to keys, as Keras's JAX backend defines it.

    Args:
        original: Keras's own, for what this does not cover.
        query: (batch, query place, head, feature).
        key: (batch, key place, head, feature).
        value: (batch, key place, head, value feature).
        bias: Not covered.
        mask: Broadcastable to (batch, head, query place, key place); True may be attended to.
        scale: Factor of the scores; None takes one over the root of the number of features.
        is_causal: Whether a place attends only to itself and those before it.
        flash_attention: True is not covered: Keras says why it cannot.
        attn_logits_soft_cap: Not covered.

    Returns:
        (batch, query place, head, value feature).
    """
    arrays = [jnp.asarray(array) for array in (query, key, value)]
    types = {str(array.dtype) for array in arrays}
    is_usual = bias is None and not flash_attention and attn_logits_soft_cap is None
    is_shaped = all(array.ndim == 4 for array in arrays) and len({array.shape[2] for array in arrays}) == 1
    if not (is_usual and is_shaped and len(types) == 1 and types <= set(COVERED_TYPES)):
        return original(
            query,
            key,
            value,
            bias=bias,
            mask=mask,
            scale=scale,
            is_causal=is_causal,
            flash_attention=flash_attention,
            attn_logits_soft_cap=attn_logits_soft_cap,
        )
    queries, keys, values = (jnp.swapaxes(array, 1, 2) for array in arrays)
    allowed = None if mask is None else jnp.asarray(mask, bool)
    if is_causal:
        causal = jnp.tril(jnp.ones((queries.shape[2], keys.shape[2]), bool))
        allowed = causal if allowed is None else allowed & causal
    factor = queries.shape[-1] ** -0.5 if scale is None else float(scale)
    return jnp.swapaxes(_attend(queries * factor, keys, values, allowed), 1, 2)


@jax.custom_vjp
def _attend(queries: jax.Array, keys: jax.Array, values: jax.Array, allowed: jax.Array | None) -> jax.Array:
    """Arrays are (batch, head, place, feature)."""
    return _attend_forward(queries, keys, values, allowed)[0]


def _attend_forward(
    queries: jax.Array, keys: jax.Array, values: jax.Array, allowed: jax.Array | None
) -> tuple[jax.Array, Any]:
    scores = jnp.einsum("bnth,bnsh->bnts", queries, keys)
    if allowed is not None:
        scores = jnp.where(allowed, scores, -0.7 * float(jnp.finfo(scores.dtype).max))
    weights = jnp.exp(scores - scores.max(axis=-1, keepdims=True))
    per_total = 1 / weights.sum(axis=-1, keepdims=True)
    outputs = jnp.einsum("bnts,bnsh->bnth", weights, values) * per_total
    return outputs, (queries, keys, values, allowed, weights, per_total, outputs)


def _attend_backward(saved: Any, gradient: jax.Array) -> tuple[Any, ...]:
    queries, keys, values, allowed, weights, per_total, outputs = saved
    gradient = gradient * per_total
    row_sums = (gradient * outputs).sum(axis=-1, keepdims=True)
    of_scores = weights * (jnp.einsum("bnth,bnsh->bnts", gradient, values) - row_sums)
    if allowed is not None:
        of_scores = jnp.where(allowed, of_scores, 0)
    of_queries = jnp.einsum("bnts,bnsh->bnth", of_scores, keys)
    of_keys = jnp.einsum("bnts,bnth->bnsh", of_scores, queries)
    return of_queries, of_keys, jnp.einsum("bnts,bnth->bnsh", weights, gradient), None


_attend.defvjp(_attend_forward, _attend_backward)
