"""A training that is watched: stepped, paused, changed, stopped, branched; and the same bits whatever was done.

Arithmetic is that of `tests/engine/test_divergence.py`: one weight w = 1, target 0, so a step multiplies w by
1 - 2 · rate; four rows in batches of two are two steps an epoch.
"""

import threading
import time

import jax
import keras
import numpy as np
import pytest

import backlit as bl
from backlit import streaming
from backlit.engine import train
from backlit.errors import RunError, SettingError
from backlit.run import Run
from backlit.store import Store
from backlit.store.training import Interrupted
from tests.engine.populations import amounts, blobs, dense, linear

ONE_WEIGHT = {"optimizer": "sgd", "batch_size": 2, "save": False}


def stream_of(**arguments):
    return bl.stream(linear(), amounts(4), **{"epochs": 50, **ONE_WEIGHT, **arguments})


def weight(thing, member=0):
    return float(thing.weights(member)[0][0, 0])


def now(stream, member=0):
    return weight(stream.snapshot(), member)


def finish(stream):
    for _ in stream:
        pass
    return stream.run


def assert_equal_bits(one, other):
    """History, weights and the optimiser's state of all members."""
    assert one.history.equals(other.history, null_equal=True)
    assert one.members.equals(other.members, null_equal=True)
    for mine, theirs in zip(one.trained.groups, other.trained.groups, strict=True):
        assert mine.placement == theirs.placement
        for part in ("kept", "optimizer", "diverged_step", "stop_epoch", "best_epoch"):
            pairs = zip(
                jax.tree.leaves(getattr(mine.result, part)), jax.tree.leaves(getattr(theirs.result, part)), strict=True
            )
            assert all(a.tobytes() == b.tobytes() for a, b in pairs), part


def network():
    return keras.Sequential(
        [keras.layers.Dense(6, "relu"), keras.layers.Dropout(0.3), keras.layers.Dense(3, "softmax")]
    )


# Records, steps


def test_a_stream_ends_with_the_run_that_fit_gives():
    request = {"epochs": 12, "learning_rate": [0.1, 0.01], "seeds": 2, "batch_size": [16, 32], "save": False}
    stream = bl.stream(network(), "iris", **request)
    records = list(stream)
    assert_equal_bits(bl.fit(network(), "iris", verbose=False, **request), stream.run)
    assert [0, 1] == sorted({record.group for record in records})
    assert {2} == {record.n_groups for record in records}
    last = records[-1]
    # 105 rows in batches of 32 are 4 steps an epoch.
    assert (1, 48, 12.0, 12) == (last.group, last.step, last.epoch, last.n_epochs)
    assert last.members == last.living == (2, 3, 6, 7)
    assert (4,) == last.loss.shape
    history = stream.run.history.filter(split="train", metric="accuracy", epoch=12)
    own = [row["value"] for row in history.iter_rows(named=True) if row["member"] in last.members]
    assert last.metrics["accuracy"] == pytest.approx(np.mean(own))
    assert last.samples_per_s > 0


def test_steps_are_counted_exactly():
    stream = stream_of(learning_rate=0.1)
    for n, step in ((1, 1), (4, 5), (2, 7)):
        record = stream.step(n)
        assert step == record.step
        assert record.epoch == step / 2
        assert 0.8**step == pytest.approx(now(stream), rel=1e-5)
        assert 0.8 ** (2 * (step - 1)) == pytest.approx(float(record.loss[0]), rel=1e-5), "w² before the step"


def test_where_chunks_end_decides_nothing():
    """Not even the optimiser's state of members that stop early, which go on with their block until the chunk ends."""
    request = {
        "epochs": 20,
        "learning_rate": [1e-12, 0.1, 0.3],  # the first never improves, and stops after the third epoch
        "early_stopping": 2,
        "optimizer": "adam",
        "batch_size": 8,
        "snapshots": False,
        "save": False,
    }
    runs, model = [], dense(4)
    for n_steps in (60, 1):
        stream = bl.stream(model, blobs(24, n_validation=12), **request)
        while not stream.has_ended:
            stream.step(n_steps)
        runs.append(stream.run)
    assert "stopped early" in runs[0].members["status"].to_list()
    assert_equal_bits(*runs)


