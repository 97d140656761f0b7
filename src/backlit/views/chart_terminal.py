"""A Chart as lines of text: plotext draws lines, points and bars; a surface is shaded with characters.

Titles and legends stand outside the drawing, because Chinese characters take two columns and plotext counts one.

Not for deciding what is drawn (see `chart.py`).
"""

import numpy as np

from backlit.language import Language
from backlit.views.chart import Axis, Chart, Series, Surface

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
        Lines of text, none wider than `width`.
    """
    head = [chart.title.say(language)]
    if chart.surface is not None:
        body = _shaded(chart, chart.surface, language, width)
    elif chart.series and chart.series[0].kind == "bars":
        body = _bars(chart, language, width)
    else:
        legend = [f"{MARKERS[i]} {one.words.say(language)}" for i, one in enumerate(chart.series)]
        head += _in_rows([f"↑ {_axis_words(chart.y, language)}", *legend], width)
        body = [*_lines(chart, width), f"→ {_axis_words(chart.x, language)}"]
    return "\n".join([*head, *body])


def _axis_words(axis: Axis, language: Language) -> str:
    return axis.words.say(language) + (f" [{axis.unit}]" if axis.unit else "")


def _lines(chart: Chart, width: int) -> list[str]:
    """Lines and points, drawn by plotext; an interval is a thin line on each side."""
    import plotext

    figure = plotext.figure
    figure.clear()
    for i, one in enumerate(chart.series):
        x, y = _on(chart.x, one.x), _on(chart.y, one.y)
        good = np.isfinite(x) & np.isfinite(y)
        if good.any():
            for values in (_on(chart.y, one.lo), _on(chart.y, one.hi)) if len(one.lo) else ():
                inside = good & np.isfinite(values)
                figure.draw(figure.signal(x[inside].tolist(), values[inside].tolist(), marker="·").lines())
            signal = figure.signal(x[good].tolist(), y[good].tolist(), marker=MARKERS[i])
            figure.draw(signal.lines() if one.kind == "line" else signal)
    for name, axis in (("x", chart.x), ("y", chart.y)):
        if axis.labels:
            figure.ruler(name).ticks(list(range(len(axis.labels))), [words.en for words in axis.labels])
        elif axis.is_log:
            ticks = _decades([v for one in chart.series for v in (_on(axis, getattr(one, name)))])
            figure.ruler(name).ticks(ticks, [f"1e{tick:g}" for tick in ticks])
    figure.plot_size(width, HEIGHT)
    return str(plotext.uncolorize(figure.build())).rstrip("\n").split("\n")


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


def _bars(chart: Chart, language: Language, width: int) -> list[str]:
    """One line a bar; bars of the same place stand together; zero lies inside where signs differ."""
    names = [words.say(language) for words in chart.x.labels]
    kinds = [one.words.say(language) for one in chart.series]
    left = max([_columns(name) for name in names] + [_columns(kind) + 2 for kind in kinds if len(kinds) > 1] or [1])
    values = np.array([np.asarray(one.y, float) for one in chart.series])
    low, high = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(values)))
    room = max(width - left - 14, 10)
    scale = room / ((high - low) or 1.0)
    zero = round(-low * scale)
    rows = [f"→ {_axis_words(chart.y, language)}"]
    for place, name in enumerate(names):
        if len(kinds) > 1:
            rows.append(name)
        for one, kind in enumerate(kinds):
            value = values[one, place]
            end = round((value - low) * scale) if np.isfinite(value) else zero
            first, last = min(zero, end), max(zero, end)
            bar = " " * first + ("█▒░"[one % 3]) * max(last - first, 1)
            label = f"  {kind}" if len(kinds) > 1 else name
            rows.append(f"{label}{' ' * (left - _columns(label))} {bar.ljust(room)} {value:>10.4g}".rstrip())
    return rows


def _shaded(chart: Chart, surface: Surface, language: Language, width: int) -> list[str]:
    """A surface as shades, dark where it is high, with the series as marks over it."""
    columns = max(width - 12, 20)
    xs = np.linspace(surface.x[0], surface.x[-1], columns)
    ys = np.linspace(surface.y[-1], surface.y[0], HEIGHT)
    nearest_x = np.abs(surface.x[None, :] - xs[:, None]).argmin(1)
    nearest_y = np.abs(surface.y[None, :] - ys[:, None]).argmin(1)
    heights = surface.height[nearest_y][:, nearest_x]
    levels = np.quantile(surface.height, np.linspace(0, 1, len(_SHADES) + 1)[1:-1])
    cells = [[_SHADES[level] for level in row] for row in np.searchsorted(levels, heights)]
    for i, one in enumerate(chart.series):
        for x, y in zip(*_dense(one), strict=True):
            if xs[0] <= x <= xs[-1] and ys[-1] <= y <= ys[0]:
                cells[int(np.abs(ys - y).argmin())][int(np.abs(xs - x).argmin())] = _ON_SURFACE[i % len(_ON_SURFACE)]
    ticks = {0: ys[0], HEIGHT // 2: ys[HEIGHT // 2], HEIGHT - 1: ys[-1]}
    rows = [
        f"{ticks[i]:>9.3g} ┤{''.join(row)}" if i in ticks else f"{'':>9} │{''.join(row)}" for i, row in enumerate(cells)
    ]
    low, high = f"{xs[0]:.3g}", f"{xs[-1]:.3g}"
    foot = f"{'':>11}{low}{high.rjust(columns - len(low))}"
    unit = f" [{surface.unit}]" if surface.unit else ""
    lowest, highest = f"'{_SHADES[0]}' {surface.height.min():.3g}", f"'{_SHADES[-1]}' {surface.height.max():.3g}"
    shade = f"{surface.words.say(language)}{unit}: {lowest} … {highest}"
    legend = [f"{_ON_SURFACE[i % len(_ON_SURFACE)]} {one.words.say(language)}" for i, one in enumerate(chart.series)]
    axes = [f"↑ {_axis_words(chart.y, language)}", f"→ {_axis_words(chart.x, language)}"]
    return [*_in_rows([*axes, shade, *legend], width), *rows, foot]


def _in_rows(words: list[str], width: int) -> list[str]:
    """Legend entries side by side as far as a line goes."""
    rows = [words[0]]
    for one in words[1:]:
        if _columns(rows[-1]) + 3 + _columns(one) <= width:
            rows[-1] += f"   {one}"
        else:
            rows.append(one)
    return rows


def _dense(one: Series) -> tuple[list[float], list[float]]:
    """The marks of a series: its points; a line's points lie close enough together as they are."""
    return [float(v) for v in one.x], [float(v) for v in one.y]


def _columns(words: str) -> int:
    from rich.cells import cell_len

    return cell_len(words)
