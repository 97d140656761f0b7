"""Curves with the spread of their seeds, from a history written by hand."""

from functools import cached_property

import numpy as np
import polars as pl
import pytest

from backlit.measure.seed_bands import seed_bands as seed_bands_of
from tests.measure.stand_in import StandIn


def seed_bands(run):
    found = seed_bands_of(run)
    assert found is not None
    return found


class Recorded(StandIn):
    """A run with a history: member to its values, one an epoch, the same in validation plus one."""

    def __init__(self, values, *, task="classification", members=(), varied=(), loss=None):
        super().__init__(members=members or [{"stop_epoch": None}] * len(values), varied=varied)
        self._values, self._task = values, task
        self.experiment.loss = loss

    @property
    def data(self):
        from types import SimpleNamespace

        return SimpleNamespace(task=self._task)

    @cached_property
    def history(self):
        rows = []
        for member, values in enumerate(self._values):
            own = {name: value for name, value in self._members.row(member, named=True).items() if name in self.axes}
            for i, value in enumerate(values):
                for split, more in (("train", 0.0), ("validation", 1.0)):
                    about = {"epoch": i + 1, "split": split, "metric": "loss", "value": value + more}
                    rows.append({"member": member, **own, **about})
        return pl.DataFrame(rows)


def test_one_network_has_lines_and_no_band():
    [found] = seed_bands(Recorded([[2.0, 1.0]]))
    train, validation = found.bands
    assert (train.words.en, train.mean.tolist()) == ("training", [2.0, 1.0])
    assert (validation.words.en, validation.mean.tolist()) == ("validation", [3.0, 2.0])
    assert np.isnan(train.lo).all()
    assert (found.by, found.unit, found.n_left_out, train.stop) == ((), "nat", 0, None)


def test_seeds_have_a_mean_and_its_interval():
    [found] = seed_bands(Recorded([[1.0, 0.8], [2.0, 0.9], [3.0, 1.0]]))
    train = found.bands[0]
    assert train.mean == pytest.approx([2.0, 0.9])
    # s = 0.1, t(2 d.f.) = 4.303: 0.9 ± 4.303 · 0.1 / √3
    assert (train.lo[1], train.hi[1]) == pytest.approx((0.652, 1.148), abs=1e-3)


def test_settings_have_a_line_each_the_eight_that_end_best():
    members = [{"learning_rate": rate / 10, "stop_epoch": None} for rate in range(1, 11)]
    values = [[1.0, float(rate)] for rate in range(1, 11)]
    [found] = seed_bands(Recorded(values, members=members, varied=[("learning_rate",)]))
    assert (found.by, found.n_left_out, len(found.bands)) == (("learning_rate",), 2, 8)
    assert [band.words.en for band in found.bands] == [f"{rate / 10:g}" for rate in range(1, 9)]
    assert found.bands[0].mean.tolist() == [2.0, 2.0]  # of the validation rows


def test_where_members_stopped_is_their_median():
    members = [{"stop_epoch": 1}, {"stop_epoch": 3}, {"stop_epoch": 3}]
    [found] = seed_bands(Recorded([[1.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], members=members))
    assert found.bands[0].stop == 3
    assert found.bands[0].mean.tolist() == [1.0, 2.0, 3.0]


def test_the_unit_is_that_of_a_cross_entropy_alone():
    assert seed_bands(Recorded([[1.0, 2.0]], task="regression"))[0].unit == ""
    assert seed_bands(Recorded([[1.0, 2.0]], loss="mean_squared_error"))[0].unit == ""
    assert seed_bands(Recorded([[1.0, 2.0]], loss="binary_crossentropy"))[0].unit == "nat"


def test_one_epoch_is_no_curve():
    assert seed_bands_of(Recorded([[1.0]])) is None
    assert seed_bands_of(Recorded([[float("nan"), float("nan")]])) is None
