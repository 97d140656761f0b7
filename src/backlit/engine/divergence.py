"""Where a member's numbers stopped being numbers: the step, the batch, the layer, and what grew before.

A training says only at which step a loss was not finite; looking at every layer in every step would slow all members
for the sake of a few. But a training can be repeated bit for bit. So the member's group is trained again to a few steps
before, goes on one step at a time, and the first step is found that begins with sound weights and ends badly:

    forward     a layer's output is the first that is not finite, on the way from input to loss
    loss        all outputs are finite and the loss is not
    backward    the gradient at a layer's output is the first that is not finite, on the way from loss to input
    gradient    the gradient of a weight is not finite, although those at the outputs are
    update      the gradients are finite, and the optimiser's step is not

Not for finding out why (see `doctor`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from backlit.engine.experiment import Experiment
from backlit.engine.labels import layer_names, layers_to_look_at, weight_places
from backlit.engine.loop import Training
from backlit.engine.own_rows import group_rows
from backlit.engine.prepare import Ingredients, model_idx
from backlit.engine.result import GroupResult
from backlit.engine.train import Trainer

LOOK_BACK = 8  # steps before the bad one that are gone through one by one


@dataclass(frozen=True)
class Extremes:
    """The largest magnitudes of one step.

    Attributes:
        step: Steps done before it.
        outputs: By layer.
        gradients: By weight, `layer/weight`.
        weights: By weight, before the step.
    """

    step: int
    outputs: Mapping[str, float]
    gradients: Mapping[str, float]
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Divergence:
    """Where a member diverged.

    Attributes:
        step: Steps done before the one that ended badly.
        epoch: Epochs done before it.
        stage: `forward`, `loss`, `backward`, `gradient` or `update`.
        layer: The layer, or empty where it is no layer's.
        weight: The weight in it, where it is a weight's.
        rows: Training rows of the step's batch, counted among those that the member trains on.
        extremes: The steps before it and itself, oldest first.
    """

    step: int
    epoch: int
    stage: str
    layer: str
    weight: str
    rows: tuple[int, ...]
    extremes: tuple[Extremes, ...] = field(repr=False)


def find_divergence(
    experiment: Experiment, ingredients: Ingredients, results: Sequence[GroupResult], *, group: int, member: int
) -> Divergence:
    """Trains a member's group again up to its divergence and says where it began.

    Args:
        experiment: What was done.
        ingredients: The live objects; with the placements of the run, for the same bits.
        results: Of all groups.
        group: Number of the member's group.
        member: Its place in the group; it has diverged.

    Returns:
        The step, layer and batch.
    """
    trainer = Trainer(experiment.model_copy(update={"probes": ()}), ingredients)
    trainer.go_on(results[:group], None)
    training = trainer.training
    bad_step = int(results[group].diverged_step[member])
    look = _Look(trainer, training, group)
    start = max(0, bad_step - LOOK_BACK)
    while training.step < start:
        training.advance(start - training.step)
    seen = [look.at(member)]
    while training.step < bad_step:
        training.advance(1)
        seen.append(look.at(member))
    # The last step that began with sound weights is the one that ended badly.
    sound = [one for one in seen if one.has_sound_weights]
    origin = sound[-1] if sound else seen[0]
    stage, layer, weight = origin.found
    return Divergence(
        step=origin.extremes.step,
        epoch=origin.epoch,
        stage=stage,
        layer=layer,
        weight=weight,
        rows=origin.rows,
        extremes=tuple(one.extremes for one in seen if one.extremes.step <= origin.extremes.step),
    )


@dataclass(frozen=True)
class _Seen:
    """One step of one member, looked at before it is done."""

    extremes: Extremes
    epoch: int
    rows: tuple[int, ...]
    has_sound_weights: bool
    found: tuple[str, str, str]


class _Look:
    """Goes through a step's forward and backward pass and says what in it is not finite."""

    def __init__(self, trainer: Trainer, training: Training, group: int) -> None:
        self._training, self._template = training, training.program.template
        self._rows = group_rows(trainer.experiment, trainer.ingredients.data, trainer.groups[group])
        model = trainer.ingredients.models[model_idx(trainer.experiment, trainer.groups[group])]
        self._layers = layers_to_look_at(self._template.model)
        own = layer_names(self._template.model)
        names = layer_names(model)
        self._names = names if len(names) == len(own) else own
        self._weights = [
            (self._names[idx] if idx >= 0 else "", name) for idx, name in weight_places(self._template.model)
        ]
        self._look = jax.jit(self._pass)

    def at(self, member: int) -> _Seen:
        state, rows = self._training.state_of(member), self._training.next_rows(member)
        batch = self._rows.of(member, rows)
        loss, gradients, outputs, at_outputs, after = jax.device_get(self._look(state, batch))
        outputs = {self._layer_of(call): value for call, value in outputs.items()}
        at_outputs = {self._layer_of(call): value for call, value in at_outputs.items()}
        extremes = Extremes(
            step=self._training.step,
            outputs={layer: _largest(value) for layer, value in outputs.items()},
            gradients=self._by_weight(gradients),
            weights=self._by_weight(state["trainable"]),
        )
        return _Seen(
            extremes=extremes,
            epoch=int(self._training.progress.epoch),
            rows=tuple(int(row) for row in rows),
            has_sound_weights=all(map(_is_finite, state["trainable"])),
            found=self._first_bad(loss, gradients, outputs, at_outputs, after),
        )

    def _first_bad(
        self,
        loss: np.ndarray,
        gradients: list[np.ndarray],
        outputs: Mapping[str, np.ndarray],
        at_outputs: Mapping[str, np.ndarray],
        after: list[np.ndarray],
    ) -> tuple[str, str, str]:
        """Stage, layer and weight of what is not finite first."""
        for layer, value in outputs.items():
            if not _is_finite(value):
                return "forward", layer, ""
        if not _is_finite(loss):
            return "loss", "", ""
        for layer, value in reversed(list(at_outputs.items())):
            if not _is_finite(value):
                return "backward", layer, ""
        for stage, values in (("gradient", gradients), ("update", after)):
            for (layer, weight), value in zip(self._weights, values, strict=True):
                if not _is_finite(value):
                    return stage, layer, weight
        return "update", "", ""  # the weights are sound after all: rounding of this program, not of the training's

    def _pass(self, state: dict[str, Any], batch: Mapping[str, jax.Array]) -> Any:
        inputs, drawn = self._template.drawn(batch, state)
        loss, gradients, outputs, at_outputs = self._template.look(
            state["trainable"],
            state["non_trainable"],
            state["optimizer"],
            state["metrics"],
            inputs,
            batch["targets"],
            batch.get("sample_weight"),
            state["settings"],
            layers=self._layers,
            drawn=drawn,
        )
        after = self._template.apply(state["trainable"], state["optimizer"], gradients, state["settings"])
        return loss, gradients, outputs, at_outputs, after

    def _layer_of(self, call: tuple[int, int]) -> str:
        idx, repeat = call
        return f"{self._names[idx]}#{repeat + 1}" if repeat else self._names[idx]

    def _by_weight(self, values: Sequence[np.ndarray]) -> dict[str, float]:
        return {f"{layer}/{name}": _largest(v) for (layer, name), v in zip(self._weights, values, strict=True)}


def _largest(values: np.ndarray) -> float:
    return float(np.abs(values.astype(np.float64)).max()) if values.size else 0.0


def _is_finite(values: np.ndarray) -> bool:
    return bool(np.isfinite(values).all()) if np.issubdtype(values.dtype, np.inexact) else True
