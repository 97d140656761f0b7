"""Embeddings: rows of a table, picked by whole numbers."""

from typing import Any

import keras

from backlit.explain.ops.embedding import Embedding
from backlit.explain.reading.builder import Builder, Reader


def _embedding(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if layer.mask_zero:
        build.unsupported("mask_zero=True", expected="mask_zero=False")
    if layer.lora_enabled:
        build.unsupported("lora_rank=…", expected="lora_rank=None")
    return build.add(Embedding(), inputs, {"embeddings": layer.embeddings}, letter="a")


READERS: dict[type, Reader] = {keras.layers.Embedding: _embedding}
