"""A chart as plain data: titles in two languages, axes with units, lines, points, bars, a surface or cells.

Whoever measures makes a Chart; whoever shows it decides how: the terminal (`chart_terminal.py`), a notebook, a report.

    >>> losses = Series(Words(en="loss", zh="损失"), x=(1, 2), y=(0.9, 0.4))
    >>> epochs = Axis(Words(en="epoch", zh="轮次"))
    >>> chart = Chart("curve", title=losses.words, x=epochs, y=Axis(losses.words, unit="nat"), series=(losses,))
    >>> chart.as_data()["y"]["unit"]
    'nat'

Not for drawing, nor for computing what is drawn.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from backlit.language import Words

Kind = Literal["line", "points", "bars"]
Numbers = Sequence[int | float] | np.ndarray


@dataclass(frozen=True)
class Axis:
    """What lies along one side of a chart.

    Attributes:
        words: What is measured.
        unit: Its unit; empty for plain numbers and shares.
        is_log: Whether equal steps are equal factors.
        labels: Names of the places 0, 1, 2, … where they are no numbers.
        is_whole: Whether only whole numbers make sense, as for epochs.
    """

    words: Words
    unit: str = ""
    is_log: bool = False
    labels: tuple[Words, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True)
class Series:
    """Numbers that belong together.

    Attributes:
        words: Its name in the legend.
        x: Along the first axis.
        y: Along the second; NaN leaves a gap.
        kind: How they are shown.
        lo: Lower end of the interval at each place, or empty.
        hi: Upper end of the interval at each place, or empty.
        spread: The axis along which `lo` and `hi` lie. Around a line they are a band, at points and bars a whisker.
    """

    words: Words
    x: Numbers
    y: Numbers
    kind: Kind = "line"
    lo: Numbers = ()
    hi: Numbers = ()
    spread: Literal["x", "y"] = "y"


@dataclass(frozen=True)
class Surface:
    """A height over a plane: drawn as shades between lines of equal height, or as cells that hold their number.

    Attributes:
        words: What the height is.
        x: Along the first axis, rising.
        y: Along the second axis, rising.
        height: One row for each y, one column for each x; NaN leaves a gap.
        unit: Of the height.
        form: `contours`, or `cells` where places between two values mean nothing.
        spec: Format of the number that a cell shows, such as `.2f`; empty for none.
        scale: Colours: `sequential` from low to high, `diverging` around zero, `classes` where heights are the numbers
            of classes.
    """

    words: Words
    x: np.ndarray
    y: np.ndarray
    height: np.ndarray
    unit: str = ""
    form: Literal["contours", "cells"] = "contours"
    spec: str = ""
    scale: Literal["sequential", "diverging", "classes"] = "sequential"


@dataclass(frozen=True)
class Chart:
    """One figure.

    Attributes:
        name: A kebab-case name, as the prose calls it.
        title: What it shows.
        x: The first axis.
        y: The second axis.
        series: Lines, points or bars; over the surface, if there is one.
        surface: A height over the plane, or None.
    """

    name: str
    title: Words
    x: Axis
    y: Axis
    series: tuple[Series, ...] = ()
    surface: Surface | None = None

    def as_data(self) -> dict[str, Any]:
        """The chart as JSON knows it: dicts, lists, numbers, text; a number that is not finite becomes None.

        Returns:
            The fields by name.
        """
        return _plain(asdict(self))


MOST_TICKS = 10


def whole_step(values: Numbers) -> int:
    """How far two ticks lie apart where only whole numbers make sense: 1, 2 or 5 times a power of ten.

    Args:
        values: What lies along the axis; what is not finite does not count.

    Returns:
        The step, at least 1, so that about ten ticks fit.

    Example:
        >>> whole_step([1, 4]), whole_step([1, 30]), whole_step([0, 400])
        (1, 5, 50)
    """
    numbers = np.asarray(values, float)
    numbers = numbers[np.isfinite(numbers)]
    extent = float(np.ptp(numbers)) if len(numbers) else 0.0
    step = 1
    while extent / step > MOST_TICKS:
        step = {"1": step * 2, "2": step * 5 // 2, "5": step * 2}[str(step)[0]]
    return step


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple | range):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
