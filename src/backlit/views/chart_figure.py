"""A Chart as a Plotly figure: for notebooks, reports and the lab.

    figure = draw_figure(chart, language="zh", theme="dark")

Not for terminals (see `chart_terminal.py`), nor for deciding what is drawn (see `chart.py`).
"""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from backlit.language import Language
from backlit.views.chart import Axis, Chart, Series, Surface, whole_step
from backlit.views.theme import COLOURS, DASHES, DIVERGING, GROUND, SEQUENTIAL, SYMBOLS, Theme, faded, template

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_MARKED = 40  # a line of more places is drawn without marks
MOST_LEGEND = 1280  # pixels: what two rows above a chart hold of names; more stand at its side, one below the other
SIDE_LEGEND = {
    "orientation": "v",
    **{"x": 1.02, "xanchor": "left", "y": 1.0, "yanchor": "top"},
    "font": {"size": 11},
    "tracegroupgap": 0,
}


def draw_figure(chart: Chart, *, language: Language, theme: Theme = "light") -> "go.Figure":
    """Draws a chart with Plotly.

    Args:
        chart: What to draw.
        language: Of title, axes and legend.
        theme: For a light or a dark ground.

    Returns:
        A figure that can be edited, shown in a notebook, or written to a file.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    if chart.surface is not None:
        figure.add_trace(_surface(chart, chart.surface, language, theme))
    for place, series in enumerate(chart.series):
        colour = COLOURS[theme][place % len(COLOURS[theme])]
        if len(series.lo) and series.kind == "line":
            figure.add_trace(_band(series, colour))
        figure.add_trace(_trace(chart, series, language, theme, place))
    figure.update_layout(
        template=template(theme),
        title={"text": chart.title.say(language)},
        xaxis=_axis(chart, "x", language),
        yaxis=_axis(chart, "y", language),
        showlegend=len(chart.series) > 1 or (chart.surface is not None and bool(chart.series)),
        barmode="group",
        meta={"description": describe(chart, language)},
    )
    if has_side_legend(chart):
        figure.update_layout(legend=SIDE_LEGEND)
    return figure


def has_side_legend(chart: Chart) -> bool:
    """Whether a chart has so many names that its legend stands at the side.

    Args:
        chart: What is drawn.

    Returns:
        True where two rows above the chart do not hold the names in either language.
    """
    from rich.cells import cell_len

    if chart.surface is not None:  # the colour bar stands there
        return False
    names = [max(cell_len(one.words.en), cell_len(one.words.zh)) for one in chart.series]
    return len(names) > 1 and sum(36 + 8 * n for n in names) > MOST_LEGEND


def describe(chart: Chart, language: Language) -> str:
    """The chart in words, for whoever cannot see it: title, axes, and of each series its range and its ends.

    Args:
        chart: What is drawn.
        language: In which language.

    Returns:
        A few sentences.
    """
    from backlit.language import text

    parts = [
        text(
            "{title}. Across: {x}. Up: {y}.",
            title=chart.title.say(language),
            x=_axis_words(chart.x, language),
            y=_axis_words(chart.y, language),
        ).say(language)
    ]
    for series in chart.series:
        y = np.asarray(series.y, float)
        good = y[np.isfinite(y)]
        if len(good):
            parts.append(
                text(
                    "{name}: {n} values from {low:.4g} to {high:.4g}, the first {first:.4g}, the last {last:.4g}.",
                    name=series.words.say(language),
                    n=len(good),
                    low=good.min(),
                    high=good.max(),
                    first=good[0],
                    last=good[-1],
                ).say(language)
            )
    if chart.surface is not None and np.isfinite(chart.surface.height).any():
        height = chart.surface.height
        parts.append(
            text(
                "{name}: {rows} × {columns} values from {low:.4g} to {high:.4g}.",
                name=chart.surface.words.say(language),
                rows=height.shape[0],
                columns=height.shape[1],
                low=np.nanmin(height),
                high=np.nanmax(height),
            ).say(language)
        )
    return (" " if language == "en" else "").join(parts)


def _surface(chart: Chart, surface: Surface, language: Language, theme: Theme) -> Any:
    """Shades between lines of equal height, or cells with their numbers."""
    import plotly.graph_objects as go

    unit = f" [{surface.unit}]" if surface.unit else ""
    settings: dict[str, Any] = {
        "x": _places(chart.x, surface.x, language),
        "y": _places(chart.y, surface.y, language),
        "z": surface.height,
        "colorbar": {"title": {"text": surface.words.say(language) + unit, "side": "right"}, "thickness": 14},
        **_colours(surface, theme),
    }
    if surface.form == "contours":
        return go.Contour(contours={"coloring": "heatmap"}, line={"width": 0.5}, opacity=0.75, **settings)
    if surface.spec:
        settings["text"] = [[format(v, surface.spec) if np.isfinite(v) else "" for v in row] for row in surface.height]
        settings |= {"texttemplate": "%{text}", "hovertemplate": "%{x}, %{y}: %{text}<extra></extra>"}
    gap = 1 if max(surface.height.shape) <= MOST_MARKED else 0  # between many cells, gaps would be a net
    return go.Heatmap(xgap=gap, ygap=gap, opacity=0.35 if surface.scale == "classes" else 1.0, **settings)


def _colours(surface: Surface, theme: Theme) -> dict[str, Any]:
    """The colour scale of a surface, and where it begins and ends."""
    if surface.scale == "diverging":
        finite = np.abs(surface.height[np.isfinite(surface.height)])
        reach = float(finite.max(initial=0.0)) or 1.0
        return {"colorscale": DIVERGING[theme], "zmin": -reach, "zmax": reach}
    if surface.scale == "classes":
        n = int(np.nanmax(surface.height)) + 1
        named = [COLOURS[theme][i % len(COLOURS[theme])] for i in range(n)]
        scale = [(edge, colour) for i, colour in enumerate(named) for edge in (i / n, (i + 1) / n)]
        return {"colorscale": scale, "zmin": -0.5, "zmax": n - 0.5, "showscale": False}
    return {"colorscale": SEQUENTIAL}


def _trace(chart: Chart, series: Series, language: Language, theme: Theme, place: int) -> Any:
    import plotly.graph_objects as go

    colour = COLOURS[theme][place % len(COLOURS[theme])]
    name = series.words.say(language)
    if series.kind == "bars":
        return go.Bar(
            x=_places(chart.x, series.x, language),
            y=np.asarray(series.y),
            name=name,
            marker={"color": colour},
            **_whiskers(series, colour),
        )
    is_line = series.kind == "line"
    has_marks = not is_line or len(series.y) <= MOST_MARKED
    return go.Scatter(
        x=_places(chart.x, series.x, language),
        y=_places(chart.y, series.y, language),
        name=name,
        **({} if is_line else _whiskers(series, colour)),
        mode=("lines+markers" if has_marks else "lines") if is_line else "markers",
        line={"color": colour, "width": 2, "dash": DASHES[place % len(DASHES)]},
        marker={
            "color": colour,
            # Shifted by one when the colours begin again, so that no two series look alike.
            "symbol": SYMBOLS[(place + place // len(COLOURS[theme])) % len(SYMBOLS)],
            "size": 5 if is_line else 7,
            "line": {"color": GROUND[theme], "width": 0 if is_line else 1},
        },
    )


def _whiskers(series: Series, colour: str) -> dict[str, Any]:
    """Intervals at points and bars."""
    if not len(series.lo):
        return {}
    middle, lo, hi = (np.asarray(v, float) for v in (getattr(series, series.spread), series.lo, series.hi))
    whiskers = {"type": "data", "array": hi - middle, "arrayminus": middle - lo, "color": colour, "thickness": 1.5}
    return {f"error_{series.spread}": whiskers}


def _band(series: Series, colour: str) -> Any:
    """The interval around a line, as one closed shape."""
    import plotly.graph_objects as go

    x, lo, hi = (np.asarray(values, float) for values in (series.x, series.lo, series.hi))
    good = np.isfinite(lo) & np.isfinite(hi)
    x, lo, hi = x[good], lo[good], hi[good]
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([hi, lo[::-1]]),
        mode="lines",  # else Plotly marks the corners of a short band
        fill="toself",
        fillcolor=faded(colour, 0.18),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )


def _places(axis: Axis, x: Any, language: Language) -> Any:
    """Where a series lies: its numbers, or the names of its places."""
    if not axis.labels:
        return np.asarray(x)
    return [axis.labels[int(i)].say(language) for i in x]


def _axis(chart: Chart, side: Literal["x", "y"], language: Language) -> dict[str, Any]:
    axis: Axis = getattr(chart, side)
    settings: dict[str, Any] = {"title": {"text": _axis_words(axis, language)}}
    if axis.is_log:
        settings |= {"type": "log", "exponentformat": "power", "dtick": 1 if _decades(chart, side) > 2 else "D2"}
    if axis.is_whole:
        values = np.concatenate([np.asarray(getattr(one, side), float) for one in chart.series] or [np.zeros(1)])
        settings |= {"dtick": whole_step(values)}
    if axis.labels:
        names = [words.say(language) for words in axis.labels]
        settings |= {"type": "category", "categoryorder": "array", "categoryarray": names}
        if side == "y":
            settings |= {"autorange": "reversed"}  # the first name on top, as in a table
    return settings


def _decades(chart: Chart, side: Literal["x", "y"]) -> float:
    """How many powers of ten the series span; up to two of them, 2 and 5 are ticks as well."""
    values = np.concatenate([np.asarray(getattr(one, side), float) for one in chart.series] or [np.ones(1)])
    values = values[np.isfinite(values) & (values > 0)]
    return float(np.ptp(np.log10(values))) if len(values) else 0.0


def _axis_words(axis: Axis, language: Language) -> str:
    return axis.words.say(language) + (f" [{axis.unit}]" if axis.unit else "")
