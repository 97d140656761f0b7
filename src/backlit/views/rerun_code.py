"""Python that trains a run again, and what that code cannot bring along.

    import backlit as bl
    import keras

    data = bl.load("digits")
    model = keras.Sequential([…])
    run = bl.fit(model, data, epochs=10, learning_rate=[0.1, 0.01], seeds=5)

On the same machine and versions this gives the same bits. What Keras cannot write, rows that are only in memory, and
weights that came from elsewhere are named in `missing`; the store's own `backlit rerun` needs none of them again.

Not for training: nothing is run here.
"""

import json
from dataclasses import dataclass
from typing import Any

from backlit.data.augment import PREFIX
from backlit.data.augment import SETTINGS as AUGMENT
from backlit.engine.experiment import Axis, Experiment
from backlit.engine.probes import chosen_probes
from backlit.language import Text, listed, text, verbatim
from backlit.measure.subject import AbstractSubject
from backlit.models.as_code import model_code, object_code, quoted


@dataclass(frozen=True)
class RerunCode:
    """Code, and what it lacks.

    Attributes:
        python: Lines of Python.
        missing: What has to be put in by hand before it gives the same run; empty if nothing.
        command: The command line that reruns the stored run, or empty.
    """

    python: str
    missing: tuple[Text, ...]
    command: str


def rerun_code(subject: AbstractSubject) -> RerunCode:
    """Writes the code that trains a run again.

    Args:
        subject: The run.

    Returns:
        The code.
    """
    experiment = subject.experiment
    missing: list[Text] = []
    body = [_data_line(experiment, missing), f"model = {_model(experiment, missing)}", _fit(experiment, missing)]
    head = ["import backlit as bl  # before keras, whose backend it chooses"]
    if any("json.loads(" in part for part in body):
        head.insert(0, "import json\n")
    if any("keras." in part for part in body):
        head.append("import keras")
    command = f"backlit rerun {subject.id}" if subject.id else ""
    return RerunCode("\n".join([*head, "", *body]), tuple(missing), command)


def _data_line(experiment: Experiment, missing: list[Text]) -> str:
    recipe = experiment.data.recipe
    if recipe is None:
        missing.append(
            text(
                "the rows of `{name}`, which were given as arrays; their digest is {digest}",
                name=experiment.data.name,
                digest=experiment.data.digest[:12],
            )
        )
        return "data = bl.load((inputs, targets))"
    given = "".join(f", {name}={quoted(value)}" for name, value in recipe["options"].items())
    return f"data = bl.load({quoted(str(recipe['source']))}{given})"


def _model(experiment: Experiment, missing: list[Text]) -> str:
    first = experiment.models[0]
    if first.config is None or first.arguments:
        missing.append(text("the function that builds the model, or a class of its own that Keras cannot write"))
    if first.config is None:
        return "build_model()"
    if experiment.weights == "kept":
        missing.append(text("the weights that the model had when it was given; `reinitialise=True` draws others"))
    if experiment.weights == "continued":
        missing.append(text("the run whose weights training went on with (`start_from=`)"))
    return model_code(first.config)


def _fit(experiment: Experiment, missing: list[Text]) -> str:
    """The call of `fit`: what differs from its defaults, one argument a line where there are many."""
    given: dict[str, str] = {}
    axes = [axis for axis in experiment.axes if axis.names != ("seed",)]
    if experiment.dealt:
        axes = [axis for axis in axes if axis.names != experiment.dealt]
        missing.append(text("how rows were dealt out to the members (`rows=`)"))
    names = {name for axis in experiment.axes for name in axis.names}
    if "epochs" not in names:
        given["epochs"] = str(experiment.epochs)
    if "batch_size" not in names:
        given["batch_size"] = str(experiment.batch_size)
    given |= _settings(experiment)
    given |= _axes(axes)
    for name, module in (("optimizer", "optimizers"), ("loss", "losses"), ("metrics", "metrics")):
        config = getattr(experiment, name)
        if config and name not in names:
            given[name] = object_code(config, module)
    for axis in experiment.axes:
        if axis.names == ("seed",):
            given["seeds"] = _seeds([int(point[0]) for point in axis.points])
    if experiment.weights == "drawn" and "seeds" not in given and _is_built(experiment):
        given["reinitialise"] = "True"  # else `fit` keeps the weights that Keras drew when the model was built
    if experiment.early_stopping is not None:
        rule = experiment.early_stopping.model_dump(exclude_defaults=True)
        given["early_stopping"] = f"bl.EarlyStopping({', '.join(f'{name}={quoted(v)}' for name, v in rule.items())})"
    if experiment.class_weight is not None:
        given["class_weight"] = quoted(experiment.class_weight)
    if not experiment.shuffle:
        given["shuffle"] = "False"
    if experiment.probes:
        is_all = set(experiment.probes) == {probe.name for probe in chosen_probes(True)}
        given["probes"] = "True" if is_all else quoted(list(experiment.probes))
    if experiment.changes or experiment.stopped:
        missing.append(text("what was changed or stopped by hand while it trained"))
    if experiment.unwritable:
        missing.append(text("what Keras cannot write: {what}", what=listed(map(verbatim, experiment.unwritable))))
    arguments = ["model", "data", *(f"{name}={value}" for name, value in given.items())]
    line = f"run = bl.fit({', '.join(arguments)})"
    if len(line) <= 88 and "\n" not in line:
        return line
    return "\n".join(["run = bl.fit(", *(f"    {argument}," for argument in arguments), ")"])


def _is_built(experiment: Experiment) -> bool:
    """Whether the first model has weights before `fit` sees it, because it says what it takes in."""
    return '"InputLayer"' in json.dumps(experiment.models[0].config)


def _settings(experiment: Experiment) -> dict[str, str]:
    augment = {name.removeprefix(PREFIX): v for name, v in experiment.settings.items() if name in AUGMENT}
    given = {
        name: f"keras.optimizers.schedules.deserialize({quoted(value)})" if isinstance(value, dict) else quoted(value)
        for name, value in experiment.settings.items()
        if name not in AUGMENT
    }
    return {**given, **({"augment": quoted(augment)} if augment else {})}


def _axes(axes: list[Axis]) -> dict[str, str]:
    """Lists by name; `vary` where names are paired, because then the order of the axes has to be said."""
    lists = [{name: [point[i] for point in axis.points] for i, name in enumerate(axis.names)} for axis in axes]
    augmented = {name for one in lists for name in one} & set(AUGMENT)
    if not augmented and all(len(one) == 1 and not _has_configs(one) for one in lists):
        return {name: quoted(values) for one in lists for name, values in one.items()}
    parts = [
        f"bl.zipped({', '.join(f'{name}={quoted(v)}' for name, v in one.items())})" if len(one) > 1 else quoted(one)
        for one in lists
    ]
    return {"vary": f"[{', '.join(parts)}]"}


def _has_configs(lists: dict[str, list[Any]]) -> bool:
    return any(isinstance(value, dict) for values in lists.values() for value in values)


def _seeds(seeds: list[int]) -> str:
    return str(len(seeds)) if seeds == list(range(len(seeds))) and len(seeds) > 1 else str(seeds)
