"""What all modes read alike: the data as `fit` would take them, which arguments go on to `fit`, who watches.

Not for what the arguments mean (see `fitting.py`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backlit.backend import require_backend
from backlit.data import Dataset
from backlit.errors import DataError, SettingError
from backlit.fitting import dataset_for
from backlit.language import Text, text, verbatim
from backlit.run import Run

_OF_THE_DATA = ("validation_split", "validation_data", "sample_weight")
_NO_AXES = (*_OF_THE_DATA, "probes", "metrics", "vary", "augment")  # lists here are no settings


def read_data(data: Any, arguments: Mapping[str, Any]) -> tuple[Dataset, dict[str, Any]]:
    """The data set that `fit` would train on, and the arguments that are left for `fit`.

    Args:
        data: As for `fit`.
        arguments: Of `fit`; those that concern the data are used up here.

    Returns:
        The data set and the other arguments.

    Raises:
        BacklitError: If the data are not right.
    """
    require_backend()
    own = {name: arguments.get(name) for name in _OF_THE_DATA}
    left = {name: value for name, value in arguments.items() if name not in _OF_THE_DATA}
    return dataset_for(data, **own), left


def watched(arguments: Mapping[str, Any], *, verbose: bool) -> dict[str, Any]:
    """Arguments of one `fit` among several: it prints nothing of its own but a line when one has to wait.

    Args:
        arguments: Of `fit`.
        verbose: Whether to say how far it is.

    Returns:
        Arguments of `fit`.
    """
    if verbose and arguments.get("on_progress") is None:
        from rich.console import Console

        from backlit.views.terminal.progress import LateProgress

        return {**arguments, "verbose": False, "on_progress": LateProgress(Console())}
    return {**arguments, "verbose": False}


def setting_names(run: Run, *, without: tuple[str, ...]) -> list[str]:
    """Names in which members differ beyond the seed and what a mode itself deals out.

    Args:
        run: Any.
        without: Names of the mode's own axes.

    Returns:
        The names, in the order of the axes.
    """
    return [name for name in run.axes if name != "seed" and name not in without]


def require_no_lists(arguments: Mapping[str, Any], *, what: Text) -> None:
    """Refuses lists of settings before anything is trained.

    Args:
        arguments: Of `fit`.
        what: What is to be done.

    Raises:
        SettingError: If an argument would make an axis.
    """
    lists = [
        name
        for name, value in arguments.items()
        if (name in ("vary", "rows", "start_from") and value is not None)
        or (name not in _NO_AXES and isinstance(value, list | tuple | range))
    ]
    if lists:
        raise SettingError(
            "mode-one-setting",
            what=what,
            expected=text("one value for each setting"),
            received=text("several of `{name}`", name=lists[0]),
            fix=text("Find the best value first: `bl.search(model, data, space={{…}})`."),
        )


def require_judges(data: Dataset, *, what: Text) -> None:
    """Refuses data without validation rows.

    Args:
        data: Any.
        what: What is to be done.

    Raises:
        DataError: If there are none.
    """
    if not len(data.splits.validation):
        raise DataError(
            "mode-validation",
            what=what,
            expected=text("validation rows, which judge"),
            received=text("none"),
            fix=text("Give `validation_split=0.2` or `validation_data=(X, y)`."),
        )


def require_whole(name: str, value: Any, *, least: int, what: Text) -> int:
    """A whole number that is large enough.

    Args:
        name: Of the argument.
        value: What was given.
        least: Smallest that makes sense.
        what: What is to be done.

    Returns:
        The number.

    Raises:
        SettingError: If it is none, or too small.
    """
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or value < least:
        raise SettingError(
            "mode-count",
            what=what,
            expected=text("`{name}`, a whole number of at least {least}", name=name, least=least),
            received=verbatim(repr(value)),
            fix=text("Write for example `{name}={example}`.", name=name, example=max(least, 5)),
        )
    return int(value)


def first_seeds(seeds: Any, seed: Any, *, what: Text) -> list[int]:
    """The seeds that `seeds` and `seed` of `fit` mean, as a list.

    Args:
        seeds: How many, or which.
        seed: The first.
        what: What is to be done.

    Returns:
        At least one seed.

    Raises:
        SettingError: If it is not such a number or list.
    """
    if isinstance(seeds, list | tuple | range) and len(seeds):
        return [require_whole("seeds", one, least=0, what=what) for one in seeds]
    first = require_whole("seed", seed, least=0, what=what)
    return list(range(first, first + require_whole("seeds", seeds, least=1, what=what)))
