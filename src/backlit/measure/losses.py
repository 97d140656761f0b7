"""The loss of one member after each epoch, split by split.

Not for populations: see `seed_bands.py`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float, Int

from backlit.language import Words
from backlit.measure.seed_bands import LINES, is_cross_entropy
from backlit.measure.shown import Shown, shown_member
from backlit.measure.subject import AbstractSubject

WIDE_SPAN = 100.0  # largest over smallest loss from which an axis is better logarithmic; ours


@dataclass(frozen=True, eq=False)
class LossLine:
    """The loss on one split.

    Attributes:
        words: The split.
        values: After each epoch.
    """

    words: Words
    values: Float[np.ndarray, " epoch"]


@dataclass(frozen=True, eq=False)
class LossCurve:
    """The losses of one member.

    Attributes:
        epochs: From 1.
        lines: One a split.
        unit: Of the loss.
        shown: Whose.
    """

    epochs: Int[np.ndarray, " epoch"]
    lines: tuple[LossLine, ...]
    unit: str
    shown: Shown

    @property
    def is_wide(self) -> bool:
        """Whether the losses differ so much that the small ones cannot be told apart on a plain axis."""
        values = np.concatenate([line.values for line in self.lines])
        values = values[np.isfinite(values)]
        return bool(len(values)) and bool(values.min() > 0) and bool(values.max() / values.min() > WIDE_SPAN)


def loss_curve(subject: AbstractSubject) -> LossCurve | None:
    """The losses of the member that is shown.

    Args:
        subject: A run.

    Returns:
        One line a split; None where fewer than two epochs have a finite loss.
    """
    shown = shown_member(subject)
    history = subject.history.filter((pl.col("member") == shown.member) & (pl.col("metric") == "loss"))
    history = history.sort("epoch", maintain_order=True)
    splits = [name for name in LINES if name in history["split"].unique().to_list()]
    lines = [LossLine(LINES[name], history.filter(pl.col("split") == name)["value"].to_numpy()) for name in splits]
    if not lines or min(int(np.isfinite(line.values).sum()) for line in lines) < 2:
        return None
    epochs = np.sort(history["epoch"].unique().to_numpy()).astype(np.int64)
    return LossCurve(epochs, tuple(lines), "nat" if is_cross_entropy(subject) else "", shown)
