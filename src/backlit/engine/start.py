"""A group made ready to train: its members' first weights, their place on the devices, and their program.

Not for which group comes when (see `train.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from backlit.engine import devices
from backlit.engine.augmentation import member_ranges
from backlit.engine.continuing import state_from
from backlit.engine.devices import Placement
from backlit.engine.experiment import Experiment
from backlit.engine.initialise import seed_generators
from backlit.engine.loop import Due, Training
from backlit.engine.orders import n_segments_for
from backlit.engine.own_rows import GroupRows, group_rows
from backlit.engine.plan import Group
from backlit.engine.prepare import Ingredients, member_settings, model_idx
from backlit.engine.probes import chosen_probes
from backlit.engine.probing import Probing
from backlit.engine.program import Program, Shape
from backlit.engine.result import GroupResult
from backlit.engine.reuse import Prepared
from backlit.engine.template import LEARNING_RATE, Template

State = dict[str, list[np.ndarray]]


@dataclass(frozen=True)
class TrainedGroup:
    """One group after training.

    Attributes:
        group: Which members, and what they share.
        placement: Where the members lay.
        result: Records and weights, in the order of `group.members`.
    """

    group: Group
    placement: Placement
    result: GroupResult


@dataclass(frozen=True)
class Started:
    """A group whose training can go on.

    Attributes:
        group: Which members, and what they share.
        network: Its network, prepared.
        placement: Where the members lie.
        training: The members in training.
        model: The user's model, for the names of its layers.
        probing: What is measured, or None.
    """

    group: Group
    network: Prepared
    placement: Placement
    training: Training
    model: keras.Model
    probing: Probing | None

    def trained(self) -> TrainedGroup:
        """The group as far as it is trained."""
        result = self.training.result()
        _finalise(self.network.template, result)
        if self.probing is not None:
            result.measured = self.probing.named(result.measured, self.model)
        return TrainedGroup(self.group, self.placement, result)


def start_group(
    experiment: Experiment,
    ingredients: Ingredients,
    group: Group,
    number: int,
    network: Prepared,
    placement: Placement | None,
) -> Started:
    """Makes a group ready: first weights, place on the devices, program.

    Args:
        experiment: What to do.
        ingredients: The live objects.
        group: Which members.
        number: Of the group.
        network: The group's, prepared.
        placement: Where the members lie; None decides.

    Returns:
        The group before its first step.
    """
    template = network.template
    settings = [member_settings(experiment, idx) for idx in group.members]
    rate = _plain_rate(experiment, group)
    states = [_first_state(experiment, ingredients, network, idx, rate=rate) for idx in group.members]
    members: dict[str, Any] = {part: _stacked([state[part] for state in states]) for part in states[0]}
    floatx = keras.config.floatx()
    members["settings"] = {name: np.array([own[name] for own in settings], floatx) for name in group.traced}
    rows = group_rows(experiment, ingredients.data, group)
    if template.augmentation is not None:
        members["augment"] = _ranges(rows, [int(own.get("seed", 0)) for own in settings])
    batch_size = min(int(group.structure["batch_size"]), rows.n_rows)
    if placement is None:
        here = devices.devices()
        has_small = devices.has_small_products(template.model)
        gains = has_small or devices.is_convolutional(template.model)
        placement = devices.place_members(
            len(group.members),
            member_bytes=sum(
                leaf.nbytes for part in ("trainable", "non_trainable", "optimizer") for leaf in states[0][part]
            ),
            is_convolutional=devices.is_convolutional(template.model),
            has_own_order=group.has_own_order,
            n_devices=len(here),
            step_flops=devices.step_flops(template.model, batch_size),
            step_s=devices.step_s(template.model, batch_size),
            is_cpu=here[0].platform == "cpu",
            may_be_wide=not has_small,
            may_share=lambda n_shares: gains and template.may_share(batch_size, n_shares),
        )
    shape = Shape(
        n_rows=rows.n_rows,
        batch_size=batch_size,
        n_segments=n_segments_for(rows.n_rows),
        block=placement.block,
        n_devices=placement.n_devices,
        n_slots=placement.n_slots,
        has_own_order=group.has_own_order,
        n_shares=placement.n_shares,
        n_held_out=0 if rows.held_out is None else rows.held_out.shape[1],
    )
    if rows.held_out is not None:
        members["held_out"] = rows.held_out
    here = devices.devices_of(placement)
    probing = None
    if experiment.probes:
        look_key = (placement.is_wide, shape, experiment.probes, _shapes(rows.train), rows.places is None)
        probing = network.looks.setdefault(
            look_key, Probing(template, chosen_probes(experiment.probes), shape, devices=here)
        )
        if rows.places is not None:
            members["looked_at"] = np.stack([own[probing.row_idx] for own in rows.places])
    shapes = (_shapes(rows.train), _shapes(rows.validation), members.get("looked_at", np.zeros(0)).shape)
    key = (placement.is_wide, shape, experiment.early_stopping, *shapes)
    program = network.programs.setdefault(
        key, Program(template, shape, early_stopping=experiment.early_stopping, devices=here)
    )
    training = Training(
        program,
        members,
        rows.train,
        rows.validation,
        n_members=len(group.members),
        n_epochs=int(group.structure["epochs"]),
        data_seeds=[int(own.get("data_seed", 0)) for own in settings],
        shuffle=experiment.shuffle,
        places=rows.places,
        probing=probing,
        changes=[
            Due(change.step, {name: np.resize(values, len(group.members)) for name, values in change.settings.items()})
            for change in experiment.changes
            if change.group == number
        ],
        stop_step=_stop_step(experiment, number),
    )
    model = ingredients.models[model_idx(experiment, group)]
    return Started(group, network, placement, training, model, probing)


def _ranges(rows: GroupRows, seeds: list[int]) -> dict[str, np.ndarray]:
    """What augmentation needs of each member, of the images that it trains on."""
    images = rows.train["inputs"]
    if rows.places is None:
        return member_ranges(images, seeds)
    found = {id(own): member_ranges(images[np.unique(own)], [0]) for own in rows.places}
    parts = [
        found[id(own)] | {"seed": np.array([seed], np.uint32)} for own, seed in zip(rows.places, seeds, strict=True)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _stop_step(experiment: Experiment, number: int) -> int | None:
    """Steps after which a group was ended by hand; None if it was not."""
    stopped = experiment.stopped
    if stopped is None or number < stopped.group:
        return None
    return stopped.step if number == stopped.group else 0


def _finalise(template: Template, result: GroupResult) -> None:
    """Lets an optimiser that averages weights (`use_ema`) hand over the averages, as Keras does after `fit`."""
    if not template.optimizer.use_ema or not result.optimizer:
        return
    for place in range(len(result.diverged_step)):
        averaged = template.averaged([leaf[place] for leaf in result.optimizer])
        for leaf, value in zip(result.kept["trainable"], averaged, strict=True):
            leaf[place] = value


def _first_state(
    experiment: Experiment,
    ingredients: Ingredients,
    network: Prepared,
    member: int,
    *,
    rate: float | None,
) -> State:
    """A member's state before its first step: drawn by its seed, or the given weights."""
    template, source = network.template, network.source
    seed = int(member_settings(experiment, member).get("seed", 0))
    if experiment.weights == "continued" and ingredients.initial is not None:
        state = _with_rate(template, state_from(template, ingredients.initial["members"][member]), rate)
        return seed_generators(template, template.start_optimizer(state), seed)
    if experiment.weights == "drawn" or ingredients.initial is None:
        state = template.start_optimizer(_with_rate(template, source.draw(seed), rate))
    else:
        state = _with_rate(template, template.state(), rate)
        for part, arrays in ingredients.initial.items():
            if [a.shape for a in arrays] == [a.shape for a in state[part]]:
                state[part] = [np.asarray(new, old.dtype) for new, old in zip(arrays, state[part], strict=True)]
        if "optimizer" not in ingredients.initial:
            state = template.start_optimizer(state)
        if "seed" in {name for axis in experiment.axes for name in axis.names}:
            state = seed_generators(template, state, seed)
    return state


def _with_rate(template: Template, state: State, rate: float | None) -> State:
    """The state with the optimiser's own rate, which a network that is used again may not have."""
    if rate is not None and template.rate_idx is not None:
        old = state["optimizer"][template.rate_idx]
        state["optimizer"][template.rate_idx] = np.asarray(rate, old.dtype)
    return state


def _plain_rate(experiment: Experiment, group: Group) -> float | None:
    """The optimiser's own learning rate, where it is a number and nothing traces it."""
    if LEARNING_RATE in group.traced or experiment.optimizer is None or "optimizer" in group.structure:
        return None
    rate = group.structure.get(LEARNING_RATE, experiment.optimizer["config"].get(LEARNING_RATE))
    return float(rate) if isinstance(rate, int | float) else None


def _shapes(rows: Mapping[str, np.ndarray]) -> tuple[tuple[str, tuple[int, ...], str], ...]:
    return tuple((name, array.shape, str(array.dtype)) for name, array in rows.items())


def _stacked(states: list[list[np.ndarray]]) -> list[np.ndarray]:
    return [np.stack(arrays) for arrays in zip(*states, strict=True)]
