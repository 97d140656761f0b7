"""What a training needs to go on from where it was: a snapshot in memory and a checkpoint on disk are the same thing.

    checkpoint = trainer.checkpoint()
    again = Trainer(checkpoint.experiment, replace(ingredients, placements=checkpoint.placements))
    again.go_on(checkpoint.results, checkpoint.training)

Going on from it gives the bits that going on without a break would have given.

Not for how it is kept on disk (see `store/unfinished.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax

from backlit.engine.devices import Placement
from backlit.engine.experiment import Experiment
from backlit.engine.loop import GroupResult
from backlit.engine.plan import Group
from backlit.language import Text


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training between two chunks.

    Attributes:
        experiment: What is done, with all that was changed until then.
        groups: The groups that were begun.
        placements: Where their members lie.
        results: Of the groups that were finished.
        training: `Training.snapshot()` of the group in training; None between two groups.
        step: Steps of that group done.
        epoch: Epochs of that group done, with the fraction of the present one.
        n_epochs: Epochs of that group.
        n_groups: How many groups there are.
        notes: What was chosen for the user.
    """

    experiment: Experiment
    groups: tuple[Group, ...]
    placements: tuple[Placement, ...]
    results: tuple[GroupResult, ...]
    training: Mapping[str, Any] | None
    step: int
    epoch: float
    n_epochs: int
    n_groups: int
    notes: tuple[Text, ...]

    @property
    def number(self) -> int:
        """Number of the group in training, or of the one whose turn is next."""
        return len(self.results)

    @property
    def n_bytes(self) -> int:
        """Size of the group in training; the results of finished groups are shared."""
        return sum(leaf.nbytes for leaf in jax.tree.leaves(self.training))
