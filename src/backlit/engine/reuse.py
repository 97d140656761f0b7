"""Networks and programs that were compiled before, used again when only numbers differ.

Tracing and compiling take most of a short training. Two trainings share a program if their networks, losses, metrics,
optimisers, traced names and shapes of data are the same; seeds, rates, weights, rows and the number of epochs may
differ. Names of layers do not count, because Keras numbers them anew in every model.

What makes a program one of a kind is never shared: a loss or a layer that Keras cannot write down, layers that learn
from `adapt` (their statistics are constants in the program), frozen layers that hold weights.

Not for keeping programs between processes: JAX's compilation cache does that (see `devices.py`).
"""

import json
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import jax
import keras

from backlit.data import Dataset
from backlit.engine._keras_private import compile_arguments
from backlit.engine.adapted import is_adapted
from backlit.engine.clone import Recipe
from backlit.engine.experiment import Experiment
from backlit.engine.held import holds_weights
from backlit.engine.initialise import WeightSource
from backlit.engine.plan import Group
from backlit.engine.program import Program
from backlit.engine.template import Template

_NOT_OF_NETWORK = ("epochs", "batch_size", "n_rows", "n_held_out")  # parts of a group's structure
MOST_NETWORKS = 16  # a lesson or a trial walks through about as many structures


@dataclass
class Prepared:
    """A cloned, compiled network and what was made of it.

    Attributes:
        template: Its pure functions.
        source: Draws first weights.
        recipe: How it was compiled.
        programs: Training programs by shape and early-stopping rule.
        looks: Probes by shape and names.
        scoring: The compiled functions that score and predict, once somebody asked.
    """

    template: Template
    source: WeightSource
    recipe: Recipe
    programs: dict[Hashable, Program] = field(default_factory=dict)
    looks: dict[Hashable, Any] = field(default_factory=dict)
    scoring: Any = None


class Networks:
    """The networks prepared last, the one that was used longest ago leaving first."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Prepared] = OrderedDict()

    def find(self, key: str | None) -> Prepared | None:
        """The network of this key, if it is held.

        Args:
            key: From `network_key`.

        Returns:
            What was kept, or None.
        """
        if key is None or key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key]

    def keep(self, key: str | None, prepared: Prepared) -> None:
        """Holds a network for the next time.

        Args:
            key: From `network_key`; None holds nothing.
            prepared: The network.
        """
        if key is None:
            return
        self._held[key] = prepared
        while len(self._held) > MOST_NETWORKS:
            self._held.popitem(last=False)

    def forget(self) -> None:
        """Lets all of them go."""
        self._held.clear()


def network_key(experiment: Experiment, model: keras.Model, model_idx: int, group: Group, data: Dataset) -> str | None:
    """What two groups must have in common to share a network.

    Args:
        experiment: What to do.
        model: The group's live model.
        model_idx: Its number in the Experiment.
        group: Which members, and what they share.
        data: Shapes and task.

    Returns:
        A key, or None where the network is one of a kind.
    """
    config = experiment.models[model_idx].config
    if config is None or experiment.unwritable or any(is_adapted(layer) for layer in model._flatten_layers()):
        return None
    if (
        holds_weights(model)
        and experiment.weights == "drawn"
        and any(not each.trainable for each in model._flatten_layers(include_self=False))
    ):
        return None
    compiled = compile_arguments(model) if model.compiled else {}
    if compiled.get("weighted_metrics") is not None:
        return None
    optimizer = json.loads(json.dumps(experiment.optimizer))
    if optimizer is not None:
        traced = {"learning_rate", "name", *group.traced}
        optimizer["config"] = {
            name: value
            for name, value in optimizer["config"].items()
            if name not in traced or (name == "learning_rate" and isinstance(value, dict))
        }
    structure = {name: value for name, value in group.structure.items() if name not in _NOT_OF_NETWORK}
    return json.dumps(
        [
            _without_names(config),
            [experiment.loss, compiled.get("loss_weights"), experiment.metrics, optimizer, model.compiled],
            [structure, group.traced, experiment.weights],
            [data.input_shape, str(data.inputs.dtype), data.targets.shape[1:], str(data.targets.dtype)],
            [data.task, data.n_classes if data.task == "classification" else 0, data.is_one_hot],
            [keras.config.floatx(), bool(jax.config.read("jax_enable_x64")), str(keras.config.dtype_policy().name)],
        ],
        sort_keys=True,
        default=str,
    )


def _without_names(config: Any) -> Any:
    """A model's config with its names replaced by their order of appearance."""
    order: dict[str, str] = {}

    def walk(part: Any) -> Any:
        if isinstance(part, dict):
            if isinstance(part.get("name"), str):
                order.setdefault(part["name"], f"name {len(order)}")
            return {name: walk(value) for name, value in part.items() if name != "build_config"}
        if isinstance(part, list | tuple):
            return [walk(value) for value in part]
        return order.get(part, part) if isinstance(part, str) else part

    return walk(walk(config))
