"""How a run was made, in pairs of a name and a value: data, optimiser, loss, epochs, what varied, time.

For the head of a report and for the terminal. Not for what came out.
"""

from typing import Any

from backlit.language import Text, text, verbatim
from backlit.measure.subject import AbstractSubject
from backlit.views.terminal.words import seconds

MOST_VALUES = 8  # of an axis are written out


def settings_of(subject: AbstractSubject) -> list[tuple[Text, Text]]:
    """How a run was made.

    Args:
        subject: Any run.

    Returns:
        Name and value, in the order to show.
    """
    experiment = subject.experiment
    loss = _name_of(experiment.loss)
    pairs = [
        (text("data"), verbatim(_data_words(subject))),
        (text("optimiser"), verbatim(_optimizer_words(subject))),
        (text("loss"), verbatim(loss) if loss else text("by the task")),
        (text("epochs"), verbatim(experiment.epochs)),
        (text("batch size"), verbatim(experiment.batch_size)),
    ]
    pairs += [(verbatim(name), verbatim(short_setting(value))) for name, value in experiment.settings.items()]
    for axis in experiment.axes:
        for place, name in enumerate(axis.names):
            values = list(dict.fromkeys(point[place] for point in axis.points))
            shown = ", ".join(short_setting(value) for value in values[:MOST_VALUES])
            pairs.append((verbatim(name), verbatim(shown + (", …" if len(values) > MOST_VALUES else ""))))
    if experiment.early_stopping is not None:
        rule = experiment.early_stopping
        words = text("after {n} epochs without better `{monitor}`", n=rule.patience, monitor=rule.monitor)
        pairs.append((text("early stopping"), words))
    pairs.append((text("members"), verbatim(len(subject))))
    words = text(
        "compiling {compile}, training {run}, {rate:,.0f} samples/s",
        compile=seconds(subject.compile_s),
        run=seconds(subject.run_s),
        rate=subject.samples_per_s,
    )
    pairs.append((text("time"), words))
    return pairs


def short_setting(value: Any) -> str:
    """The value of a setting as people write it.

    Args:
        value: Any.

    Returns:
        Words; a long config, such as that of a schedule, by its class.

    Example:
        >>> short_setting(0.1), short_setting({"class_name": "CosineDecay", "config": {}})
        ('0.1', 'CosineDecay')
    """
    if isinstance(value, dict) and "class_name" in value:
        return str(value["class_name"])
    return f"{value:g}" if isinstance(value, float) else str(value)


def _data_words(subject: AbstractSubject) -> str:
    spec = subject.experiment.data
    source = str(spec.recipe["source"]) if spec.recipe else ""
    return spec.name if source in ("", spec.name) else f"{spec.name} ({source})"


def _optimizer_words(subject: AbstractSubject) -> str:
    config = (subject.experiment.optimizer or {}).get("config", {})
    rate = config.get("learning_rate", 0.001)
    name = str(config.get("name", "adam"))
    is_set = "learning_rate" in {*subject.experiment.settings, *subject.axes}
    return name if is_set or isinstance(rate, dict) else f"{name}, learning_rate {float(rate):.4g}"


def _name_of(config: Any) -> str:
    if isinstance(config, dict):
        return str(config.get("config", {}).get("name") or config.get("class_name", ""))
    return str(config or "")
