"""A run that was written down by hand: members, data and what the best of them predicts."""

from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from backlit.data import Dataset, Splits
from backlit.engine.experiment import Axis
from backlit.measure.subject import AbstractSubject

# ruff: noqa: ARG002  the arguments are those of the interface


class StandIn(AbstractSubject):
    """What measurements read of a run, and nothing that was trained."""

    def __init__(
        self,
        *,
        members: Any = (),
        varied: Any = (),
        data: Any = None,
        predict: Any = None,
        best: int = 0,
        metrics: Any = ("loss",),
        model: Any = None,
    ):
        self.id, self._best, self._predict, self._model = "", best, predict, model
        self._data, self._metrics = data, list(metrics)
        rows = [{"member": i, "status": "finished", **one} for i, one in enumerate(members or [{}])]
        self._members = pl.DataFrame(rows, infer_schema_length=None)
        axes = []
        for names in varied:
            points = tuple(dict.fromkeys(tuple(one[name] for name in names) for one in members))
            axes.append(Axis(names=names, points=points))
        self.experiment = SimpleNamespace(axes=tuple(axes), loss=None)

    @property
    def data(self):
        return self._data

    @property
    def axes(self):
        return tuple(name for axis in self.experiment.axes for name in axis.names)

    @property
    def compile_s(self):
        return 0.0

    @property
    def run_s(self):
        return 0.0

    @property
    def samples_per_s(self):
        return 0.0

    @cached_property
    def history(self):
        return pl.DataFrame()

    @cached_property
    def probes(self):
        return pl.DataFrame()

    @cached_property
    def members(self):
        return self._members

    @property
    def finished(self):
        return self._members.filter(pl.col("status") != "diverged")["member"].to_list()

    @property
    def best(self):
        return self._best

    @cached_property
    def model(self):
        return self._model

    @property
    def best_data(self):
        return self._data

    @cached_property
    def metric_names(self):
        return self._metrics

    def __len__(self):
        return len(self._members)

    def __getitem__(self, member):
        return self

    def summary(self, metric=None, *, split=None):
        return pl.DataFrame()

    def evaluate(self, split="test"):
        return pl.DataFrame()

    def weight_path(self, member=None):
        return []

    def predict(self, inputs, *, member=None):
        return self._predict(inputs)

    def splits_of(self, member):
        return self._data.splits

    def data_of(self, member):
        return self._data


def rows_of(inputs, targets, *, task="classification", train=None, validation=(), test=(), **more):
    """A data set of a few rows; those that are not named train."""
    inputs, targets = np.asarray(inputs), np.asarray(targets)
    used = {*validation, *test}
    train = [i for i in range(len(inputs)) if i not in used] if train is None else train
    if task == "classification":
        targets = targets.astype(np.int32)
    return Dataset("rows", inputs, targets, task=task, splits=Splits.of_rows(train, validation, test), **more)
