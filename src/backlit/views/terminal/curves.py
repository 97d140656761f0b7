"""Curves in the terminal, drawn by plotext (the one file that calls it).

With colours each line has a colour; without, each has a sign of its own. The legend stands above the picture and not in
it, because plotext counts a Chinese sign as one column.

Not for the notebook or the lab: those draw with Plotly.
"""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, Group
from rich.table import Table
from rich.text import Text as Styled

from backlit.language import say, text
from backlit.measure import Panel
from backlit.views.terminal.words import metric_words

# Red, green, blue: to be told apart on a dark and on a light ground.
COLORS = (
    (66, 135, 245),
    (245, 150, 40),
    (60, 170, 90),
    (200, 80, 200),
    (220, 70, 60),
    (40, 170, 190),
    (200, 180, 40),
    (130, 130, 130),
)
SIGNS = ("⋯", "○", "×", "+", "◆", "◇", "▲", "△")  # the first is drawn as a fine line
HEIGHT = 11
SIDE_BY_SIDE = 78  # columns from which two pictures stand beside each other


def draw_curves(panels: list[Panel]) -> "Curves":
    """The pictures of some panels.

    Args:
        panels: From `measure.panels`.

    Returns:
        What rich prints, as wide as the console.
    """
    return Curves(panels)


class Curves:
    """Pictures that find out the console's width and colours when they are printed.

    Args:
        panels: One picture each.
    """

    def __init__(self, panels: list[Panel]) -> None:
        self._panels = panels

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Group | Table]:
        has_colors = console.color_system is not None
        width = options.max_width
        is_beside = width >= SIDE_BY_SIDE and len(self._panels) > 1
        each = min((width - 2) // 2 if is_beside else width, 76)
        pictures = [_picture(panel, each, has_colors=has_colors) for panel in self._panels]
        if not is_beside:
            yield from pictures
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        for _ in range(2):
            grid.add_column(width=each, vertical="bottom")
        for place in range(0, len(pictures), 2):
            grid.add_row(*pictures[place : place + 2])
        yield grid


def _picture(panel: Panel, width: int, *, has_colors: bool) -> Group:
    title = Styled(say(metric_words(panel.metric, panel.split)), style="bold")
    if panel.n_left_out:
        n = len(panel.curves)
        title.append(f"  {say(text('the best {n} of {all}', n=n, all=n + panel.n_left_out))}", style="not bold dim")
    canvas = Styled.from_ansi(_canvas(panel, width, has_colors=has_colors), no_wrap=True)
    return Group(title, _legend(panel, width, has_colors=has_colors), canvas)


def _legend(panel: Panel, width: int, *, has_colors: bool) -> Styled:
    """Sign and name of each curve; a line breaks between two, never inside one."""
    entries = [Styled(" / ".join(panel.by) + ":", style="dim")] if panel.by else []
    for i, curve in enumerate(panel.curves):
        style = "rgb({},{},{})".format(*COLORS[i]) if has_colors else ""
        entries.append(Styled.assemble(("━━" if has_colors else SIGNS[i], style), f" {say(curve.label)}"))
    lines = [Styled()]
    for entry in entries:
        if lines[-1] and lines[-1].cell_len + 3 + entry.cell_len > width:
            lines.append(Styled())
        if lines[-1]:
            lines[-1].append("   ")
        lines[-1].append_text(entry)
    return Styled("\n").join(lines)


def _canvas(panel: Panel, width: int, *, has_colors: bool) -> str:
    import plotext  # takes 0.1 s to import; only needed when there is something to draw

    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(width, HEIGHT)
    last = max(curve.epochs[-1] for curve in panel.curves)
    for i, curve in enumerate(panel.curves):
        if has_colors:
            marker = plotext.marker("braille", plotext.pixel(COLORS[i % len(COLORS)]))
        else:
            marker = SIGNS[i] if i else "braille"
        inside = [(x, y) for x, y in zip(curve.epochs, curve.values, strict=True) if panel.lowest <= y <= panel.highest]
        if inside:
            signal = figure.signal(*(list(part) for part in zip(*inside, strict=True)), marker=marker)
            figure.draw(signal.lines(True) if has_colors or i == 0 else signal)
    figure.axes(active=False, axis="both", side="upper")
    figure.ruler("y").lim(panel.lowest, panel.highest)
    figure.ruler("x").lim(1, last)
    ticks = sorted({1, last, *(round(1 + (last - 1) * part / 4) for part in (1, 2, 3))})
    figure.ruler("x").ticks(ticks, [str(tick) for tick in ticks])
    picture = str(figure.build())
    return picture if has_colors else plotext.uncolorize(picture)
