"""A run of which only what the probes measured was written down by hand."""

# ruff: noqa: ARG002  the arguments are those of the interface

from functools import cached_property

import polars as pl

from backlit.measure.probed import SCHEMA
from tests.measure.stand_in import StandIn

EPOCH_STEPS = 10


class Probed(StandIn):
    """Members with probes: rows of `looks`, one list a member."""

    def __init__(self, *rows, best=0, diverged=False, history=None, settings=None, **more):
        members = [{"status": "diverged" if diverged else "finished"} for _ in rows] or [{}]
        super().__init__(**{"members": members, "best": best, **more})
        self.experiment.probes = ("some",) if any(rows) else ()
        self.experiment.settings = settings or {}
        self._rows, self._history = rows, history

    @cached_property
    def history(self):
        return pl.DataFrame() if self._history is None else self._history

    @cached_property
    def probes(self):
        assert len(self) == 1, "the frame of a population is slow, and no view needs it"
        return pl.DataFrame(self._rows[0], schema=SCHEMA)

    def __getitem__(self, member):
        return Probed(self._rows[member])

    def evaluate(self, split="test"):
        return pl.DataFrame()


def looks(probe, layer, values, *, weight=None, steps=(0, 10, 20)):
    """Rows of one probe: one number a look, or a list of bins."""
    rows = []
    for step, value in zip(steps, values, strict=True):
        bins = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for place, number in bins:
            rows.append(
                {
                    **{"step": step, "epoch": step / EPOCH_STEPS, "probe": probe, "layer": layer},
                    **{"weight": weight, "bin": place, "value": float(number)},
                }
            )
    return rows
