"""What trained members make of any rows: losses, metrics, predictions; and their ordinary Keras models.

A stored run has no program left; `Scorer` needs only the Experiment, its Ingredients and the members' weights.

Not for training (see `program.py`).
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from backlit.engine.experiment import Experiment
from backlit.engine.plan import Group
from backlit.engine.prepare import Ingredients, member_settings, prepare_group, prepared_group
from backlit.engine.program import EVALUATION_BATCH, score_rows
from backlit.engine.result import GroupResult
from backlit.engine.rows import held_out_rows
from backlit.engine.template import LEARNING_RATE, Template


class Scorer:
    """Scores the members of one group.

    Args:
        experiment: What was done.
        ingredients: The data and the live models.
        group: Which members.
        result: Their weights.

    Attributes:
        experiment: What was done.
        group: Which members.
    """

    def __init__(self, experiment: Experiment, ingredients: Ingredients, group: Group, result: GroupResult) -> None:
        self.experiment, self.group = experiment, group
        self._ingredients, self._result = ingredients, result
        network = prepared_group(experiment, ingredients, group)
        if network.scoring is None:
            network.scoring = _Functions(network.template)
        self._functions: _Functions = network.scoring
        floatx = keras.config.floatx()
        own = [member_settings(experiment, idx) for idx in group.members]
        self._settings = {name: np.array([values[name] for values in own], floatx) for name in group.traced}

    def score(
        self, inputs: np.ndarray, targets: np.ndarray, *, places: Sequence[int] | None = None
    ) -> dict[str, np.ndarray]:
        """Loss and metrics of members.

        Args:
            inputs: Any rows.
            targets: Their targets.
            places: Which members, by their places in the group; None scores all of them.

        Returns:
            Name to one value for each of them.
        """
        rows = held_out_rows(inputs, targets)
        members = {**self._result.kept, "settings": self._settings}
        if places is not None:
            members = jax.tree.map(lambda leaf: np.asarray(leaf)[list(places)], members)
        return {name: np.asarray(values) for name, values in self._functions.score(members, rows).items()}

    def predict(self, place: int, inputs: np.ndarray) -> np.ndarray:
        """One member's predictions.

        Args:
            place: Its place in the group.
            inputs: Any rows.

        Returns:
            One prediction for each row.
        """
        weights = [[leaf[place] for leaf in self._result.kept[part]] for part in ("trainable", "non_trainable")]
        rows = held_out_rows(inputs, inputs)["inputs"]
        starts = range(0, len(rows), EVALUATION_BATCH)
        parts = [self._functions.predict(*weights, rows[i : i + EVALUATION_BATCH]) for i in starts]
        return np.concatenate([np.asarray(part) for part in parts])

    def model(self, place: int) -> keras.Model:
        """One member as an ordinary compiled Keras model of its own.

        Args:
            place: Its place in the group.

        Returns:
            A new model, with the member's weights, optimiser state and learning rate.
        """
        template, _, _ = prepare_group(self.experiment, self._ingredients, self.group)
        model = template.model
        for part, variables in (
            ("trainable", model.trainable_variables),
            ("non_trainable", model.non_trainable_variables),
        ):
            for variable, values in zip(variables, self._result.kept[part], strict=True):
                variable.assign(values[place])
        if self._result.optimizer:
            for variable, values in zip(model.optimizer.variables, self._result.optimizer, strict=True):
                variable.assign(values[place])
        own = member_settings(self.experiment, self.group.members[place])
        for name in self.group.traced:
            if name == LEARNING_RATE:
                model.optimizer.learning_rate = own[name]
            elif hasattr(model.optimizer, name):
                setattr(model.optimizer, name, own[name])
        template.set_dropout(own.get("dropout"))
        return model


class _Functions:
    """The compiled functions of one network that score and predict; shared by all runs of the network."""

    def __init__(self, template: Template) -> None:
        metrics = [np.zeros_like(value) for value in template.state()["metrics"]]

        def one(member: dict[str, Any], rows: dict[str, jax.Array]) -> dict[str, jax.Array]:
            return score_rows(template, member | {"metrics": [jnp.asarray(leaf) for leaf in metrics]}, rows)

        self.score = jax.jit(lambda members, rows: jax.lax.map(lambda member: one(member, rows), members))
        self.predict = jax.jit(template.predict)