def test_steps_end_with_their_group():
    stream = bl.stream(linear(), amounts(4), epochs=[1, 2], optimizer="sgd", batch_size=2, save=False)
    assert [2, 4] == [stream.step(100).step for _ in range(2)]
    assert stream.has_ended


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3"])
def test_no_number_of_steps(n):
    with pytest.raises(SettingError, match="a whole number of at least 1"):
        stream_of().step(n)


@pytest.mark.slow
def test_a_chunk_ends_in_a_tenth_of_a_second():
    stream = bl.stream(dense(64), blobs(600), epochs=10_000, batch_size=8, save=False)
    next(stream)
    times = []
    for _ in range(12):
        started = time.perf_counter()
        next(stream)
        times.append(time.perf_counter() - started)
    assert np.median(times) < 0.3, "chunks of 80 ms, on a machine that may be busy"


def test_no_epochs_end_at_once():
    stream = stream_of(epochs=0)
    assert [] == list(stream)
    assert 1.0 == weight(stream.run)


# Pause


def test_a_pause_holds_the_thread_that_iterates_and_steps_work_in_it():
    stream = bl.stream(dense(8), blobs(64), epochs=1_000_000, batch_size=8, seeds=2, save=False)
    records, is_through = [], threading.Event()

    def iterate():
        records.extend(stream)
        is_through.set()

    thread = threading.Thread(target=iterate, daemon=True)
    thread.start()
    wait_for(lambda: len(records) > 2)
    stream.pause()
    paused_at = stream.step(3).step  # waits for the chunk in hand
    assert stream.is_paused
    time.sleep(0.2)  # the record of that chunk may still be on its way
    n_records = len(records)
    time.sleep(0.3)
    assert n_records == len(records)
    assert paused_at + 5 == stream.step(5).step
    stream.resume()
    wait_for(lambda: len(records) > n_records + 2)
    assert records[n_records].step > paused_at + 5
    stream.pause()
    stream.stop()
    assert is_through.wait(5), "stopping ends the pause"
    thread.join()
    assert stream.has_ended


def test_who_asks_for_a_turn_gets_it_while_another_thread_iterates():
    stream = bl.stream(dense(8), blobs(64), epochs=1_000_000, batch_size=8, learning_rate=0.1, save=False)
    thread = threading.Thread(target=lambda: list(stream), daemon=True)
    thread.start()
    for rate in (0.1, 0.2, 0.3, 0.4, 0.5):
        stream.change(learning_rate=rate)
    stream.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert [0.1, 0.2, 0.3, 0.4, 0.5][-1] == stream.run.experiment.changes[-1].settings["learning_rate"]


def wait_for(is_so):
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# Changes


@pytest.mark.parametrize("arguments", [{"learning_rate": 0.1}, {"optimizer": keras.optimizers.SGD(0.1)}])
def test_a_change_of_the_rate_holds_from_the_next_step(arguments):
    # 0.8³ and then a factor of 1 - 2 · 0.25 = 0.5 a step, for a rate that is traced and for the optimiser's own.
    stream = stream_of(**arguments)
    stream.step(3)
    stream.change(learning_rate=0.25)
    stream.step(2)
    assert 0.8**3 * 0.5**2 == pytest.approx(now(stream), rel=1e-5)
    stream.change(learning_rate=0.1)
    stream.change(learning_rate=0.4)  # the last one counts: 1 - 0.8 = 0.2
    stream.step(1)
    assert 0.8**3 * 0.5**2 * 0.2 == pytest.approx(now(stream), rel=1e-5)
    changes = [(change.step, change.settings["learning_rate"]) for change in stream.run.experiment.changes]
    assert [(3, 0.25), (5, 0.4)] == changes


