"""A trained network as a picture has it: columns of units and stacks of maps, activations for one sample, weights.

    input     one map a channel, or a unit a feature
    layer     a unit for each number that a dense layer puts out, a map for each filter of a convolution
    lines     the kernel of a dense layer, where the column before it is what it reads, unit for unit

Of a large network only part can be drawn: at most eight columns, 64 units or 8 maps in each; what is left out is
counted. Lines too faint to be seen are left out as well.

Not for what each number is computed from: see `explain.forward`.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from jaxtyping import Float

from backlit.engine.labels import layers_to_look_at
from backlit.measure.by_layer import evenly
from backlit.measure.examples import Examples, examples_of
from backlit.measure.shown import Shown, shown_member
from backlit.measure.subject import AbstractSubject
from backlit.measure.tapped import input_of, output_of, outputs_by_layer

MOST_COLUMNS = 8
MOST_UNITS = 64
MOST_MAPS = 8
MOST_PIXELS = 48  # of a map's longer side; ours: it is drawn smaller than that
MOST_EDGES = 1_500  # between two columns
FAINTEST = 1 / 14  # of the largest weight; the drawing has seven widths of lines, and rounds what is below to none


@dataclass(frozen=True, eq=False)
class Column:
    """The input or one layer.

    Attributes:
        name: Of the layer; "" for the input.
        units: Activations of its units, or None.
        maps: Activations of its maps, or None.
        n_more: Units or maps that are left out.
        unit_names: Of the units that are drawn; empty where they have none.
    """

    name: str
    units: Float[np.ndarray, " unit"] | None
    maps: Float[np.ndarray, "map height width"] | None
    n_more: int = 0
    unit_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        """How many units or maps are drawn."""
        drawn = self.units if self.units is not None else self.maps
        return 0 if drawn is None else len(drawn)


@dataclass(frozen=True, eq=False)
class NetworkPicture:
    """A network with the activations of one sample.

    Attributes:
        columns: From the input to the output.
        edges: Between each two neighbouring columns: number of the unit there, of the unit here, and the weight; None
            where no line is drawn.
        n_layers: Layers that could have been drawn.
        sample: What the network reads.
        shown: Whose network.
    """

    columns: tuple[Column, ...]
    edges: tuple[Float[np.ndarray, "_ 3"] | None, ...]
    n_layers: int
    sample: Examples
    shown: Shown


def network_picture(subject: AbstractSubject) -> NetworkPicture | None:
    """Draws the best member, as far as it can be drawn.

    Args:
        subject: A run.

    Returns:
        The picture; None where no member finished, or the model does not say how its layers are connected.
    """
    if not subject.finished:
        return None
    model, sample = subject.model, examples_of(subject)
    outputs = outputs_by_layer(model, sample.inputs)
    layers = _drawn_layers(model, outputs)
    if not layers or len(model.inputs) != 1:
        return None
    chosen = _chosen(layers)
    data = subject.best_data
    if sample.inputs.ndim not in (2, 3, 4):
        return None
    names = [data.feature_names, *[()] * (len(chosen) - 1), data.class_names]
    arrays = [sample.inputs[0], *(outputs[layer.name][0] for layer in chosen)]
    columns = [
        _column(name, array, known)
        for name, array, known in zip(["", *(layer.name for layer in chosen)], arrays, names, strict=True)
    ]
    edges = [
        _edges(model, before, layer, one, other)
        for before, layer, one, other in zip([None, *chosen[:-1]], chosen, columns[:-1], columns[1:], strict=True)
    ]
    return NetworkPicture(tuple(columns), tuple(edges), len(layers), sample, shown_member(subject))


def _drawn_layers(model: keras.Model, outputs: dict[str, np.ndarray]) -> list[Any]:
    """The layers with something to show: not those that only move numbers, nor outputs that no plane can show."""
    looked_at = {id(layer) for layer in layers_to_look_at(model)}
    return [
        layer
        for layer in model.layers
        if (id(layer) in looked_at or isinstance(layer, keras.Model)) and 2 <= outputs.get(layer.name, _NONE).ndim <= 4
    ]


_NONE = np.zeros(())


def _chosen(layers: list[Any]) -> list[Any]:
    """All layers that find room, else those with weights, else some of them; the last one always."""
    most = MOST_COLUMNS - 1
    if len(layers) <= most:
        return layers
    heavy = [layer for layer in layers if layer.weights or layer is layers[-1]]
    return [heavy[i] for i in evenly(len(heavy), most)]


def _column(name: str, values: np.ndarray, names: tuple[str, ...]) -> Column:
    values = np.asarray(values, np.float64)
    if values.ndim == 1:
        known = tuple(names[:MOST_UNITS]) if len(names) == len(values) else ()
        return Column(name, values[:MOST_UNITS], None, max(len(values) - MOST_UNITS, 0), known)
    maps = values[None] if values.ndim == 2 else np.moveaxis(values, -1, 0)
    stride = -(-max(maps.shape[1:]) // MOST_PIXELS)
    return Column(name, None, maps[:MOST_MAPS, ::stride, ::stride], max(len(maps) - MOST_MAPS, 0))


def _edges(
    model: keras.Model, before: Any, layer: Any, one: Column, other: Column
) -> Float[np.ndarray, "edge 3"] | None:
    """The weights that can be seen, strongest last, where the layer is a dense one that reads the column before it."""
    if one.units is None or other.units is None or not isinstance(layer, keras.layers.Dense):
        return None
    if not _reads(model, layer, output_of(before) if before is not None else model.inputs[0]):
        return None
    kernel = np.asarray(layer.kernel, np.float64)[: len(one), : len(other)]
    sizes = np.abs(kernel)
    rows, columns = np.nonzero(sizes >= max(FAINTEST * sizes.max(), np.finfo(float).tiny))
    order = np.argsort(sizes[rows, columns], kind="stable")[-MOST_EDGES:]
    rows, columns = rows[order], columns[order]
    return np.stack([rows, columns, kernel[rows, columns]], 1).astype(np.float64)


def _reads(model: keras.Model, layer: Any, source: Any) -> bool:
    """Whether a layer reads a tensor, perhaps through layers that only move or drop numbers."""
    looked_at = {id(one) for one in layers_to_look_at(model)}
    movers = [one for one in model.layers if id(one) not in looked_at and not isinstance(one, keras.Model)]
    made_by = {id(output_of(one)): one for one in movers}
    tensor = input_of(layer)
    while tensor is not None and tensor is not source:
        mover = made_by.get(id(tensor))
        tensor = None if mover is None or isinstance(mover, keras.layers.InputLayer) else input_of(mover)
    return tensor is not None
