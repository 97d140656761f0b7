"""backlit, a deep-learning laboratory: train populations of Keras networks at once and see why they learn.

    import backlit as bl, keras          # backlit first: it chooses Keras's JAX backend

    data = bl.load("digits")
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    run = bl.fit(model, data, epochs=10, learning_rate=[0.1, 0.01], seeds=5)

Names are imported when they are first used, so that `import backlit` takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from backlit.backend import choose_backend as _choose_backend

if TYPE_CHECKING:
    from backlit import explain as explain
    from backlit import views as views
    from backlit.data import Dataset as Dataset
    from backlit.data import bags as bags
    from backlit.data import folds as folds
    from backlit.data import given_rows as given_rows
    from backlit.data import load as load
    from backlit.data import subsets as subsets
    from backlit.engine import EarlyStopping as EarlyStopping
    from backlit.engine import Experiment as Experiment
    from backlit.engine import augmented as augmented
    from backlit.engine import zipped as zipped
    from backlit.errors import BacklitError as BacklitError
    from backlit.errors import CompileError as CompileError
    from backlit.errors import DataError as DataError
    from backlit.errors import LessonError as LessonError
    from backlit.errors import MissingPackageError as MissingPackageError
    from backlit.errors import ModelError as ModelError
    from backlit.errors import RunError as RunError
    from backlit.errors import SettingError as SettingError
    from backlit.errors import StoreError as StoreError
    from backlit.explain import reference as reference
    from backlit.fitting import fit as fit
    from backlit.language import set_language as set_language
    from backlit.modes import Stage as Stage
    from backlit.modes import autoencoder as autoencoder
    from backlit.modes import choice as choice
    from backlit.modes import cluster as cluster
    from backlit.modes import cross_validate as cross_validate
    from backlit.modes import ensemble as ensemble
    from backlit.modes import fine_tune as fine_tune
    from backlit.modes import learning_curve as learning_curve
    from backlit.modes import log_uniform as log_uniform
    from backlit.modes import pseudo_label as pseudo_label
    from backlit.modes import search as search
    from backlit.modes import uniform as uniform
    from backlit.run import Run as Run
    from backlit.store import open_run as open_run
    from backlit.store import resume as resume
    from backlit.store import runs as runs
    from backlit.streaming import Stream as Stream
    from backlit.streaming import stream as stream

__version__ = "0.1.0"

__all__ = [
    "BacklitError",
    "CompileError",
    "DataError",
    "Dataset",
    "EarlyStopping",
    "Experiment",
    "LessonError",
    "MissingPackageError",
    "ModelError",
    "Run",
    "RunError",
    "SettingError",
    "Stage",
    "StoreError",
    "Stream",
    "augmented",
    "autoencoder",
    "bags",
    "choice",
    "cluster",
    "cross_validate",
    "ensemble",
    "explain",
    "fine_tune",
    "fit",
    "folds",
    "given_rows",
    "learning_curve",
    "load",
    "log_uniform",
    "open_run",
    "pseudo_label",
    "reference",
    "resume",
    "runs",
    "search",
    "set_language",
    "stream",
    "subsets",
    "uniform",
    "views",
    "zipped",
]

_HOMES = {
    "backlit.data": ["Dataset", "bags", "folds", "given_rows", "load", "subsets"],
    "backlit.engine": ["EarlyStopping", "Experiment", "augmented", "zipped"],
    "backlit.errors": [name for name in __all__ if name.endswith("Error")],
    "backlit.language": ["set_language"],
    "backlit.explain": ["reference"],
    "backlit.fitting": ["fit"],
    "backlit.modes": [
        "Stage",
        "autoencoder",
        "choice",
        "cluster",
        "cross_validate",
        "ensemble",
        "fine_tune",
        "learning_curve",
        "log_uniform",
        "pseudo_label",
        "search",
        "uniform",
    ],
    "backlit.run": ["Run"],
    "backlit.store": ["open_run", "resume", "runs"],
    "backlit.streaming": ["Stream", "stream"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

_choose_backend()


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'backlit' has no attribute {name!r}")
    # `explain` and `views` are packages of this one; all other names live in one.
    is_package = name in ("explain", "views")
    value = import_module(f"backlit.{name}") if is_package else getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
