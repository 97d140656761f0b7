"""First weights that members take from the members of another run: a stage after a stage.

A member's weights are written in the order of its layers, whether they learn or not, so that a layer which is frozen in
one stage and learns in the next finds its own. Weights alone are taken: the optimiser, and the random generators of
dropout, start as the member's seed says.

Not for weights that a given model holds (see `held.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backlit.engine.experiment import Experiment
from backlit.engine.plan import Group
from backlit.engine.template import Template
from backlit.errors import ModelError, SettingError
from backlit.language import text

Weights = list[np.ndarray]


def weights_by_layer(template: Template, arrays: Mapping[str, Sequence[np.ndarray]], place: int) -> Weights:
    """The weights of one member in the order of its layers.

    Args:
        template: The network's pure functions.
        arrays: `trainable` and `non_trainable`, lists of (member, …) arrays.
        place: The member's place in its group.

    Returns:
        One array a weight.
    """
    return [np.array(arrays[part][i][place]) for part, i in _places(template)]


def state_from(template: Template, weights: Weights) -> dict[str, list[np.ndarray]]:
    """A member's state with weights that another member had.

    Args:
        template: The network's pure functions.
        weights: From `weights_by_layer` of a network with the same layers.

    Returns:
        The state, as `Template.state`.
    """
    state = template.state()
    for (part, i), value in zip(_places(template), weights, strict=True):
        state[part][i] = np.asarray(value, state[part][i].dtype)
    return state


def require_count(weights: Sequence[Weights], experiment: Experiment) -> None:
    """Raise unless there are weights for every member.

    Args:
        weights: From `weights_by_layer`, one for each member.
        experiment: What to do.

    Raises:
        SettingError: If there are more or fewer.
    """
    if len(weights) != experiment.n_members:
        raise SettingError(
            "start-from-members",
            what=text("Reading `start_from`"),
            expected=text("a run of {n} members, as many as are to be trained", n=experiment.n_members),
            received=text("{n} members", n=len(weights)),
            fix=text("Give the same axes again, or choose members of that run: `start_from=[run[0], run[3]]`."),
        )


def require_fitting(weights: Sequence[Weights], group: Group, template: Template) -> None:
    """Raise unless the weights fit the network of a group.

    Args:
        weights: From `weights_by_layer`, one for each member of the population.
        group: Which members.
        template: Their network's pure functions.

    Raises:
        ModelError: If a shape differs.
    """
    state = template.state()
    shapes = [state[part][i].shape for part, i in _places(template)]
    for member in group.members:
        found = [value.shape for value in weights[member]]
        if found != shapes:
            raise ModelError(
                "start-from-shapes",
                what=text("Starting member {member} from the weights of another run", member=member),
                expected=text("weights of the shapes {shapes}", shapes=_shown(shapes)),
                received=text("{shapes}", shapes=_shown(found)),
                fix=text("Use a model with the same layers; which of them learn may differ."),
            )


def _places(template: Template) -> list[tuple[str, int]]:
    """For each weight in the order of the layers: the list that holds it, and its place there."""
    model, places = template.model, {}
    for part, variables in (
        ("trainable", model.trainable_variables),
        ("non_trainable", model.non_trainable_variables),
    ):
        places |= {id(variable): (part, i) for i, variable in enumerate(variables)}
    ordered: list[tuple[str, int]] = [places[id(variable)] for variable in model.variables]
    return [(part, i) for part, i in ordered if part == "trainable" or i not in template.seed_idxs]


def _shown(shapes: Sequence[Any]) -> str:
    return ", ".join(map(str, shapes[:8])) + (", …" if len(shapes) > 8 else "")
