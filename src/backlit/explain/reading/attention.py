"""Attention with several heads, read as the operations that it is made of."""

from typing import Any

import keras

from backlit.explain._keras_private import Place
from backlit.explain.ops.attention import HeadsTogether, Mixture, Projection, Scores
from backlit.explain.ops.softmax import Softmax
from backlit.explain.reading.builder import Builder, Reader
from backlit.language import Words

QUERIES = Words(en="queries: what each place looks for", zh="查询：每个位置要找什么")
KEYS = Words(en="keys: what each place is found by", zh="键：每个位置以什么被找到")
VALUES = Words(en="values: what each place hands on", zh="值：每个位置传出什么")
_NAMES = ("query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask", "return_attention_scores")


def _attention(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:  # noqa: ARG001  their names count
    given = {**dict(zip(_NAMES, build.called.args, strict=False)), **build.called.kwargs}
    _require_plain(layer, build, given)
    query, value = given["query"].number, given["value"].number
    key = given["key"].number if isinstance(given.get("key"), Place) else value

    def projected(dense: Any, words: Words, place: int, letter: str) -> int:
        weights = {"kernel": dense.kernel, "bias": dense.bias}
        return build.add(Projection(words), (place,), weights, letter=letter, mark=letter)

    q = projected(layer.query_dense, QUERIES, query, "q")
    k = projected(layer.key_dense, KEYS, key, "k")
    v = projected(layer.value_dense, VALUES, value, "v")
    scores = build.add(Scores(layer.key_dim**-0.5), (q, k), letter="s")
    shares = build.add(Softmax(), (scores,), letter=r"\alpha")
    mixed = build.add(Mixture(), (shares, v), letter="h")
    weights = {"kernel": layer.output_dense.kernel, "bias": layer.output_dense.bias}
    return build.add(HeadsTogether(), (mixed,), weights, mark="o")


def _require_plain(layer: Any, build: Builder, given: dict[str, Any]) -> None:
    for name in (*_NAMES[3:], "use_causal_mask"):
        if given.get(name) is not None and given[name] is not False:
            build.unsupported(f"{name}=…", expected="a call without masks and without scores")
    settings = layer.get_config()
    for name, usual in (("use_gate", False), ("sliding_window", None)):
        if settings.get(name, usual) != usual:
            build.unsupported(f"{name}={settings[name]}", expected=f"{name}={usual}")
    if build.is_training and layer.dropout:
        build.unsupported(f"dropout={layer.dropout}", expected="dropout=0")
    if tuple(layer.attention_axes) != (1,) or len(layer.output_dense.kernel.shape) != 3:
        build.unsupported(f"attention_axes={tuple(layer.attention_axes)}", expected="keras.Input((places, features))")


READERS: dict[type, Reader] = {keras.layers.MultiHeadAttention: _attention}
