"""What stands behind the options that `train` and the modes share, read: arguments of `load` and of `fit`.

    asked = read_words({"data": "digits", "epochs": "5", "learning_rate": "0.1,0.01", …})
    asked.fitting["learning_rate"]        [0.1, 0.01]

`mode_command` makes a command out of a mode's own options and those of `train`, so that an option is declared once.

Not for running anything: nothing heavy is imported here.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from backlit.backend import require_backend
from backlit.cli import _values
from backlit.cli._loading import loading

_NUMBERS = ("learning_rate", "momentum", "l1", "l2", "dropout", "weight_decay", "clipnorm")
_WHOLE = ("epochs", "batch_size", "seeds", "seed")


@dataclass(frozen=True)
class Asked:
    """What a command that trains was asked for.

    Attributes:
        source: The data as the user named them.
        loading: Arguments of `load`.
        model_words: What stood behind `--model`.
        fitting: Arguments of `fit`.
        varied: Lists by name for the building function.
        zipped_lists: Lists that vary side by side.
        save_model: Where to write the model, or None.
        is_quiet: Whether to print the score and the name only.
    """

    source: str
    loading: Mapping[str, Any]
    model_words: str | None
    fitting: Mapping[str, Any]
    varied: Mapping[str, list[Any]]
    zipped_lists: list[Mapping[str, list[Any]]]
    save_model: str | None
    is_quiet: bool


def read_words(words: Mapping[str, Any]) -> Asked:
    """Reads the words of a command line.

    Args:
        words: Name of each of `train`'s parameters to what the user wrote; those that a command lacks are missing.

    Returns:
        What was asked for.

    Raises:
        SettingError: If a word cannot be read.
    """
    numbers = {name: _values.numbers(_option(name), words.get(name)) for name in _NUMBERS}
    whole = {name: _values.numbers(_option(name), words.get(name), whole=True) for name in _WHOLE}
    others = dict(_values.named("--set", one) for one in words.get("set_") or [])
    known = {name: value for name, value in {**whole, **numbers}.items() if value is not None}
    varied = dict(_values.named("--vary", one) for one in words.get("vary") or [])
    return Asked(
        source=words["data"],
        loading=loading(
            target=words.get("target"),
            drop=words.get("drop"),
            task=words.get("task"),
            validation_split=words.get("validation_split"),
            test_split=words.get("test_split"),
            data_option=words.get("data_option"),
        ),
        model_words=words.get("model"),
        fitting={
            **known,
            **others,
            "early_stopping": _values.numbers("--early-stopping", words.get("early_stopping"), whole=True),
            "augment": _values.strengths("--augment", words.get("augment") or []) or None,
            "optimizer": _values.words_or_list(words.get("optimizer")),
            "loss": _values.words_or_list(words.get("loss")),
            **({"probes": True} if words.get("probes") else {}),
            "reinitialise": bool(words.get("reinitialise")),
            "save": not words.get("no_save"),
            "checkpoint_s": _values.seconds("--checkpoint", words.get("checkpoint")),
        },
        varied={name: value if isinstance(value, list) else [value] for name, value in varied.items()},
        zipped_lists=[_values.named_lists("--zip", one) for one in words.get("zip_") or []],
        save_model=words.get("save_model"),
        is_quiet=bool(words.get("quiet")),
    )


def mode_command(
    function: Callable[..., int],
    *,
    without: Collection[str] = (),
    defaults: Mapping[str, str] | None = None,
) -> Callable[..., int]:
    """A command with the options of a mode, and those of `train` that make sense for it.

    Args:
        function: Takes an `Asked`, and its own options by name.
        without: Parameters of `train` that the command does not have.
        defaults: Other defaults for parameters of `train`.

    Returns:
        What typer makes a command of: DATA, the mode's own options, those of `train`.
    """
    from backlit.cli.train import train

    changed = defaults or {}
    own = [one for one in inspect.signature(function).parameters.values() if one.name != "asked"]
    shared = [
        one.replace(default=changed.get(one.name, one.default))
        for one in inspect.signature(train).parameters.values()
        if one.name not in {*without, "probes"}  # a mode trains many networks, and shows none from inside
    ]
    parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (shared[0], *own, *shared[1:])]
    names = [one.name for one in own]

    def command(**words: Any) -> int:
        require_backend()  # before anything imports Keras
        mine = {name: words.pop(name) for name in names}
        return function(read_words(words), **mine)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": int}
    command.__signature__ = inspect.Signature(parameters, return_annotation=int)  # typer reads it
    return command


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
