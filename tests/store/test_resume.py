"""A training that was broken off is gone on with to the same bits; who may do so, and what is said otherwise."""

import errno
import os
import signal
import sys
import time
from unittest.mock import Mock

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.engine import Trainer, read_request
from backlit.engine.devices import Placement
from backlit.engine.prepare import Ingredients
from backlit.errors import DataError, ModelError, SettingError, StoreError
from backlit.run import Run
from backlit.store import Store, arrays, rows, training
from backlit.store.keeping import versions
from backlit.store.training import Checkpoints, CtrlC, Interrupted
from backlit.store.unfinished import Lock, Unfinished
from tests.engine.populations import blobs, dense, one_by_one

REQUEST = {"epochs": 40, "learning_rate": [0.1, 0.01], "seeds": 2, "verbose": False}


def network():
    return keras.Sequential(
        [keras.layers.Dense(6, "relu"), keras.layers.Dropout(0.3), keras.layers.Dense(3, "softmax")]
    )


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch):
    """After the first call of 32 steps, a chunk is one step, however fast the machine is."""
    module = sys.modules[Trainer.__module__]  # `backlit.engine.train` is the function
    monkeypatch.setattr(module, "UNWATCHED_S", 0.0)
    monkeypatch.setattr(module, "WATCHED_S", 0.0)


@pytest.fixture
def broken_off(ctrl_c_at):
    """Trains until Ctrl-C in the chunk with this step, and gives the unfinished row."""

    def fit(model=None, data="iris", step=40, **others):
        ctrl_c_at(step)
        with pytest.raises(Interrupted):
            bl.fit(network() if model is None else model, data, **{**REQUEST, **others})
        return Store().unfinished()[0]

    return fit


def unbroken(**others):
    return bl.fit(network(), "iris", save=False, **{**REQUEST, **others})


def test_a_population_is_gone_on_with(broken_off, assert_same):
    row = broken_off()
    assert (row.data, row.n_members, row.axes) == ("iris", 4, ("learning_rate", "seed"))
    assert (row.group, row.n_groups, row.n_epochs) == (0, 1, 40)
    assert 40 <= row.step < 160
    assert row.step / 4 == row.epoch  # 105 rows in batches of 32 are 4 steps
    assert not row.is_training
    run = bl.resume()
    assert row.id == run.id
    assert_same(unbroken(), run)
    assert_same(run, bl.open_run(row.id))
    assert [] == Store().unfinished()
    assert [] == list((Store().home / "unfinished").iterdir())
    assert [row.id] == [kept.id for kept in Store().listing()]


def test_in_the_second_group_with_probes_and_early_stopping(broken_off, assert_same):
    request = {"batch_size": [16, 32], "early_stopping": 12, "probes": ["weight_norm"], "epochs": 60}
    row = broken_off(step=10**9, on_progress=in_the_second_group(), **request)
    assert (1, 2) == (row.group, row.n_groups)
    run = Store().resume(row.id[-4:])
    expected = unbroken(**request)
    assert_same(expected, run)
    opened = bl.open_run(row.id)
    for mine, theirs in zip(expected.trained.groups, opened.trained.groups, strict=True):
        assert np.array_equal(mine.result.measured_steps, theirs.result.measured_steps)
        measured = [one.result.measured["weight_norm"].values() for one in (mine, theirs)]
        assert all(a.tobytes() == b.tobytes() for a, b in zip(*measured, strict=True))


def in_the_second_group():
    """Presses Ctrl-C when the second group reports for the first time."""
    pressed = []

    def on_progress(progress, group, n_groups):
        if group == 1 and not pressed:
            pressed.append(group)
            signal.raise_signal(signal.SIGINT)

    return on_progress


def test_broken_off_twice(broken_off, assert_same, ctrl_c_at):
    row = broken_off(step=20)
    ctrl_c_at(90)
    with pytest.raises(Interrupted, match=f"backlit resume {row.id}"):
        bl.resume(row.id)
    [later] = Store().unfinished()
    assert later.step > row.step
    assert later.created == row.created
    assert_same(unbroken(), bl.resume(row.id))


