"""Parts that most lessons are made of: two knobs, a few axes, the curves of a run, a line with its spread.

    knobs=(rate_knob(0.1), epochs_knob(20, high=100), Knob("depth", …))
    curves(run, "accuracy").reshape(n_points, n_seeds, epochs)
    Chart("unseen", title=…, x=EPOCH, y=ACCURACY, series=(spread_line(words, epochs, accuracies),))

Not for what a lesson measures, nor for words that only one lesson uses.
"""

from typing import Any

import numpy as np

from backlit.language import Words
from backlit.lessons.kind import Knob
from backlit.views.chart import Axis, Kind, Numbers, Series

EPOCH = Axis(Words(en="epoch", zh="轮次"), is_whole=True)
ACCURACY = Axis(Words(en="accuracy", zh="准确率"))
UNSEEN = Axis(Words(en="accuracy on unseen rows", zh="未见样本上的准确率"))


def rate_knob(default: float, *, high: float = 10.0) -> Knob:
    """The knob `rate`, from 0 on: a rate of 0 is a network that is not trained.

    Args:
        default: Its value unless turned.
        high: Largest value allowed.

    Returns:
        The knob.
    """
    return Knob("rate", Words(en="learning rate", zh="学习率"), default, low=0.0, high=high)


def epochs_knob(default: int, *, high: int) -> Knob:
    """The knob `epochs`.

    Args:
        default: Its value unless turned.
        high: Largest value allowed.

    Returns:
        The knob.
    """
    return Knob("epochs", Words(en="epochs of training", zh="训练轮次"), default, low=1, high=high)


def curves(run: Any, metric: str, *, split: str = "validation") -> np.ndarray:
    """What every member recorded after each epoch.

    Args:
        run: A Run: a population, or one network.
        metric: Name in the history, such as `loss`.
        split: `train` or `validation`.

    Returns:
        (member, epoch); NaN from where a member stopped.
    """
    history = run.history
    history = history.filter((history["metric"] == metric) & (history["split"] == split))
    table = np.full((len(run), int(history["epoch"].to_numpy().max(initial=0))), np.nan)
    table[history["member"].to_numpy(), history["epoch"].to_numpy() - 1] = history["value"].to_numpy()
    return table


def spread_line(words: Words, x: Numbers, values: np.ndarray, *, kind: Kind = "line") -> Series:
    """A series of means, with the lowest and the highest value at each place.

    Args:
        words: Its name in the legend.
        x: Places along the first axis.
        values: (seed, place).
        kind: How it is shown.

    Returns:
        The series.
    """
    return Series(words, x, values.mean(0), kind, lo=values.min(0), hi=values.max(0))
