"""Which rows each member trains on and is validated on, where `fit(rows=…)` gives members rows of their own.

    pool        all rows that somebody in the group needs, once: inputs, targets, weights
    places      for each member, where its training rows lie in the pool; an epoch is an order of these
    held out    for each member, where its validation rows lie

So rows are shared, not copied: a member's rows are numbers. Only a table that each fold prepares anew (its means and
spreads are those of the rows that the fold trains on) lies there once a fold.

Where all members of a group have the same rows, all of this falls away, and the group is one like any other.

Not for how rows are dealt out (see `data/deals.py`) nor for the order within an epoch (see `orders.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from backlit.data import Dataset, Splits, deals_of, with_splits
from backlit.engine.experiment import Experiment
from backlit.engine.plan import Group
from backlit.engine.rows import held_out_rows, rows_for_training, training_rows

MOST_DEALT = 4  # specs whose deals are held for one data set
MOST_PREPARED = 64  # deals whose data are, so that a table is not prepared twice
_DEALT: "WeakKeyDictionary[Dataset, list[tuple[object, tuple[Splits, ...]]]]" = WeakKeyDictionary()
_PREPARED: "WeakKeyDictionary[Dataset, dict[int, tuple[Splits, Dataset]]]" = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class GroupRows:
    """The rows of a group, as its program reads them.

    Attributes:
        train: Training rows by name, or the pool.
        validation: Rows that validate all members, by name; empty where there are none, or each has its own.
        n_rows: Rows that each member trains on.
        places: For each member, where its training rows lie in the pool; None where all train on `train`.
        held_out: (member, row) where validation rows lie in the pool; None where members have none of their own.
    """

    train: dict[str, np.ndarray]
    validation: dict[str, np.ndarray]
    n_rows: int
    places: tuple[np.ndarray, ...] | None = None
    held_out: np.ndarray | None = None

    def of(self, member: int, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Some of a member's training rows.

        Args:
            member: Its place in the group.
            rows: Which, counted among its training rows.

        Returns:
            Inputs, targets and weights.
        """
        places = rows if self.places is None else self.places[member][rows]
        return {name: values[places] for name, values in self.train.items()}


def deal_numbers(experiment: Experiment) -> list[int]:
    """Which deal each member has.

    Args:
        experiment: What to do.

    Returns:
        For each member a number among the points of the axis that deals; 0 where all have the same rows.
    """
    if experiment.deals is None:
        return [0] * experiment.n_members
    sizes = [len(axis.points) for axis in experiment.axes]
    place = next(i for i, axis in enumerate(experiment.axes) if axis.names == experiment.dealt)
    return np.unravel_index(np.arange(experiment.n_members), sizes)[place].tolist()


def member_splits(experiment: Experiment, data: Dataset) -> list[Splits]:
    """The rows of every member.

    Args:
        experiment: What to do.
        data: Whose rows.

    Returns:
        One Splits a member.
    """
    if experiment.deals is None:
        return [data.splits] * experiment.n_members
    dealt = _dealt(experiment, data)
    return [dealt[number] for number in deal_numbers(experiment)]


def member_data(experiment: Experiment, data: Dataset, member: int) -> Dataset:
    """The data as one member has them: its own splits, and a table as its own training rows prepare it.

    Args:
        experiment: What to do.
        data: Whose rows.
        member: Its number in the Experiment.

    Returns:
        The data.
    """
    if experiment.deals is None:
        return data
    return _prepared(data, member_splits(experiment, data)[member])


def group_rows(experiment: Experiment, data: Dataset, group: Group) -> GroupRows:
    """The rows of a group.

    Args:
        experiment: What to do.
        data: Whose rows.
        group: Which members.

    Returns:
        The rows, shared where they can be.
    """
    splits = member_splits(experiment, data)
    own = [splits[idx] for idx in group.members]
    if all(one is own[0] for one in own):
        data = member_data(experiment, data, group.members[0])
        train = training_rows(experiment, data)
        return GroupRows(train, held_out_rows(*data.validation), len(train["inputs"]))
    distinct = {id(one): one for one in own}
    versions = {key: _prepared(data, one) for key, one in distinct.items()}
    pool, place_of = _pool(experiment, data, versions)
    places = {key: place_of[key][one.train].astype(np.int32) for key, one in distinct.items()}
    held_out = {key: place_of[key][one.validation].astype(np.int32) for key, one in distinct.items()}
    return GroupRows(
        train=pool,
        validation={},
        n_rows=len(own[0].train),
        places=tuple(places[id(one)] for one in own),
        held_out=np.stack([held_out[id(one)] for one in own]) if len(own[0].validation) else None,
    )


def _pool(
    experiment: Experiment, data: Dataset, versions: dict[int, Dataset]
) -> tuple[dict[str, np.ndarray], dict[int, np.ndarray]]:
    """All rows that are needed, once for each way in which they are prepared; and where each row of each deal lies."""
    alike: dict[int, list[int]] = {}
    for key, version in versions.items():
        alike.setdefault(0 if version.preparation is data.preparation else key, []).append(key)
    parts: list[dict[str, np.ndarray]] = []
    place_of: dict[int, np.ndarray] = {}
    start = 0
    for keys in alike.values():
        parts_of = [part for key in keys for part in (versions[key].splits.train, versions[key].splits.validation)]
        rows = np.unique(np.concatenate(parts_of))
        where = np.full(len(data), -1)
        where[rows] = np.arange(start, start + len(rows))
        place_of |= dict.fromkeys(keys, where)
        parts.append(rows_for_training(experiment, versions[keys[0]], rows))
        start += len(rows)
    return {name: _joined([part[name] for part in parts]) for name in parts[0]}, place_of


def _joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _dealt(experiment: Experiment, data: Dataset) -> tuple[Splits, ...]:
    """The deals of an Experiment, dealt once for each data set."""
    assert experiment.deals is not None, "bug in backlit: nothing is dealt"
    held = _DEALT.setdefault(data, [])
    for spec, splits in held:
        if spec == experiment.deals:
            return splits
    splits = tuple(deals_of(experiment.deals).rows(data))
    held.append((experiment.deals, splits))
    del held[:-MOST_DEALT]
    return splits


def _prepared(data: Dataset, splits: Splits) -> Dataset:
    """The data with these splits, prepared once."""
    held = _PREPARED.setdefault(data, {})
    if id(splits) not in held:
        held[id(splits)] = splits, with_splits(data, splits)  # the splits too, so that their id stays theirs
    prepared = held[id(splits)][1]
    while len(held) > MOST_PREPARED:
        held.pop(next(iter(held)))
    return prepared