def test_a_rerun_that_was_broken_off_still_is_one(ctrl_c_at, assert_same):
    first = bl.fit(network(), "iris", **REQUEST)
    ctrl_c_at(30)
    with pytest.raises(Interrupted):
        Store().rerun(first.id)
    again = bl.resume()
    assert_same(first, again)
    assert first.id == Store().listing()[0].rerun_of


def test_weights_that_were_given(broken_off, assert_same):
    """A built model keeps its weights: no seed could draw them again."""
    model = dense(5, n_features=4)
    expected = bl.fit(model, "iris", save=False, **{**REQUEST, "seeds": 1})
    broken_off(model, seeds=1)
    keras.utils.set_random_seed(99)
    assert_same(expected, bl.resume())


def test_the_chunk_that_is_the_last(ctrl_c_at, assert_same):
    ctrl_c_at(160)
    with pytest.raises(Interrupted, match="The run is kept as"):
        bl.fit(network(), "iris", **REQUEST)
    assert [] == Store().unfinished()
    assert_same(unbroken(), bl.open_run("last"))


def test_what_is_not_to_be_kept_is_lost(ctrl_c_at):
    ctrl_c_at(20)
    with pytest.raises(KeyboardInterrupt) as raised:
        unbroken()
    assert not isinstance(raised.value, Interrupted)
    assert [] == list(Store().home.iterdir())


def test_a_line_says_how_to_go_on(ctrl_c_at, capsys):
    ctrl_c_at(20)
    with pytest.raises(KeyboardInterrupt):
        bl.fit(network(), "iris", **{**REQUEST, "verbose": True})
    [row] = Store().unfinished()
    assert (
        f'Stopped before the end. To go on: `backlit resume {row.id}`, in Python `bl.resume("{row.id}")`.\n'
        == capsys.readouterr().err
    )


def test_the_second_ctrl_c_ends_at_once():
    with CtrlC() as ctrl_c:
        signal.raise_signal(signal.SIGINT)
        assert ctrl_c.pressed
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


# When checkpoints are written


@pytest.fixture
def written(monkeypatch):
    """Clock readings at which checkpoints were begun, on a clock that a test turns; each takes `cost` seconds."""
    clock = type("Clock", (), {"now": 0.0, "cost": 0.5, "begun": []})()
    clock.begun = []

    def write(self, trainer):
        clock.begun.append(clock.now)
        clock.now += clock.cost

    monkeypatch.setattr(training.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(Checkpoints, "write", write)
    return clock


@pytest.mark.parametrize(
    ("every_s", "cost_s", "expected"),
    [
        (20.0, 0.5, [20, 46, 72, 98]),  # 20.5 + 50 · 0.5 = 45.5, seen at the next whole second
        (20.0, 0.1, [20, 41, 62, 83]),  # 50 · 0.1 s are less than 20 s: 20.1 + 20
        (0.0, 0.5, [0, 1, 2, 3]),
        (None, 0.5, []),
    ],
)
def test_they_take_a_fiftieth_of_the_time_at_most(written, every_s, cost_s, expected):
    written.cost = cost_s
    checkpoints = Checkpoints(Store(), every_s=every_s)
    for second in range(99):
        written.now = max(written.now, float(second))
        checkpoints.write_if_due(Mock(spec=Trainer, is_done=False))
    assert expected == [int(begun) for begun in written.begun][:4]


def test_a_short_training_writes_none(monkeypatch):
    monkeypatch.setattr(Checkpoints, "write", None)
    bl.fit(network(), "iris", **{**REQUEST, "epochs": 2})
    assert not (Store().home / "unfinished").exists()


def test_only_the_newest_stays(monkeypatch):
    seen = []
    tidy = Unfinished.tidy

    def look(self, id):
        tidy(self, id)
        seen.append(sorted(path.name for path in (self.place / id).iterdir()))

    monkeypatch.setattr(Unfinished, "tidy", look)
    bl.fit(network(), "iris", checkpoint_s=0, **{**REQUEST, "epochs": 12})
    assert len(seen) > 2
    assert seen == [[f"{n:08d}", "lock"] for n in range(len(seen))]
    assert [] == list((Store().home / "unfinished").iterdir())


def test_the_rows_lie_on_the_disk_once(broken_off):
    row = broken_off()
    data = Store()._unfinished.newest(row.id).file("data")
    inode = data.stat().st_ino
    run = bl.resume()
    assert inode == (Store().home / "runs" / run.id / "data.safetensors").stat().st_ino


@pytest.mark.parametrize("seconds", [-1, "often", True])
def test_no_time_between_checkpoints(seconds):
    with pytest.raises(SettingError, match="expected seconds, at least 0, or None"):
        Store().checkpoints(seconds)


def test_a_full_disk_does_not_stop_the_training(monkeypatch, capsys, assert_same):
    full_disk(monkeypatch)
    run = bl.fit(network(), "iris", checkpoint_s=0, **REQUEST)
    told = capsys.readouterr().err
    assert 1 == told.count("the disk is full")
    assert "Writing a checkpoint" in told
    monkeypatch.undo()
    assert_same(unbroken(), run)


def test_ctrl_c_on_a_full_disk_says_that_nothing_was_kept(monkeypatch, ctrl_c_at):
    ctrl_c_at(30)
    full_disk(monkeypatch)
    with pytest.raises(Interrupted, match=r"Stopped before the end\. Writing a checkpoint: .* the disk is full"):
        bl.fit(network(), "iris", **REQUEST)
    assert [] == Store().unfinished()


def full_disk(monkeypatch):
    write = arrays.write_tree

    def fill(path, tree):
        if path.stem == "state":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, tree)

    monkeypatch.setattr(arrays, "write_tree", fill)


