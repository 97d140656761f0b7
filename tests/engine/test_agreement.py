"""backlit and Keras's `train_on_batch` compute the same training: see `agreement.py` for how, `cases/` for what."""

import inspect
import os

import keras
import pytest

from tests.engine.cases.table import CASES

# One of each kind; the others are slow.
QUICK = (
    "dense",
    "conv2d",
    "batch-normalisation",
    "dropout",
    "normalisation-adapted",
    "schedule-free-adamw",
    "loss-function",
    "class-weight",
)
QUICK_SINGLE = ("dense", "task-classification")
# In single precision every fourth case, because what it shows beyond double precision is rounding; all of them where
# BACKLIT_AGREEMENT=all asks for it (`make agreement`).
SINGLE = [
    name
    for i, name in enumerate(CASES)
    if name in QUICK_SINGLE or i % 4 == 0 or os.environ.get("BACKLIT_AGREEMENT") == "all"
]
LIMIT = {"float64": 1e-8, "float32": 1e-4}
N_STEPS = {"float64": 50, "float32": 10}
pytestmark = pytest.mark.timeout(1200)  # the first test waits for all comparisons


def _cases(names, *, quick):
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in names]


def _check(one, case, floatx):
    assert not one["failure"], one["failure"]
    limit = LIMIT[floatx]
    assert N_STEPS[floatx] == one["n_steps"]
    assert one["n_moved"] > 0, "nothing was trained"
    assert one["loss_error"] <= limit
    assert one["validation_error"] <= limit
    assert {} == {path: error for path, error in one["weight_errors"].items() if not error <= limit}
    rounding = {"float64": 1e-12, "float32": 1e-5}[floatx]
    assert len(case.zero_gradient) == len(one["zero_gradient"])
    assert {} == {path: moved for path, moved in one["zero_gradient"].items() if not moved <= rounding}


@pytest.mark.parametrize("floatx", ["float64"])
@pytest.mark.parametrize("name", _cases(CASES, quick=QUICK))
def test_fifty_steps_in_double_precision(name, floatx, compared):
    _check(compared[floatx, name], CASES[name], floatx)


@pytest.mark.parametrize("floatx", ["float32"])
@pytest.mark.parametrize("name", _cases(SINGLE, quick=QUICK_SINGLE))
def test_ten_steps_in_single_precision(name, floatx, compared):
    _check(compared[floatx, name], CASES[name], floatx)


@pytest.mark.parametrize("floatx", ["float64"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
        for name, case in CASES.items()
        if case.in_population
    ],
)
def test_a_member_side_by_side_with_another_equals_itself_alone(name, floatx, compared):
    one = compared[floatx, name]
    assert not one["failure"], one["failure"]
    assert one["member_error"] <= 1e-8


def test_the_table_is_large_enough():
    tables = [case.table for case in CASES.values()]
    assert tables.count("layers") >= 30
    assert tables.count("losses") >= 12
    assert set(QUICK) | set(QUICK_SINGLE) <= set(CASES)


def test_every_optimiser_of_keras_is_compared():
    used = set()
    for case in CASES.values():
        if case.table == "optimisers":
            optimizer = case.build().optimizer
            used |= {type(optimizer), *(type(inner) for inner in vars(optimizer).values())}
    known = {
        kind
        for name, kind in vars(keras.optimizers).items()
        if inspect.isclass(kind) and issubclass(kind, keras.optimizers.Optimizer) and name != "Optimizer"
    }
    assert set() == known - used


def test_every_loss_of_keras_is_compared():
    used = {type(case.build().loss) for case in CASES.values() if case.table == "losses"}
    known = {
        kind
        for kind in vars(keras.losses).values()
        if inspect.isclass(kind) and issubclass(kind, keras.losses.Loss) and kind is not keras.losses.Loss
    }
    # CTC compares sequences of different lengths: neither classes, nor labels, nor amounts.
    assert {keras.losses.CTC} == known - used
