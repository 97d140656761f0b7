"""`boost`: networks one after another, each trained on the rows that those before it got wrong.

    round 0    all rows count alike          network 0 is wrong on ▪▪          its vote counts ln((1−e)/e) + ln(K−1)
    round 1    ▪▪ count more                 network 1 is wrong on ▫            e: its weighted share of mistakes
    round 2    ▫ counts more                 …                                 K: classes

This is SAMME. Rows are weighted by drawing them: a row that counts twice as much is drawn twice as often, so every
network is an ordinary training, and any loss will do. Several seeds are boosted side by side, one population a round.

Boosting is made for learners that are hardly better than guessing. A network that makes no mistake on the training rows
leaves nothing to boost: the next draws its rows as that one did, which is bagging, and a note says so. Take small
networks, and few epochs.

Not for regression: SAMME weighs mistakes, and an amount is never exactly right.
"""

from typing import Any

import numpy as np

from backlit.data import Dataset, given_rows
from backlit.errors import SettingError
from backlit.fitting import fit
from backlit.language import Text, language, listed, text, verbatim
from backlit.measure.combining import samme_rows, samme_weight, weighted_rows
from backlit.measure.scores import predicted_classes
from backlit.modes.ensemble.combined import Ensemble, Part
from backlit.modes.ensemble.joined import as_chances, missing_activation
from backlit.modes.reading import first_seeds, read_data, require_no_lists, require_whole, watched
from backlit.run import Run

GUESS = 1e-9  # a weight below is that of guessing, give or take rounding


def boost(
    model: Any,
    data: Any,
    *,
    n: Any = 10,
    seeds: Any = 1,
    seed: Any = 0,
    verbose: bool = True,
    **arguments: Any,
) -> Ensemble:
    """Trains networks one after another on what those before them got wrong, and lets them vote.

    Args:
        model: As for `fit`; rather small.
        data: As for `fit`; with classes.
        n: How many networks at most.
        seeds: How many copies of the ensemble, or from which seeds; all are boosted side by side.
        seed: The first seed.
        verbose: Whether to say how it went.
        **arguments: Any others of `fit`, one value each.

    Returns:
        The ensemble; each network's weight is that of its vote.

    Raises:
        BacklitError: If the data, the model or an argument is not right.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        >>> crowd = bl.ensemble.boost(model, "iris", n=3, epochs=2, save=False, verbose=False)
        >>> crowd.how, bool((crowd.members["weight"] > 0).all())
        ('vote', True)

    Source:
        zhu-2009, algorithm 2 (SAMME); drawing rows by weight as freund-schapire-1997, section 4.
    """
    what = text("Boosting")
    n = require_whole("n", n, least=2, what=what)
    numbers = first_seeds(seeds, seed, what=what)
    require_no_lists(arguments, what=what)
    dataset, left = read_data(data, arguments)
    _require_classes(dataset, what)
    boosters = [_Booster(dataset, number) for number in numbers]
    runs: list[Run] = []
    for place in range(n):
        rows = given_rows([one.drawn(place) for one in boosters], seeds=[number * n + place for number in numbers])
        run = fit(model, dataset, rows=rows, **watched(left, verbose=verbose))
        runs.append(run)
        for member, one in enumerate(boosters):
            one.take(run, member)
    copies = tuple(tuple(one.parts) for one in boosters if one.parts)
    if not copies:
        raise _no_learner(n, what)
    crowd = Ensemble(copies, "vote", "boost", tuple(_notes(boosters)))
    if verbose:
        print(crowd.say())
        if runs[0].id:
            print(text("Kept as runs {ids}.", ids=listed(run.id for run in runs)).say(language()))
    return crowd


class _Booster:
    """One copy in the making: how much each training row counts, and the networks so far."""

    def __init__(self, data: Dataset, seed: int) -> None:
        self.parts: list[Part] = []
        self.n_perfect = 0
        self.n_left_out = 0
        self._data, self._seed = data, seed
        self._rows = np.unique(data.splits.train)
        self._weights = np.full(len(self._rows), 1 / len(self._rows))

    def drawn(self, place: int) -> np.ndarray:
        """The rows that the next network trains on."""
        return self._rows[weighted_rows(self._weights, seed=(self._seed, place))]

    def take(self, run: Run, member: int) -> None:
        """Weighs a network that was trained, and the rows for the next."""
        if member not in run.finished:
            self.n_left_out += 1
            return
        outputs = run.predict(self._data.inputs[self._rows], member=member)
        outputs = outputs.reshape(len(outputs), -1)
        chances = as_chances(outputs, missing_activation(outputs, self._data.task))
        is_wrong = predicted_classes(chances) != np.asarray(self._data.class_ids)[self._rows]
        # Half a row is the least that can be told from no mistake at all, for which the weight would be endless.
        error = max(float(self._weights[is_wrong].sum()), 0.5 / len(self._rows))
        weight = samme_weight(error, n_classes=self._data.n_classes)
        if weight < GUESS:  # no better than guessing: it has no vote, and the rows count alike again
            self.n_left_out += 1
            self._weights = np.full(len(self._rows), 1 / len(self._rows))
            return
        self.parts.append(Part(run, member, weight))
        self.n_perfect += not is_wrong.any()
        self._weights = samme_rows(self._weights, is_wrong=is_wrong, member_weight=weight)


def _notes(boosters: list[_Booster]) -> list[Text]:
    notes = []
    perfect = sum(one.n_perfect for one in boosters)
    if perfect:
        notes.append(
            text(
                "{n} of the networks made no mistake on the training rows, which leaves nothing to boost: "
                "take smaller networks, or fewer epochs.",
                n=perfect,
            )
        )
    left_out = sum(one.n_left_out for one in boosters)
    if left_out:
        notes.append(text("{n} networks were no better than guessing, and have no vote.", n=left_out))
    return notes


def _require_classes(data: Dataset, what: Text) -> None:
    """Refuses tasks without classes.

    Raises:
        SettingError: If the task is another.
    """
    if data.task != "classification":
        raise SettingError(
            "boost-task",
            what=what,
            expected=text("a classification task"),
            received=verbatim(f"`{data.task}`"),
            fix=text("Use `bl.ensemble.bag`, which any task allows."),
        )


def _no_learner(n: int, what: Text) -> SettingError:
    return SettingError(
        "boost-nothing",
        what=what,
        expected=text("networks that are better than guessing"),
        received=text("{n} networks, none of which is", n=n),
        fix=text("Train longer, or with another learning rate: look at one network with `bl.fit` first."),
    )