# Who may go on with what


def test_an_unfinished_run_is_not_opened_by_mistake(broken_off):
    row = broken_off()
    for name in (row.id, row.id[-4:], row.id[:12]):
        with pytest.raises(StoreError, match=f"Go on with it: `backlit resume {row.id}`"):
            bl.open_run(name)
    with pytest.raises(StoreError, match=f"Go on with it: `backlit resume {row.id}`"):
        bl.open_run("last")
    with pytest.raises(StoreError, match="`backlit resume"):
        Store().rerun(row.id)
    assert 0 == len(bl.runs())


def test_a_run_that_has_ended_is_not_gone_on_with(population):
    id = Store().keep(population)
    with pytest.raises(StoreError, match=rf"received one that has ended\. Look at it .`backlit show {id}`"):
        bl.resume(id)
    with pytest.raises(StoreError, match=r"at least one unfinished run under .* received none"):
        bl.resume()


def test_a_name_of_no_unfinished_run(broken_off):
    row = broken_off()
    with pytest.raises(StoreError, match=f"a name that no run has. The newest: `{row.id}`"):
        bl.resume("nothing-like-it")


def test_one_process_at_a_time(broken_off):
    row = broken_off()
    lock = Store()._unfinished.lock(row.id)
    assert Store().unfinished()[0].is_training
    for act in (bl.resume, Store().delete):
        with pytest.raises(StoreError, match=f"received a run that process {os.getpid()} is training"):
            act(row.id)
    lock.free()
    assert not Store().unfinished()[0].is_training
    assert row.id == bl.resume().id


def test_the_lock_of_a_process_that_died_is_taken_over(tmp_path):
    """The file stays, with a number in it that may be anybody's; what counts is that nobody holds it."""
    (tmp_path / "lock").write_text("1")
    lock = Lock(tmp_path / "lock")
    assert lock.take()
    assert str(os.getpid()) == lock.holder()
    other = Lock(tmp_path / "lock")
    assert not other.take()
    lock.free()
    assert other.take()
    other.free()


def test_a_lock_whose_file_has_gone_is_not_taken(tmp_path):
    lock = Lock(tmp_path / "lock")
    (tmp_path / "lock").unlink()
    assert not lock.take()
    (tmp_path / "lock").write_text("")  # another run of the same name cannot be, but another file can
    assert not lock.take()
    lock.free()


