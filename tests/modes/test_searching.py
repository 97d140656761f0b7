"""`search`: who is trained how long, who goes on, who wins."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import Dataset, Splits
from backlit.errors import DataError, RunError, SettingError
from backlit.modes.searching import Stage, halving_stages, is_better_larger

RATES = {"learning_rate": [0.1, 1e-6, 1e-7, 0.03]}


def test_a_random_search_is_one_population(net, blobs, quick):
    found = bl.search(net(), blobs, space={"learning_rate": bl.log_uniform(1e-3, 1)}, n=5, seeds=2, **quick)
    assert 10 == len(found.run)
    assert 1 == len(found.run.trained.groups)
    assert found.table["mean"].is_sorted()
    assert 20 == found.n_epochs


@pytest.fixture(scope="module")
def grid(net, blobs, quick):
    return bl.search(net(), blobs, space=RATES, how="grid", seeds=2, **quick)


def test_the_table_has_the_mean_over_seeds(grid):
    found = grid
    rows = found.run.members
    for row in found.table.to_dicts():
        own = rows.filter(rows["learning_rate"] == row["learning_rate"])["val_loss"].to_numpy()
        assert row["mean"] == pytest.approx(own.mean())
        assert row["n"] == 2
    assert found.best["learning_rate"] in (0.1, 0.03)
    assert {0.1, 0.03} == set(found.table["learning_rate"][:2])


def test_the_winner_has_the_best_settings_and_hands_over_a_model(grid):
    found = grid
    assert {found.best["learning_rate"]} == set(found.winner.members["learning_rate"])
    assert 2 == len(found.winner)
    assert isinstance(found.model, keras.Model)


def test_arguments_of_the_building_function_are_searched(net, blobs, quick):
    found = bl.search(net, blobs, space={"units": [2, 8], "learning_rate": [0.1, 0.01]}, how="grid", **quick)
    assert 4 == len(found.table)
    assert ("units",) == found.built
    assert f"learning_rate={found.best['learning_rate']!r}" in found.code
    assert f"vary={{'units': [{found.best['units']}]}}" in found.code


def test_the_code_trains_the_winner_again(net, blobs, quick):
    found = bl.search(net, blobs, space={"units": [2, 8], "learning_rate": [0.1]}, how="grid", **quick)
    names = {"bl": bl, "model": net, "data": blobs}
    exec(found.code.replace("seeds=1)", "seeds=1, save=False, verbose=False)"), names)
    assert names["run"].members["val_loss"][0] == pytest.approx(found.table["mean"][0], rel=1e-4)


def test_a_larger_accuracy_is_better_and_a_larger_loss_is_not(net, blobs, quick):
    found = bl.search(net(), blobs, space=RATES, how="grid", metric="accuracy", **quick)
    assert found.table["mean"].is_sorted(descending=True)
    assert is_better_larger("accuracy")
    assert is_better_larger("auc")
    assert not is_better_larger("loss")
    assert not is_better_larger("mean_absolute_error")


@pytest.mark.parametrize(
    ("n", "epochs", "expected"),
    [
        (8, 16, [(8, 2), (4, 2), (2, 4), (1, 8)]),  # in all 2, 4, 8, 16 epochs
        (5, 4, [(5, 1), (3, 1), (2, 2)]),  # halves are rounded up
        (16, 1, [(16, 1)]),
        (1, 10, [(1, 10)]),
        (4, 10, [(4, 2), (2, 3), (1, 5)]),  # 2.5 rounds to 2, then 5, 10
    ],
)
def test_stages_of_halving(n, epochs, expected):
    assert [Stage(*one) for one in expected] == halving_stages(n, epochs)
    assert sum(stage.epochs for stage in halving_stages(n, epochs)) == epochs


def test_halving_goes_on_with_the_better_half_from_where_it_was(net, blobs):
    found = bl.search(net(), blobs, space=RATES, how="halving", n=4, epochs=4, seeds=2, save=False, verbose=False)
    assert [8, 4, 2] == [len(run) for run in found.runs]
    assert [1, 1, 2] == [run.experiment.epochs for run in found.runs]
    assert {0.1, 0.03} == {setting["learning_rate"] for setting in found.tried[1]}
    # The second stage begins with the weights that the first ended with, so its loss is below that of a fresh start.
    first, second = found.runs[0].members, found.runs[1].members
    before = first.filter(first["learning_rate"].is_in([0.1, 0.03]))["loss"].to_numpy()
    assert second["loss"].to_numpy().mean() < before.mean() - 0.1
    # 8 × 1 + 4 × 1 + 2 × 2
    assert 16 == found.n_epochs
    assert found.best == {"learning_rate": found.runs[-1].members["learning_rate"][0]}
    assert [4, 2, 1, 1] == found.table["epochs"].to_list()


def test_a_budget_buys_settings(net, blobs, quick):
    # 2 epochs × 2 seeds = 4 each: 18 epochs buy 4 settings
    found = bl.search(net(), blobs, space={"learning_rate": bl.log_uniform(1e-3, 1)}, budget=18, seeds=2, **quick)
    assert 4 == len(found.table)
    assert 16 == found.n_epochs


def test_diverged_settings_come_last(net, blobs, quick):
    found = bl.search(net(), blobs, space={"learning_rate": [1e30, 0.1]}, how="grid", optimizer="sgd", **quick)
    assert [0.1, 1e30] == found.table["learning_rate"].to_list()
    assert found.table["mean"][1] is None
    lost = bl.search(net(), blobs, space={"learning_rate": [1e30, 1e29]}, how="grid", optimizer="sgd", **quick)
    with pytest.raises(RunError, match="2 settings, all diverged"):
        _ = lost.best


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"how": "rnadom"}, "received `rnadom`. Did you mean `random`"),
        ({"n": 3, "budget": 3}, "expected either `n` or `budget`, received both"),
        ({"budget": 5}, "a `budget` of at least 10 epochs, which one setting takes, received `5`"),
        ({"n": 0}, "expected `n`, a whole number of at least 1, received 0"),
        ({"space": {"epochs": [1, 2]}, "how": "halving"}, "other names than `epochs`"),
        ({"momentum": [0.1, 0.9]}, "received several of `momentum`"),
        ({"space": {"learning_rat": [0.1]}, "how": "grid"}, "received `learning_rat`"),
        ({"metric": "acc", "epochs": 1, "n": 1, "save": False, "verbose": False}, "received `acc`"),
    ],
)
def test_mistakes(net, blobs, arguments, words):
    space = {"learning_rate": bl.log_uniform(1e-3, 1)}
    with pytest.raises(SettingError, match=words):
        bl.search(net(), blobs, **{"space": space, **arguments})


def test_without_rows_that_judge(net, blobs):
    data = Dataset("d", blobs.inputs, blobs.targets, task="classification", splits=Splits.of_rows(np.arange(90)))
    with pytest.raises(DataError, match="expected validation rows"):
        bl.search(net(), data, space=RATES)