def test_a_change_equals_keras_with_another_rate():
    model, data = dense(8), blobs(24)
    stream = bl.stream(model, data, optimizer="adam", learning_rate=0.01, batch_size=24, epochs=6, save=False)
    stream.step(3)
    stream.change(learning_rate=0.05)
    run = finish(stream)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(*data.train, epochs=3, batch_size=24, verbose=0)
    model.optimizer.learning_rate = 0.05
    model.fit(*data.train, epochs=3, batch_size=24, verbose=0)
    for ours, theirs in zip(run.weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_a_value_for_each_member():
    stream = stream_of(learning_rate=[0.1, 0.25])
    stream.step(2)
    stream.change(learning_rate=[0.4, 0.1])
    stream.step(1)
    assert 0.8**2 * 0.2 == pytest.approx(now(stream, 0), rel=1e-5)
    assert 0.5**2 * 0.8 == pytest.approx(now(stream, 1), rel=1e-5)


def test_a_change_of_another_number():
    # l2 adds 2 · l2 · w to the gradient 2w: with 0.5 a step is 1 - 0.1 · 3 = 0.7, with 1.5 it is 1 - 0.1 · 5 = 0.5.
    stream = stream_of(learning_rate=0.1, l2=0.5)
    stream.step(2)
    stream.change(l2=1.5)
    stream.step(2)
    assert 0.7**2 * 0.5**2 == pytest.approx(now(stream), rel=1e-5)


@pytest.mark.slow
def test_changes_in_two_groups_and_a_rerun_of_them():
    request = {"epochs": 6, "batch_size": [16, 32], "seeds": 2, "optimizer": "adam", "learning_rate": 0.01}
    stream = bl.stream(network(), "iris", **request)
    stream.step(10)
    stream.change(learning_rate=[0.1, 0.001])
    stream.step(100)  # to the end of its group
    stream.step(3)
    stream.change(learning_rate=0.05)
    run = finish(stream)
    assert [(0, 10), (1, 3)] == [(change.group, change.step) for change in run.experiment.changes]
    assert run.id
    assert_equal_bits(run, bl.open_run(run.id))
    assert_equal_bits(run, Store().rerun(run.id, save=False))


@pytest.mark.parametrize(
    ("settings", "arguments", "match"),
    [
        ({"momentum": 0.9}, {}, "received `momentum`, which is constant in it. Begin the stream .* `momentum=0.1`"),
        ({"units": 3}, {}, "received `units`, which is constant"),
        ({"learning_rate": "fast"}, {}, "a number of at least 0"),
        ({"learning_rate": -1.0}, {}, "a number of at least 0"),
        ({"learning_rate": float("inf")}, {}, "one number, or 1 for the 1 members"),
        ({"learning_rate": [0.1, 0.2]}, {}, "one number, or 1 for the 1 members"),
        ({"learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 10)}, {}, "one number, or 1"),
        (
            {"learning_rate": 0.1},
            {"learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 10)},
            "a learning rate that a schedule sets. Give the optimiser a number",
        ),
    ],
)
def test_what_cannot_be_changed(settings, arguments, match):
    stream = stream_of(**arguments)
    stream.step(2)
    before = now(stream)
    with pytest.raises(SettingError, match=match):
        stream.change(**settings)
    assert before == now(stream)
    assert () == stream.run.experiment.changes


def test_nothing_can_be_changed_or_trained_after_the_end():
    stream = stream_of()
    stream.stop()
    for act in (lambda: stream.change(learning_rate=0.1), stream.step):
        with pytest.raises(RunError, match="received one that has ended"):
            act()
    assert [] == list(stream)


# Stop


def test_a_stream_that_was_stopped_is_kept_and_repeated_to_the_same_bits():
    request = {"epochs": 9, "batch_size": [16, 32], "seeds": 2, "learning_rate": 0.01}
    stream = bl.stream(network(), "iris", **request)
    stream.step(17)  # 7 steps an epoch: in the third
    stopped = stream.stop()
    assert stopped is stream.run
    assert ["stopped"] * 4 == stopped.members["status"].to_list()
    assert "Ended by hand after 17 steps of program 1." in stopped.say()
    assert 0 == Store().listing()[0].n_finished
    assert (0, 17) == (stopped.experiment.stopped.group, stopped.experiment.stopped.step)
    assert 2 == stopped[0].history["epoch"].max()
    again = Store().rerun(stopped.id)
    assert_equal_bits(stopped, bl.open_run(stopped.id))
    assert_equal_bits(stopped, again)
    assert again.experiment == stopped.experiment
    untouched = bl.fit(network(), "iris", save=False, verbose=False, **{**request, "epochs": 0})
    for member in (2, 3):  # the group that was not begun
        assert all(
            np.array_equal(a, b) for a, b in zip(stopped.weights(member), untouched.weights(member), strict=True)
        )
    assert not np.array_equal(stopped.weights(0)[0], untouched.weights(0)[0])


def test_the_weights_after_a_stop_within_an_epoch_are_the_present_ones():
    stream = stream_of(learning_rate=0.1)
    stream.step(5)
    assert 0.8**5 == pytest.approx(weight(stream.stop()), rel=1e-5)


def test_stopping_ends_the_iteration():
    stream = stream_of(epochs=1_000_000)
    steps = []
    for record in stream:
        steps.append(record.step)
        if record.step > 100:
            stream.stop()
    assert steps[-1] == stream.run.experiment.stopped.step


def test_a_member_that_diverged_in_the_epoch_of_the_stop():
    # A rate of 1e20 makes w² too large in step 2; in step 3 the stream is stopped, within the second epoch.
    stream = stream_of(learning_rate=[1e20, 0.1], epochs=4)
    stream.step(3)
    run = stream.stop()
    assert ["diverged", "stopped"] == run.members["status"].to_list()
    assert [1, 1] == [run[member].history["epoch"].max() for member in range(2)]
    stream = stream_of(learning_rate=[1e9, 0.1], epochs=4)  # too large in step 4, the last of the second epoch
    stream.step(4)
    assert [2, 2] == [stream.stop()[member].history["epoch"].max() for member in range(2)]
    stream = stream_of(learning_rate=[1e9, 0.1], epochs=4, batch_size=1)  # in step 4 of 4
    stream.step(3)
    assert 0 == len(stream.stop().history)


@pytest.mark.slow
def test_the_run_so_far_does_not_disturb():
    request = {"epochs": 8, "learning_rate": [0.1, 0.01], "batch_size": [16, 32], "save": False}
    stream = bl.stream(network(), "iris", **request)
    stream.step(9)
    so_far = stream.run
    assert 1 == so_far[0].history["epoch"].max()
    assert_equal_bits(so_far, Run(so_far.experiment, so_far.ingredients, train(so_far.experiment, so_far.ingredients)))
    assert_equal_bits(bl.fit(network(), "iris", verbose=False, **request), finish(stream))


# Snapshots and branches


def test_snapshots_are_log_spaced():
    stream = stream_of(epochs=10, learning_rate=0.1)
    finish(stream)
    assert [1, 2, 4, 8, 16, 20] == [snapshot.step for snapshot in stream.snapshots]
    for snapshot in stream.snapshots:
        assert 0.8**snapshot.step == pytest.approx(weight(snapshot), rel=1e-4)
    without = stream_of(snapshots=False)
    without.step(9)
    assert () == without.snapshots


def test_the_oldest_snapshots_go_when_there_is_no_room(monkeypatch):
    stream = stream_of()
    stream.step(32)
    sizes = [snapshot.checkpoint.n_bytes for snapshot in stream.snapshots]
    assert 6 == len(sizes)
    monkeypatch.setattr(streaming, "SNAPSHOT_BYTES", sum(sizes[-2:]))
    stream = stream_of()
    stream.step(32)
    assert [16, 32] == [snapshot.step for snapshot in stream.snapshots]


def test_a_snapshot_names_the_members_it_has():
    stream = bl.stream(linear(), amounts(4), batch_size=[2, 4], optimizer="sgd", save=False)
    stream.step(1)
    with pytest.raises(SettingError, match="one of the members that had begun: 0, received `1`"):
        stream.snapshot().weights(1)


def branch_request(**others):
    return {"epochs": 12, "batch_size": [16, 32], "learning_rate": [0.1, 0.003], "seeds": 2, "save": False, **others}


@pytest.mark.parametrize("n_steps", [11, *(pytest.param(n, marks=pytest.mark.slow) for n in (84, 95))])
def test_a_branch_without_a_change_is_the_original(n_steps):
    """7 steps an epoch, 84 in the first group: from within an epoch, between the groups, in the second group."""
    stream = bl.stream(network(), "iris", **branch_request(probes=["weight_norm"]))
    while (record := stream.step(n_steps)).group * 84 + record.step < n_steps:
        n_steps -= record.step if record.step == 84 else 0
    snapshot = stream.snapshot()
    run, branched = finish(stream), finish(stream.branch(snapshot))
    assert_equal_bits(run, branched)
    for mine, theirs in zip(run.trained.groups, branched.trained.groups, strict=True):
        pairs = zip(jax.tree.leaves(mine.result.measured), jax.tree.leaves(theirs.result.measured), strict=True)
        assert all(a.tobytes() == b.tobytes() for a, b in pairs)


def test_a_branch_with_a_change_is_a_training_with_that_change():
    stream = bl.stream(network(), "iris", **branch_request())
    stream.step(20)
    snapshot = stream.snapshot()
    branch = stream.branch(snapshot, learning_rate=0.05)
    run = finish(branch)
    [change] = run.experiment.changes
    assert (0, 20, 0.05) == (change.group, change.step, change.settings["learning_rate"])
    experiment = finish(stream).experiment
    assert () == experiment.changes
    experiment = experiment.model_copy(update={"changes": (change,)})
    anew = Run(experiment, stream.run.ingredients, train(experiment, stream.run.ingredients))
    assert_equal_bits(anew, run)
    assert not stream.run.history.equals(run.history)


@pytest.mark.slow
def test_a_branch_keeps_its_own_run():
    stream = bl.stream(network(), "iris", epochs=3)
    stream.step(4)
    branch = stream.branch(stream.snapshots[0], learning_rate=0.1)
    runs = [finish(stream), finish(branch), finish(stream.branch(stream.snapshots[0], save=False))]
    assert [True, True, False] == [bool(run.id) for run in runs]
    assert {row.id for row in Store().listing()} == {run.id for run in runs if run.id}
    assert_equal_bits(runs[1], Store().rerun(runs[1].id, save=False))


def test_a_branch_from_the_end_has_nothing_to_train():
    stream = stream_of(epochs=2)
    run = finish(stream)
    assert_equal_bits(run, finish(stream.branch(stream.snapshots[-1])))
    with pytest.raises(RunError, match="one that has ended"):
        stream.branch(stream.snapshots[-1], learning_rate=0.1)


def test_a_branch_after_members_have_stopped_and_were_moved():
    """Members that never improve stop after two epochs; the others are moved to the front before the snapshot."""
    request = {
        "epochs": 30,
        "learning_rate": [1e-12, 1e-12, 0.1, 1e-12, 0.05, 0.02],  # too small to change a float32
        "early_stopping": 2,
        "data_seed": [0, 1],  # an order each, so that members lie in blocks of one
        "save": False,
    }
    stream = bl.stream(dense(6), blobs(30, n_validation=12), optimizer="sgd", **request)
    while (record := stream.step(4)).epoch < 6:
        pass
    assert (12, 6) == (len(record.members), len(record.living))
    snapshot = stream.snapshot()
    slots = snapshot.checkpoint.training["member_of_slot"]
    dealt_first = [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]
    assert dealt_first != slots.tolist(), "nobody was moved"
    run = finish(stream)
    assert_equal_bits(run, finish(stream.branch(snapshot)))
    assert {"stopped early", "finished"} >= set(run.members["status"])


# Compilation


@pytest.fixture
def compilations():
    found = []

    def note(event, duration, **_):
        if event == "/jax/core/compile/backend_compile_duration":
            found.append(event)

    jax.monitoring.register_event_duration_secs_listener(note)
    yield found
    jax.monitoring.unregister_event_duration_listener(note)


@pytest.mark.parametrize("is_written", [True, False])
def test_nothing_is_compiled_again(compilations, is_written):
    """Whatever is done with a stream, also where no network is kept between trainings: Keras cannot write the loss."""

    def loss(targets, predictions):
        return keras.losses.sparse_categorical_crossentropy(targets, predictions)

    stream = bl.stream(
        dense(7),
        blobs(40),
        optimizer="adam",
        loss=None if is_written else loss,
        learning_rate=[0.1, 0.01],
        save=False,
        epochs=60,
        batch_size=8,
    )
    stream.step(3)
    assert compilations, "nothing was counted"
    del compilations[:]
    stream.change(learning_rate=0.3)
    stream.step(1)
    snapshot = stream.snapshot()
    branch = stream.branch(snapshot, learning_rate=[0.2, 0.1])
    finish(branch)
    stream.pause()
    stream.step(2)
    stream.resume()
    finish(stream)
    assert [] == compilations


# Probes


def test_probes_are_in_the_records_by_layer():
    stream = bl.stream(dense(5), blobs(64), probes=["weight_norm"], seeds=2, epochs=4, batch_size=8, save=False)
    first = stream.step(1)
    assert 1 == first.probes_step
    labels = list(first.probes["weight_norm"])
    kernel = next(label for label in labels if label.endswith("kernel"))
    names = [layer.name for layer in stream.run.ingredients.models[0].layers]
    assert kernel.split("/")[0] in names
    expected = [np.linalg.norm(stream.snapshot().weights(member)[0]) for member in range(2)]
    np.testing.assert_allclose(first.probes["weight_norm"][kernel], expected, rtol=1e-4)
    second = stream.step(5)
    assert 4 == second.probes_step, "5 is not measured"
    without = stream_of().step(1)
    assert ({}, -1) == (without.probes, without.probes_step)


# Ctrl-C


def test_ctrl_c_leaves_a_stream_that_goes_on(ctrl_c_at, capsys):
    request = {"epochs": 40, "learning_rate": [0.1, 0.01], "batch_size": 16}
    ctrl_c_at(50)
    stream = bl.stream(network(), "iris", **request)
    with pytest.raises(KeyboardInterrupt):
        finish(stream)
    [row] = Store().unfinished()
    assert f"backlit resume {row.id}" in capsys.readouterr().err
    assert 50 <= row.step < 280
    assert not row.is_training
    run = finish(stream)
    assert row.id == run.id
    assert [] == Store().unfinished()
    assert_equal_bits(bl.fit(network(), "iris", save=False, verbose=False, **request), run)


@pytest.mark.slow
def test_after_ctrl_c_another_may_go_on_with_the_run(ctrl_c_at):
    request = {"epochs": 40, "learning_rate": [0.1, 0.01], "batch_size": 16}
    ctrl_c_at(50)
    stream = bl.stream(network(), "iris", **request)
    with pytest.raises(Interrupted):
        finish(stream)
    [row] = Store().unfinished()
    resumed = bl.resume(row.id)
    run = finish(stream)
    assert resumed.id == row.id != run.id, "both are kept"
    assert_equal_bits(resumed, run)


def test_ctrl_c_where_nothing_is_to_be_kept(ctrl_c_at):
    ctrl_c_at(3)
    stream = stream_of()
    with pytest.raises(KeyboardInterrupt) as raised:
        finish(stream)
    assert not isinstance(raised.value, Interrupted)
    assert 100 == list(stream)[-1].step


def test_a_run_from_a_stream_has_the_path_of_its_weights():
    stream = stream_of(learning_rate=[0.01, 0.02])
    run = finish(stream)
    first, second = run.weight_path(0), run.weight_path(1)
    assert len(stream.snapshots) == len(second)
    assert weight(run, 1) == second[-1][0][0, 0]
    assert second[0][0][0, 0] == run[1].weight_path()[0][0][0, 0]
    assert second[0][0][0, 0] != second[-1][0][0, 0]
    assert second[0][0][0, 0] != first[0][0][0, 0]
    assert [] == finish(stream_of(snapshots=False)).weight_path()
