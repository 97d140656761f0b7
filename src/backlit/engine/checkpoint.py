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
import numpy as np

from backlit.engine.devices import Placement
from backlit.engine.experiment import Experiment
from backlit.engine.plan import Group
from backlit.engine.result import GroupResult
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

    def weights(self, member: int) -> list[np.ndarray] | None:
        """The weights of a member at that moment.

        Args:
            member: Its number in the Experiment.

        Returns:
            Arrays, trainable first, then the others, as `Run.weights` gives them; None if its group had not begun.
        """
        for number, group in enumerate(self.groups):
            if member not in group.members:
                continue
            place = group.members.index(member)
            if number < len(self.results):
                arrays = self.results[number].kept
            elif self.training is None:
                return None
            else:
                arrays = self.training["state"]
                lies_at = (self.training["member_of_slot"] == place) & ~self.training["is_idle"]
                (place,) = np.flatnonzero(lies_at)
            return [np.array(leaf[place]) for part in ("trainable", "non_trainable") for leaf in arrays[part]]
        return None
