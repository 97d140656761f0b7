"""A surface of cells as a table of numbers, its rows and columns by name.

                 setosa  versi…  virgi…
    setosa           15
    versicolor               14       1

A name that does not fit is cut; columns that do not fit are counted. Not for surfaces between whose places there are
values (see `chart_terminal.py`).
"""

import numpy as np

from backlit.language import Language, text
from backlit.views.chart import Axis, Chart, Surface
from backlit.views.terminal.columns import columns, cut, filled, in_rows
from backlit.views.terminal.rows import MOST_NAME, axis_words

LEAST_NAME = 4  # columns to which a column's name may be cut, so that it can still be told
GAP = 2  # blanks between columns


def cell_rows(chart: Chart, surface: Surface, *, language: Language, width: int) -> list[str]:
    """Writes the cells.

    Args:
        chart: Whose surface it is.
        surface: Cells with a format for their numbers.
        language: Of names.
        width: Columns to fill.

    Returns:
        Lines.
    """
    rows = [cut(name, MOST_NAME) for name in _names(chart.y, surface.y, language)]
    heads = _names(chart.x, surface.x, language)
    cells = [[format(v, surface.spec) if np.isfinite(v) else "" for v in row] for row in surface.height]
    left = max(map(columns, rows))
    least = max([LEAST_NAME, *(len(cell) for row in cells for cell in row)])
    n = min(len(heads), max(1, (width - left) // (least + GAP)))
    each = max(least, min(max(map(columns, heads)), (width - left) // n - GAP))
    lines = [_line("", [cut(head, each) for head in heads[:n]], left, each)]
    lines += [_line(name, row[:n], left, each) for name, row in zip(rows, cells, strict=True)]
    unit = f" [{surface.unit}]" if surface.unit else ""
    legend = [f"↓ {axis_words(chart.y, language)}", f"→ {axis_words(chart.x, language)}"]
    legend.append(surface.words.say(language) + unit)
    if n < len(heads):
        legend.append(text("{n} more columns", n=len(heads) - n).say(language))
    return [*in_rows(legend, width), *lines]


def _line(name: str, cells: list[str], left: int, each: int) -> str:
    return (filled(name, left) + "".join(" " * GAP + filled(cell, each, is_right=True) for cell in cells)).rstrip()


def _names(axis: Axis, places: np.ndarray, language: Language) -> list[str]:
    return [axis.labels[int(place)].say(language) if axis.labels else f"{place:.4g}" for place in places]
