"""Bars and intervals as rows of text: a name, a drawing, a number.

    width 16   ────●────          0.912
    width 64          ───●──      0.947

Not for curves (see `chart_terminal.py`).
"""

import numpy as np

from backlit.language import Language
from backlit.views.chart import Axis, Chart, Series
from backlit.views.terminal.columns import columns, cut, filled, in_rows

MOST_NAME = 28  # columns of a name
NUMBER = 11  # columns of a number and a blank before it
FILLS = "█▒░"
POINTS = "●×◆○▲■"


def axis_words(axis: Axis, language: Language) -> str:
    """What lies along an axis, with its unit.

    Args:
        axis: Which.
        language: In which language.

    Returns:
        Words.
    """
    return axis.words.say(language) + (f" [{axis.unit}]" if axis.unit else "")


def bar_rows(chart: Chart, *, language: Language, width: int) -> list[str]:
    """One line a bar; bars of the same place stand together; zero lies inside where signs differ.

    Args:
        chart: Of bars alone.
        language: Of names.
        width: Columns to fill.

    Returns:
        Lines.
    """
    places = _places(chart.x, chart.series, "x")
    names = [cut(_name(chart.x, place, language), MOST_NAME) for place in places]
    kinds = [cut(one.words.say(language), MOST_NAME - 2) for one in chart.series]
    left = max([columns(name) for name in names] + [columns(kind) + 2 for kind in kinds if len(kinds) > 1] or [1])
    known = [dict(zip(map(float, one.x), map(float, one.y), strict=True)) for one in chart.series]
    finite = [value for one in known for value in one.values() if np.isfinite(value)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    room = max(width - left - NUMBER - 2, 10)
    scale = room / ((high - low) or 1.0)
    zero = round(-low * scale)
    rows = [f"→ {axis_words(chart.y, language)}"]
    for place, name in zip(places, names, strict=True):
        if len(kinds) > 1:
            rows.append(name)
        for one, kind in enumerate(kinds):
            value = known[one].get(place, float("nan"))
            end = round((value - low) * scale) if np.isfinite(value) else zero
            first, last = min(zero, end), max(zero, end)
            bar = " " * first + FILLS[one % len(FILLS)] * max(last - first, int(np.isfinite(value)))
            label = f"  {kind}" if len(kinds) > 1 else name
            rows.append(f"{filled(label, left)} {bar.ljust(room)} {_number(value)}".rstrip())
    return rows


def interval_rows(chart: Chart, *, language: Language, width: int) -> list[str]:
    """One line a named row: points with their intervals, and a number; zero is marked where it lies inside.

    Args:
        chart: Whose second axis has names.
        language: Of names.
        width: Columns to fill.

    Returns:
        Lines.
    """
    names = [cut(words.say(language), MOST_NAME) for words in chart.y.labels]
    left = max(map(columns, names))
    room = max(width - left - NUMBER - 2, 10)
    ends = np.concatenate([_lifted(chart.x, values) for one in chart.series for values in (one.x, one.lo, one.hi)])
    ends = ends[np.isfinite(ends)]
    low, high = (ends.min(), ends.max()) if len(ends) else (0.0, 1.0)
    scale = (room - 1) / ((high - low) or 1.0)
    rows = []
    if len(chart.series) > 1:
        rows = in_rows(
            [f"{POINTS[i % len(POINTS)]} {one.words.say(language)}" for i, one in enumerate(chart.series)], width
        )
    has_zero = not chart.x.is_log and low < 0 < high
    for place, name in enumerate(names):
        line = [" "] * room
        if has_zero:
            line[round(-low * scale)] = "┊"
        shown = ""
        for i, one in enumerate(chart.series):
            for k in np.flatnonzero(np.round(np.asarray(one.y, float)) == place):
                shown = _number(float(np.asarray(one.x, float)[k]))
                _mark(line, chart.x, one, int(k), low, scale, POINTS[i % len(POINTS)])
        rows.append(f"{filled(name, left)} {''.join(line)} {shown}".rstrip())
    if len(ends):
        first, last = (f"{10**v:.3g}" if chart.x.is_log else f"{v:.3g}" for v in (low, high))
        rows.append(f"{'':>{left}} {first}{last.rjust(room - len(first))}")
    return [*rows, f"→ {axis_words(chart.x, language)}"]


def _mark(line: list[str], axis: Axis, one: Series, k: int, low: float, scale: float, point: str) -> None:
    """Puts one point and its interval on a line."""
    middle = _lifted(axis, one.x)[k]
    if one.spread == "x" and len(one.lo):
        lo, hi = (_lifted(axis, values)[k] for values in (one.lo, one.hi))
        if np.isfinite(lo) and np.isfinite(hi):
            for at in range(round((lo - low) * scale), round((hi - low) * scale) + 1):
                line[at] = "─"
    if np.isfinite(middle):
        line[round((middle - low) * scale)] = point


def _lifted(axis: Axis, values: object) -> np.ndarray:
    numbers = np.asarray(values, float)
    if not axis.is_log:
        return numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(numbers)


def _places(axis: Axis, series: tuple[Series, ...], side: str) -> list[float]:
    if axis.labels:
        return [float(i) for i in range(len(axis.labels))]
    return sorted({float(value) for one in series for value in getattr(one, side)})


def _name(axis: Axis, place: float, language: Language) -> str:
    return axis.labels[int(place)].say(language) if axis.labels else f"{place:.4g}"


def _number(value: float) -> str:
    return f"{value:>{NUMBER - 1}.4g}" if np.isfinite(value) else "–".rjust(NUMBER - 1)