def test_deleting(broken_off, population):
    kept = Store().keep(population)
    row = broken_off()
    assert row.id == Store().delete(row.id[-4:])
    assert [] == Store().unfinished()
    assert [kept] == [one.id for one in Store().listing()]
    assert [] == list((Store().home / "unfinished").iterdir())
    assert kept == Store().delete("last")


def test_what_dead_processes_left_is_swept(population, broken_off):
    row = broken_off()
    place = Store().home / "unfinished"
    ended = Store().keep(population)
    for name in (ended, "old-and-empty", "new-and-empty", ".half-gone"):
        (place / name / ".00000000-1").mkdir(parents=True)
        (place / name / "lock").touch()
    os.utime(place / "old-and-empty", (time.time() - 120,) * 2)
    assert [row.id] == [one.id for one in Store().unfinished()], "nothing of this is shown"
    Store()._unfinished.sweep({ended})
    assert {row.id, "new-and-empty"} == {path.name for path in place.iterdir()}


# What going on needs


def test_a_model_that_keras_cannot_write(broken_off, assert_same):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(3)])
    request = {"loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "seeds": 1}
    broken_off(model, **request)
    with pytest.raises(ModelError, match=r'Store\(\).resume\(".*", model=…\)'):
        bl.resume()
    resumed = bl.resume(model=model)
    assert_same(bl.fit(model, "iris", save=False, **{**REQUEST, **request}), resumed)


def test_arrays_too_large_to_keep(broken_off, monkeypatch, assert_same):
    monkeypatch.setattr(rows, "MAX_DATA_BYTES", 100)
    data = bl.load("iris").train
    broken_off(data=data)
    with pytest.raises(DataError, match=r'Store\(\).resume\(".*", data=\(X, y\)\)'):
        bl.resume()
    with pytest.raises(DataError, match="received other contents"):
        bl.resume(data=(data[0] + 1, data[1]))
    expected = bl.fit(network(), data, save=False, **REQUEST)
    assert_same(expected, bl.resume(data=data))


def test_other_versions_are_told(broken_off, monkeypatch):
    broken_off()
    monkeypatch.setattr("backlit.store.reopening.versions", lambda: {**versions(), "jax": "0.0"})
    assert any("Other versions than then (jax" in str(note) for note in bl.resume().notes)


@pytest.mark.parametrize(("block", "n_slots"), [(1, 3), (5, 5)])
def test_fewer_devices_than_then(block, n_slots):
    """Three members on two devices, one of them stopped, go on on one: mapped, a member has the same bits anywhere."""
    experiment, ingredients = read_request(
        dense(4),
        blobs(24, n_validation=12),
        epochs=12,
        batch_size=8,
        optimizer="sgd",
        early_stopping=3,
        settings={"learning_rate": [0.1, 1e-12, 0.2]},  # the second is too small to change a float32
    )
    then = Trainer(experiment, placed(ingredients, one_by_one(3)))
    then.advance(20)
    assert [True, False, True] == then.training.living.tolist()
    checkpoint = then.checkpoint()
    expected = Run(experiment, ingredients, then.train())
    trainer = Trainer(experiment, placed(ingredients, Placement(n_devices=1, block=block, n_slots=n_slots)))
    trainer.go_on(checkpoint.results, checkpoint.training)
    again = trainer.training.snapshot()
    assert n_slots - 3 == again["is_idle"].sum()
    assert not again["state"]["stop_epoch"][again["is_idle"]].any(), "a place that nobody has never counts"
    run = Run(experiment, ingredients, trainer.train())
    assert expected.members["status"].equals(run.members["status"])
    for member in range(3):
        for one, other in zip(expected.weights(member), run.weights(member), strict=True):
            if block == 1:
                assert one.tobytes() == other.tobytes()
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def placed(ingredients, placement):
    named = {name: getattr(ingredients, name) for name in ("data", "models", "loss", "metrics", "initial")}
    return Ingredients(**named, placements=(placement,))
