"""What a view is: what it reads of a run, and how it turns that into figures.

    subject  ──read──▶  plain result, or None where the view does not apply  ──draw──▶  figures

`read` calls functions of `measure` or `explain` and nothing else; `draw` is a pure function, so that every view can be
tested on a result that was written down by hand. A figure is a Chart (Plotly, or plotext in a terminal), Cards, or a
Moving figure that an ES module draws.

One view is one file in `gallery/` with a `VIEW`; `registry.py` finds it. Not for where figures are shown: see
`notebook.py`, `report.py` and `terminal/`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from backlit.language import Words
from backlit.measure.subject import AbstractSubject
from backlit.views.cards import Cards
from backlit.views.chart import Chart
from backlit.views.moving import Moving

Figure = Chart | Cards | Moving
Part = Literal["data", "model", "training", "scores", "inside", "findings"]
PARTS: dict[Part, Words] = {
    "findings": Words(en="Findings", zh="诊断"),
    "training": Words(en="Training", zh="训练过程"),
    "scores": Words(en="Scores", zh="成绩"),
    "inside": Words(en="Inside the network", zh="网络内部"),
    "model": Words(en="The network", zh="网络结构"),
    "data": Words(en="The data", zh="数据"),
}
"""The parts of a report, in its order."""


@dataclass(frozen=True)
class View:
    """One view of a run.

    Attributes:
        name: A kebab-case name: `run.plot("curves")`.
        title: A few words, for lists and headings.
        about: What it shows and how to read it, in a sentence or two.
        part: Where it stands in a report.
        read: What is shown of a subject, or None where the view does not apply to it.
        draw: The figures of what was read, at least one.
        place: Smaller comes first in its part.
        is_heavy: Whether reading takes seconds, so that a report asks before.
    """

    name: str
    title: Words
    about: Words
    part: Part
    read: Callable[[AbstractSubject], Any]
    draw: Callable[[Any], Sequence[Figure]]
    place: int = 50
    is_heavy: bool = False
