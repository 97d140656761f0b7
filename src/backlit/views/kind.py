"""A view: what is measured of a run, and how that is drawn. One file a view, found by itself (see `registry.py`).

    VIEW = View("confusion", words=Words(en="Confusion matrix", zh="混淆矩阵"), measure=measured_confusion, draw=draw)

`measure` asks the run and computes through `backlit.measure` or `backlit.explain`; it raises a BacklitError that says
why where a run cannot be shown so. `draw` computes nothing: numbers in, a Chart or a Moving out, or several.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from backlit.language import Words
from backlit.views.chart import Chart
from backlit.views.moving import Moving

Figure = Chart | Moving


class Subject(Protocol):
    """What a view may ask of a run. `backlit.Run` has all of it; views stand below it and do not import it."""

    @property
    def history(self) -> pl.DataFrame:
        """Member, axes, epoch, split, metric, value."""
        ...

    @property
    def probes(self) -> pl.DataFrame:
        """Member, axes, step, epoch, probe, layer, weight, bin, value."""
        ...

    @property
    def members(self) -> pl.DataFrame:
        """One row a member."""
        ...

    @property
    def axes(self) -> tuple[str, ...]:
        """Names in which members differ."""
        ...

    @property
    def finished(self) -> list[int]:
        """Members that ended soundly."""
        ...

    @property
    def best(self) -> int:
        """The best member by validation."""
        ...

    @property
    def model(self) -> Any:
        """The best member's Keras model."""
        ...

    @property
    def best_data(self) -> Any:
        """The data as the best member reads them."""
        ...

    @property
    def metric_names(self) -> list[str]:
        """Loss and metrics."""
        ...

    def __len__(self) -> int:
        """How many members."""
        ...

    def predict(self, inputs: Any, *, member: int | None = None) -> Any:
        """Outputs of a member, the best if none is named."""
        ...

    def weights(self, member: int | None = None) -> list[Any]:
        """Weights of a member in Keras's order."""
        ...


@dataclass(frozen=True)
class View:
    """One way to look at a run.

    Attributes:
        name: As `run.plot` calls it.
        words: Its name for people.
        about: What can be seen in it, in a sentence.
        measure: From a run, and perhaps options, to the numbers that are drawn.
        draw: From these to a figure, or several.
    """

    name: str
    words: Words
    about: Words
    measure: Callable[..., Any]
    draw: Callable[[Any], Figure | tuple[Figure, ...]]

    def figures(self, run: Subject, **options: Any) -> tuple[Figure, ...]:
        """The view of a run.

        Args:
            run: A Run.
            **options: What `measure` takes besides.

        Returns:
            One figure or several.
        """
        drawn = self.draw(self.measure(run, **options))
        return drawn if isinstance(drawn, tuple) else (drawn,)
