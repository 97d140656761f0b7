"""A figure that moves: plain data for one of the ES modules in `es/`, the same for notebook, report and lab.

    Moving("network", title=…, data={"layers": […], "weights": […]}, alternative=…)

`kind` is the name of the module, which exports `draw(element, data, options)`. The data are what JSON knows: dicts,
lists, numbers, text. Not for what stands still: that is a Chart (see `chart.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from backlit.language import Words


@dataclass(frozen=True)
class Moving:
    """One moving figure.

    Attributes:
        kind: Name of the ES module that draws it.
        name: A kebab-case name, unique on a page.
        title: What it shows.
        data: What the module reads.
        alternative: The same in words, for whoever cannot see it.
    """

    kind: str
    name: str
    title: Words
    data: Mapping[str, Any]
    alternative: Words

    def as_data(self) -> dict[str, Any]:
        """The figure as JSON knows it, words in both languages.

        Returns:
            Kind, title, alternative and data.
        """
        words = {
            key: {"en": one.en, "zh": one.zh} for key, one in (("title", self.title), ("alternative", self.alternative))
        }
        return {"kind": self.kind, "name": self.name, **words, "data": dict(self.data)}


def module_source(kind: str) -> str:
    """The ES module that draws a kind of moving figure.

    Args:
        kind: Its name.

    Returns:
        JavaScript.
    """
    return (files("backlit.views") / "es" / f"{kind}.js").read_text(encoding="utf-8")
