"""A figure as the page's script reads it: plain data, in both languages and for both grounds.

A chart is written once, in English on light ground. The other three are what differs from that, as pairs of a path and
a value: two languages and two themes then cost little more than one.

    >>> difference({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]})
    [[['b', 1], 3]]

Not for HTML (see `blocks.py`).
"""

import json
from typing import Any, get_args

from backlit.language import LANGUAGES
from backlit.views.cards import Cards
from backlit.views.chart import Chart
from backlit.views.chart_figure import describe, draw_figure, has_side_legend
from backlit.views.kind import Figure
from backlit.views.theme import Theme

HEIGHT = 420  # pixels of a chart, unless its rows need more
ROW_HEIGHT = 26  # pixels of a row with a name of its own: 13 of its text and as much again between two
MARGIN = 150  # pixels above and below the rows
NAME_HEIGHT = 20  # pixels of a name in a legend at the side


def figure_data(figure: Figure) -> dict[str, Any]:
    """A figure for the page's script.

    Args:
        figure: A chart, cards or a moving figure.

    Returns:
        Plain data; `form` says which of the three it is.
    """
    if isinstance(figure, Chart):
        return {"form": "chart", "name": figure.name, **_chart(figure)}
    if isinstance(figure, Cards):
        return {"form": "cards", "name": figure.name, "title": {"en": figure.title.en, "zh": figure.title.zh}}
    return {"form": "moving", **figure.as_data()}


def chart_height(chart: Chart) -> int:
    """How high a chart is drawn.

    Args:
        chart: What is drawn.

    Returns:
        Pixels: 420, or more where many rows have a name each, or many names stand at the side.
    """
    n_beside = len(chart.series) if has_side_legend(chart) else 0
    return max(HEIGHT, MARGIN + ROW_HEIGHT * len(chart.y.labels), MARGIN + NAME_HEIGHT * n_beside)


def difference(base: Any, other: Any) -> list[list[Any]]:
    """What has to be changed in one value to make it another.

    Args:
        base: Plain data.
        other: Plain data, mostly the same.

    Returns:
        Pairs of a path and the value there; where lists differ in length the whole list is given.
    """
    if isinstance(base, dict) and isinstance(other, dict) and base.keys() == other.keys():
        pairs = [(key, base[key], other[key]) for key in base]
    elif isinstance(base, list) and isinstance(other, list) and len(base) == len(other):
        pairs = [(i, base[i], other[i]) for i in range(len(base))]
    else:
        return [] if base == other else [[[], other]]
    return [[[key, *path], value] for key, ours, theirs in pairs for path, value in difference(ours, theirs)]


def _chart(chart: Chart) -> dict[str, Any]:
    drawn = {
        f"{language}-{theme}": json.loads(draw_figure(chart, language=language, theme=theme).to_json() or "{}")
        for language in LANGUAGES
        for theme in get_args(Theme)
    }
    for figure in drawn.values():
        del figure["layout"]["template"]  # the page has each template once
    base = drawn["en-light"]
    return {
        "title": {"en": chart.title.en, "zh": chart.title.zh},
        "alternative": {language: describe(chart, language) for language in LANGUAGES},
        "height": chart_height(chart),
        "base": base,
        "changes": {name: difference(base, figure) for name, figure in drawn.items()},
    }
