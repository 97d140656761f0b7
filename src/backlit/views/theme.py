"""How our figures look: one Plotly template, light and dark.

Colours are those of Okabe and Ito, which people with any kind of colour blindness can tell apart; on a dark ground they
are a little lighter. Fonts are the reader's own: no font is sent along, and each system has one with Chinese.

Not for what is drawn.

Source:
    okabe-ito-2008 (the colours).
"""

from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import plotly.graph_objects as go

Theme = Literal["light", "dark"]
COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F7F7F", "#8B6914", "#332288"),
    "dark": ("#56B4E9", "#F28E4B", "#35C79B", "#E3A1C6", "#8FD0F5", "#F2BE4A", "#B0B0B0", "#CDB15E", "#A79AE8"),
}
GROUND: dict[Theme, str] = {"light": "#ffffff", "dark": "#16181d"}
INK: dict[Theme, str] = {"light": "#22252b", "dark": "#e6e8ec"}
GRID: dict[Theme, str] = {"light": "#e3e6eb", "dark": "#31353d"}
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "x", "diamond", "square", "cross", "triangle-up", "star", "hexagon", "triangle-down")
FONT = (
    "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', "
    "'WenQuanYi Micro Hei', sans-serif"
)
# From low to high; even steps look even, also in grey.
SEQUENTIAL = "Cividis"
# Around a middle: blue below, orange above, no red beside green.
DIVERGING: dict[Theme, list[tuple[float, str]]] = {
    "light": [(0.0, "#0072B2"), (0.5, "#f7f7f7"), (1.0, "#D55E00")],
    "dark": [(0.0, "#56B4E9"), (0.5, "#22252b"), (1.0, "#F28E4B")],
}


@cache
def template(theme: Theme) -> "go.layout.Template":
    """Our Plotly template.

    Args:
        theme: For a light or a dark ground.

    Returns:
        The template.
    """
    import plotly.graph_objects as go

    axis = {
        "gridcolor": GRID[theme],
        "linecolor": GRID[theme],
        "zerolinecolor": GRID[theme],
        "ticks": "outside",
        "tickcolor": GRID[theme],
        "automargin": True,
        "title": {"standoff": 10},
    }
    return go.layout.Template(
        layout={
            "colorway": list(COLOURS[theme]),
            "font": {"family": FONT, "size": 13, "color": INK[theme]},
            "title": {
                "font": {"size": 16},
                **{"x": 0.0, "xref": "paper", "xanchor": "left"},
                **{"y": 1.0, "yref": "container", "yanchor": "top", "pad": {"t": 16}},
            },
            "paper_bgcolor": GROUND[theme],
            "plot_bgcolor": GROUND[theme],
            "xaxis": axis,
            "yaxis": axis,
            "colorscale": {"sequential": SEQUENTIAL, "diverging": DIVERGING[theme]},
            "hoverlabel": {"font": {"family": FONT}},
            "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0.0},
            "margin": {"l": 64, "r": 24, "t": 88, "b": 56},
        }
    )


def faded(colour: str, opacity: float) -> str:
    """A colour that lets the ground through.

    Args:
        colour: As `#rrggbb`.
        opacity: From 0 to 1.

    Returns:
        As CSS writes it.

    Example:
        >>> faded("#0072B2", 0.2)
        'rgba(0,114,178,0.2)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
