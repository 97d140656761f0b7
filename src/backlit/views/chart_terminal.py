"""A Chart as lines of text: plotext draws lines and points; what has names or numbers to be read is written in rows.

    lines, points           here, by plotext; NaN leaves a gap
    bars, named rows        `terminal/rows.py`: a bar or an interval a row, with its number
    cells with numbers      `terminal/cells.py`: a table
    other surfaces          here, as shades

Titles and legends stand outside the drawing, because Chinese characters take two columns and plotext counts one.

Not for deciding what is drawn (see `chart.py`).
"""

import math
from collections.abc import Iterator

import numpy as np

from backlit.language import Language
from backlit.views.chart import Axis, Chart, Series, Surface, whole_step
from backlit.views.terminal.cells import cell_rows
from backlit.views.terminal.columns import columns, in_rows
from backlit.views.terminal.rows import axis_words, bar_rows, interval_rows

HEIGHT = 16
MARKERS = ("●", "×", "◆", "○", "+", "▲", "■", "△", "☆")
_SHADES = " .:-=+*#%@"
_ON_SURFACE = ("●", "×", "○", "◆")


def draw_chart(chart: Chart, *, language: Language, width: int = 80) -> str:
    """Draws a chart.

    Args:
        chart: What to draw.
        language: Of title, axes and legend.
        width: Columns to fill, at least 40.

    Returns:
        Lines of text, none of the drawing wider than `width`.
    """
    head = [chart.title.say(language)]
    if chart.surface is not None and chart.surface.form == "cells" and chart.surface.spec:
        body = cell_rows(chart, chart.surface, language=language, width=width)
    elif chart.surface is not None:
        body = _shaded(chart, chart.surface, language, width)
    elif chart.series and all(one.kind == "bars" for one in chart.series):
        body = bar_rows(chart, language=language, width=width)
    elif chart.y.labels:
        body = interval_rows(chart, language=language, width=width)
    else:
        legend = [f"{_marker(i)} {one.words.say(language)}" for i, one in enumerate(chart.series)]
        head += in_rows([f"↑ {axis_words(chart.y, language)}", *legend], width)
        body = [
            *_lines(chart, language, width),
            f"→ {axis_words(chart.x, language)}",
            *_named(chart.x, language, width),
        ]
    return "\n".join([*head, *body])


def _marker(place: int) -> str:
    return MARKERS[place % len(MARKERS)]


def _lines(chart: Chart, language: Language, width: int) -> list[str]:
    """Lines and points, drawn by plotext; an interval is a thin line on each side, or a stroke through a point."""
    import plotext

    figure = plotext.figure
    figure.clear()
    for i, one in enumerate(chart.series):
        x, y = _on(chart.x, one.x), _on(chart.y, one.y)
        for first, last, mark in _strokes(chart, one, x, y):
            for run in _runs(first, last):
                figure.draw(figure.signal(first[run].tolist(), last[run].tolist(), marker=mark).lines())
        runs = list(_runs(x, y))
        for run in runs:
            signal = figure.signal(x[run].tolist(), y[run].tolist(), marker=_marker(i))
            figure.draw(signal.lines() if one.kind == "line" and len(x[run]) > 1 else signal)
    for name, axis in (("x", chart.x), ("y", chart.y)):
        if axis.labels:
            figure.ruler(name).ticks(list(range(len(axis.labels))), _tick_names(axis, language))
        elif axis.is_log:
            ticks = _decades([v for one in chart.series for v in (_on(axis, getattr(one, name)))])
            figure.ruler(name).ticks(ticks, [f"1e{tick:g}" for tick in ticks])
        elif axis.is_whole and chart.series:
            ticks = _whole_ticks(np.concatenate([np.asarray(getattr(one, name), float) for one in chart.series]))
            figure.ruler(name).ticks(ticks, [str(tick) for tick in ticks])
    figure.plot_size(width, HEIGHT)
    return str(plotext.uncolorize(figure.build())).rstrip("\n").split("\n")


