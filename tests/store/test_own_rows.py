"""Runs whose members have rows of their own: kept, opened, repeated, resumed, branched."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.engine import Trainer
from backlit.fitting import requested
from backlit.store import Store
from tests.engine.populations import blobs, same


def model():
    return keras.Sequential(
        [keras.layers.Dense(5, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3, "softmax")]
    )


REQUEST = {"epochs": 4, "seeds": 2, "batch_size": 8, "metrics": ["accuracy"]}


@pytest.mark.parametrize(
    "deals",
    [bl.folds(3), bl.bags(2, seed=3), bl.subsets([8, 16]), bl.given_rows([[0, 1], [2, 3]], seeds=[5, 6])],
    ids=lambda deals: deals.names[0],
)
def test_kept_opened_and_repeated(deals, assert_same):
    request = {**REQUEST, "seeds": 1 if "seed" in deals.names else 2, "early_stopping": 1}
    run = bl.fit(model(), blobs(24, n_validation=6), rows=deals, verbose=False, **request)
    opened = bl.open_run(run.id)
    assert run.experiment == opened.experiment
    assert run.history.equals(opened.history)
    assert run.members.equals(opened.members)
    assert run.evaluate("validation").equals(opened.evaluate("validation"))
    for member in range(len(run)):
        assert run.splits_of(member).train.tolist() == opened.splits_of(member).train.tolist()
    again = Store().rerun(run.id)
    assert_same(run, again)
    assert run.experiment == again.experiment


def test_a_table_from_a_file(assert_same, tmp_path, rng):
    csv = tmp_path / "table.csv"
    rows = [",".join(map(str, row)) + f",{'abc'[i % 3]}" for i, row in enumerate(rng.normal(size=(48, 4)).round(3))]
    csv.write_text("\n".join(["p,q,r,s,kind", *rows]) + "\n", encoding="utf-8")
    run = bl.fit(model(), str(csv), rows=bl.folds(3), verbose=False, **REQUEST)
    assert_same(run, Store().rerun(run.id))
    csv.unlink()
    opened = bl.open_run(run.id)
    assert run.history.equals(opened.history)
    with pytest.raises(bl.DataError, match="as it was"):
        opened.splits_of(0)
    with pytest.raises(bl.DataError, match="as it was"):
        opened.evaluate("validation")


def test_groups_and_order_are_kept_with_arrays():
    inputs, targets = np.arange(24, dtype="float32")[:, None] * np.ones(6, "float32"), np.arange(24) % 3
    groups = np.arange(24) // 4
    data = bl.load((inputs, targets), groups=groups)
    run = bl.fit(model(), data, rows=bl.folds(2), verbose=False, **REQUEST)
    opened = bl.open_run(run.id)
    assert groups.tolist() == opened.data.splits.groups.tolist()
    for member in range(4):
        splits = opened.splits_of(member)
        assert not set(groups[splits.train]) & set(groups[splits.validation])


def test_a_checkpoint_goes_on_with_the_same_bits(tmp_path):
    """Stopped in the middle of an epoch, kept, and gone on with by another Trainer."""
    data = blobs(24)
    experiment, ingredients = requested(model(), data, rows=bl.folds(3), probes=["loss"], **REQUEST)
    whole = Trainer(experiment, ingredients)
    trained = whole.train()
    broken = Trainer(experiment, ingredients)
    broken.advance(3)
    checkpoint = broken.checkpoint()
    other = Trainer(checkpoint.experiment, ingredients)
    other.go_on(checkpoint.results, checkpoint.training)
    again = other.train()
    for one, two in zip(trained.groups, again.groups, strict=True):
        for part, arrays in one.result.kept.items():
            assert all(np.array_equal(a, b) for a, b in zip(arrays, two.result.kept[part], strict=True))
        for name, values in one.result.records.items():
            assert np.array_equal(values, two.result.records[name], equal_nan=True)


def test_on_another_number_of_devices_a_checkpoint_keeps_each_member_with_its_rows():
    from dataclasses import replace

    from tests.engine.populations import one_block, one_by_one

    data = blobs(24)
    experiment, ingredients = requested(model(), data, rows=bl.folds(3), **{**REQUEST, "seeds": 1})
    two = replace(ingredients, placements=(one_by_one(3),))
    one = replace(ingredients, placements=(one_block(1).model_copy(update={"n_slots": 3}),))
    broken = Trainer(experiment, two)
    broken.advance(3)
    checkpoint = broken.checkpoint()
    other = Trainer(experiment, one)
    other.go_on((), checkpoint.training)
    expected, found = Trainer(experiment, two).train(), other.train()
    for a, b in zip(expected.groups[0].result.kept["trainable"], found.groups[0].result.kept["trainable"], strict=True):
        assert np.array_equal(a, b)


def test_a_stream_can_be_changed_and_branched():
    data = blobs(24)
    request = {**REQUEST, "rows": bl.folds(3), "learning_rate": 0.1, "save": False}
    stream = bl.stream(model(), data, **request)
    stream.step(4)
    snapshot = stream.snapshot()
    rows = [stream._trainer.training.next_rows(member) for member in range(6)]
    assert all(len(own) == 8 for own in rows)
    for _ in stream:
        pass
    repeated = stream.branch(snapshot)
    for _ in repeated:
        pass
    plain = bl.fit(model(), data, verbose=False, **request)
    for member in range(6):
        assert same(plain[member], stream.run[member])
        assert same(plain[member], repeated.run[member])
