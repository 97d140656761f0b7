"""What a group in training tells: how far it is, and at the end what came of it.

Not for training (see `loop.py`) nor for what is computed from it (see `backlit.measure`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from backlit.engine.program import NEVER

Measured = list[tuple[int, dict[str, dict[str, np.ndarray]]]]  # steps done before a look, and what it measured


@dataclass(frozen=True)
class Progress:
    """How far a group is, after a chunk.

    Attributes:
        step: Steps done.
        epoch: Epochs done, with the fraction of the present one.
        n_epochs: Epochs to do.
        n_living: Members still training.
        n_members: Members of the group.
        samples_per_s: Model-samples a second, over all members, in this chunk.
        latest: Name to mean over living members in the last whole epoch; empty before the first.
    """

    step: int
    epoch: float
    n_epochs: int
    n_living: int
    n_members: int
    samples_per_s: float
    latest: Mapping[str, float] = field(default_factory=dict)


@dataclass
class GroupResult:
    """What training a group produced, in the order of its members.

    Attributes:
        records: Name to (member, epoch) array; NaN after a member stopped.
        kept: Weights that each member hands over: `trainable`, `non_trainable`, lists of (member, …) arrays.
        optimizer: The optimiser's variables after a member's last step, lists of (member, …) arrays; NaN where it
            diverged.
        diverged_step: (member,) step whose loss or weights were not finite; -1 if none.
        stop_epoch: (member,) epoch at which it stopped early; -1 if it did not.
        best_epoch: (member,) best epoch under early stopping; -1 without.
        compile_s: Seconds spent tracing and compiling.
        run_s: Seconds spent training.
        n_samples: Model-samples trained, living members only.
        measured: What the probes measured: probe to label to (look, member, …) array; NaN once a member stopped.
        measured_steps: (look,) steps done before it.
    """

    records: dict[str, np.ndarray]
    kept: dict[str, list[np.ndarray]]
    optimizer: list[np.ndarray]
    diverged_step: np.ndarray
    stop_epoch: np.ndarray
    best_epoch: np.ndarray
    compile_s: float
    run_s: float
    n_samples: int
    measured: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    measured_steps: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))


def collect(
    final: dict[str, Any],
    records: Mapping[str, np.ndarray],
    measured: Measured,
    *,
    epoch: int,
    epoch_steps: int,
    is_within_epoch: bool,
    keeps_best: bool,
    **counts: Any,
) -> GroupResult:
    """What has been trained so far.

    Args:
        final: State of the members, as `Program.fresh_state`; used up.
        records: Name to (member, epoch) array for all epochs to do.
        measured: What the probes measured, look by look.
        epoch: Whole epochs done.
        epoch_steps: Steps of one epoch.
        is_within_epoch: Whether some steps of another epoch are done too.
        keeps_best: Whether members hand over their best epoch's weights.
        **counts: `compile_s`, `run_s` and `n_samples` of the result.

    Returns:
        Records, weights, who stopped and when. Whoever is in the middle of an epoch hands over present weights.
    """
    living = (final["bad_step"] == NEVER) & (final["stop_epoch"] == NEVER)
    until = {
        name: _until_stopped(values, final["stop_epoch"], final["bad_step"], epoch_steps)
        for name, values in records.items()
    }
    if living.any():
        until = {name: values[:, :epoch] for name, values in until.items()}
    if is_within_epoch and not (keeps_best and epoch):
        _hand_over_present(final, living)
    return GroupResult(
        records=until,
        kept=final["kept"],
        optimizer=_last_optimizer(final),
        diverged_step=final["bad_step"],
        stop_epoch=final["stop_epoch"],
        best_epoch=final.get("best_epoch", np.full(len(living), NEVER, np.int32)),
        measured=stacked([values for _, values in measured]),
        measured_steps=np.array([step for step, _ in measured], np.int32),
        **counts,
    )


def stacked(measured: list[dict[str, dict[str, np.ndarray]]]) -> dict[str, dict[str, np.ndarray]]:
    """Measurements one after another, as one array with a leading axis for each quantity.

    Args:
        measured: Probe to label to (member, …) array, look by look.

    Returns:
        Probe to label to (look, member, …) array; empty without looks.
    """
    return jax.tree.map(lambda *leaves: np.stack(leaves), *measured) if measured else {}


def _hand_over_present(final: dict[str, Any], living: np.ndarray) -> None:
    """Lets members that were stopped within an epoch hand over the weights they have, if they are sound."""
    sound = [np.isfinite(leaf).reshape(len(living), -1).all(axis=1) for leaf in final["trainable"]]
    takes = np.logical_and.reduce([living, *sound])
    for part in ("trainable", "non_trainable"):
        for kept, now in zip(final["kept"][part], final[part], strict=True):
            kept[takes] = now[takes]


def _last_optimizer(final: dict[str, Any]) -> list[np.ndarray]:
    """The optimiser's state when each member stopped; none for those that diverged."""
    optimizer, stopped, diverged = final["optimizer"], final["stop_epoch"] != NEVER, final["bad_step"] != NEVER
    for i, leaf in enumerate(optimizer):
        if stopped.any():
            leaf[stopped] = final["last_optimizer"][i][stopped]
        leaf[diverged] = np.nan if leaf.dtype.kind not in "iub" else 0
    return optimizer


def _until_stopped(values: np.ndarray, stop_epoch: np.ndarray, bad_step: np.ndarray, epoch_steps: int) -> np.ndarray:
    """Blanks what the program recorded after a member had stopped (a chunk may hold several epochs)."""
    last = np.full(len(values), values.shape[1] - 1)
    last = np.where(stop_epoch != NEVER, np.minimum(last, stop_epoch), last)
    last = np.where(bad_step != NEVER, np.minimum(last, bad_step // epoch_steps), last)
    epochs = np.arange(values.shape[1])
    return np.where(epochs[None, :] <= last[:, None], values, np.nan).astype(values.dtype)
