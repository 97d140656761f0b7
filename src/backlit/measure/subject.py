"""What measurements and views read of a run: an interface, because `run.py` stands above them."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

import keras
import numpy as np
import polars as pl

from backlit.data import Dataset, Splits
from backlit.engine.experiment import Experiment
from backlit.measure.verdicts import FindingSummary, TrialResult


class AbstractSubject(ABC):
    """A population after training, or one network; `backlit.Run` is the one there is, and documents each member."""

    id: str
    experiment: Experiment
    findings: tuple[FindingSummary, ...] = ()  # filled by the doctor
    trial: TrialResult | None = None  # filled by a trial

    @property
    @abstractmethod
    def data(self) -> Dataset: ...

    @property
    @abstractmethod
    def axes(self) -> tuple[str, ...]: ...

    @property
    @abstractmethod
    def compile_s(self) -> float: ...

    @property
    @abstractmethod
    def run_s(self) -> float: ...

    @property
    @abstractmethod
    def samples_per_s(self) -> float: ...

    @cached_property
    @abstractmethod
    def history(self) -> pl.DataFrame: ...

    @cached_property
    @abstractmethod
    def probes(self) -> pl.DataFrame: ...

    @cached_property
    @abstractmethod
    def members(self) -> pl.DataFrame: ...

    @property
    @abstractmethod
    def finished(self) -> list[int]: ...

    @property
    @abstractmethod
    def best(self) -> int: ...

    @cached_property
    @abstractmethod
    def model(self) -> keras.Model: ...

    @property
    @abstractmethod
    def best_data(self) -> Dataset: ...

    @cached_property
    @abstractmethod
    def metric_names(self) -> list[str]: ...

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, member: int) -> Any: ...

    @abstractmethod
    def summary(self, metric: str | None = None, *, split: str | None = None) -> pl.DataFrame: ...

    @abstractmethod
    def evaluate(self, split: str = "test") -> pl.DataFrame: ...

    @abstractmethod
    def predict(self, inputs: Any, *, member: int | None = None) -> np.ndarray: ...

    @abstractmethod
    def weight_path(self, member: int | None = None) -> list[list[np.ndarray]]: ...

    @abstractmethod
    def splits_of(self, member: int) -> Splits: ...

    @abstractmethod
    def data_of(self, member: int) -> Dataset: ...