def _strokes(chart: Chart, one: Series, x: np.ndarray, y: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
    """The intervals of a series as lines: two along a line, one through each point."""
    if not len(one.lo):
        return
    axis = chart.y if one.spread == "y" else chart.x
    lo, hi = _on(axis, one.lo), _on(axis, one.hi)
    if one.kind == "line":
        for values in (lo, hi):
            yield x, values, "·"
        return
    for i in range(len(x)):
        ends = np.array([lo[i], hi[i]])
        same = np.full(2, x[i] if one.spread == "y" else y[i])
        yield (same, ends, "│") if one.spread == "y" else (ends, same, "─")


def _runs(x: np.ndarray, y: np.ndarray) -> Iterator[slice]:
    """Stretches without a gap."""
    good = np.isfinite(x) & np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        yield slice(int(first), int(last))


def _whole_ticks(values: np.ndarray) -> list[int]:
    """Whole numbers along an axis that knows no others; the first place is one, because epochs begin at 1."""
    known = values[np.isfinite(values)]
    if not len(known):
        return [0]
    low, high, step = math.ceil(known.min()), math.floor(known.max()), whole_step(known)
    return sorted({low, *range(math.ceil((low + 1) / step) * step, high + 1, step)})


def _tick_names(axis: Axis, language: Language) -> list[str]:
    """Names at the ticks; numbers where a name has wide signs, which plotext would set one column off each."""
    names = [words.say(language) for words in axis.labels]
    return [str(i + 1) for i in range(len(names))] if _is_numbered(axis, language) else names


def _is_numbered(axis: Axis, language: Language) -> bool:
    return any(columns(words.say(language)) != len(words.say(language)) for words in axis.labels)


def _named(axis: Axis, language: Language, width: int) -> list[str]:
    """What the numbers at the ticks stand for."""
    if not axis.labels or not _is_numbered(axis, language):
        return []
    return in_rows([f"{i + 1} {words.say(language)}" for i, words in enumerate(axis.labels)], width)


def _on(axis: Axis, values: object) -> np.ndarray:
    """Values as they lie along an axis: their decimal logarithm where it is logarithmic."""
    numbers = np.asarray(values, float)
    if not axis.is_log:
        return numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(numbers)


def _decades(logs: list[float]) -> list[int]:
    finite = [v for v in logs if np.isfinite(v)]
    if not finite:
        return [0]
    low, high = int(np.floor(min(finite))), int(np.ceil(max(finite)))
    return list(range(low, high + 1, max(1, (high - low) // 8)))


def _shaded(chart: Chart, surface: Surface, language: Language, width: int) -> list[str]:
    """A surface as shades, dark where it is high, blank where nothing is known, with the series as marks over it."""
    n_columns = max(width - 12, 20)
    xs = np.linspace(surface.x[0], surface.x[-1], n_columns)
    ends = (surface.y[0], surface.y[-1]) if chart.y.labels else (surface.y[-1], surface.y[0])  # named rows go down
    ys = np.linspace(*ends, HEIGHT)
    nearest_x = np.abs(surface.x[None, :] - xs[:, None]).argmin(1)
    nearest_y = np.abs(surface.y[None, :] - ys[:, None]).argmin(1)
    known = np.isfinite(surface.height)
    if not known.any():
        return ["–"]
    heights = surface.height[nearest_y][:, nearest_x]
    levels = np.quantile(surface.height[known], np.linspace(0, 1, len(_SHADES) + 1)[1:-1])
    places = np.where(np.isfinite(heights), np.searchsorted(levels, heights), 0)
    cells = [[_SHADES[level] for level in row] for row in places]
    for i, one in enumerate(chart.series):
        for x, y in zip(*_dense(one), strict=True):
            if xs[0] <= x <= xs[-1] and min(ends) <= y <= max(ends):
                cells[int(np.abs(ys - y).argmin())][int(np.abs(xs - x).argmin())] = _ON_SURFACE[i % len(_ON_SURFACE)]
    ticks = {0: ys[0], HEIGHT // 2: ys[HEIGHT // 2], HEIGHT - 1: ys[-1]}
    rows = [
        f"{ticks[i]:>9.3g} ┤{''.join(row)}" if i in ticks else f"{'':>9} │{''.join(row)}" for i, row in enumerate(cells)
    ]
    low, high = f"{xs[0]:.3g}", f"{xs[-1]:.3g}"
    foot = f"{'':>11}{low}{high.rjust(n_columns - len(low))}"
    unit = f" [{surface.unit}]" if surface.unit else ""
    lowest = f"'{_SHADES[0]}' {surface.height[known].min():.3g}"
    highest = f"'{_SHADES[-1]}' {surface.height[known].max():.3g}"
    shade = f"{surface.words.say(language)}{unit}: {lowest} … {highest}"
    legend = [f"{_ON_SURFACE[i % len(_ON_SURFACE)]} {one.words.say(language)}" for i, one in enumerate(chart.series)]
    axes = [f"↑ {axis_words(chart.y, language)}", f"→ {axis_words(chart.x, language)}"]
    return [*in_rows([*axes, shade, *legend], width), *rows, foot]


def _dense(one: Series) -> tuple[list[float], list[float]]:
    """The marks of a series: its points; a line's points lie close enough together as they are."""
    return [float(v) for v in one.x], [float(v) for v in one.y]
