"""A member whose loss is no longer a number: when that was, what it hands over, and what becomes of the others.

The network is prediction = w · 1 with target 0 and w = 1, two rows a batch, two batches an epoch. Its loss is w², its
gradient 2w, so a step multiplies w by 1 - 2 · rate. float32 ends at 3.4e38.
"""

import numpy as np
import pytest

import backlit as bl
from backlit.errors import RunError
from tests.engine.populations import amounts, linear, one_block, train_placed

REQUEST = {"optimizer": "sgd", "batch_size": 2, "epochs": 4}


def test_the_step_with_the_first_bad_loss_is_reported():
    # rate 1e9: w before each step is 1, -2e9, 4e18, -8e27; the loss 1, 4e18, 1.6e37, and 6.4e55 is too much in step 4.
    run = train_placed(linear(), amounts(4), learning_rate=1e9, **REQUEST)
    assert ["diverged"] == run.members["status"].to_list()
    assert [4] == run.members["diverged_step"].to_list()
    # Weights of the last sound epoch: (1 - 2e9)² after two steps.
    assert 4e18 == pytest.approx(float(run.weights(0)[0][0, 0]), rel=1e-6)
    assert 2 == run.history["epoch"].max(), "the epoch in which it diverged is the last that is recorded"


def test_first_weights_are_handed_over_where_no_epoch_was_sound():
    # rate 1e20: w is -2e20 after step 1, and its square too much in step 2, in the first epoch.
    run = train_placed(linear(), amounts(4), learning_rate=1e20, **REQUEST)
    assert [2] == run.members["diverged_step"].to_list()
    assert 1.0 == float(run.weights(0)[0][0, 0])


def test_weights_that_are_not_finite_count_although_every_loss_was():
    # rate 1e38 and input 10: gradient 2 · 10 · 10 = 200, so w = 1 - 2e40 is infinite after the only step of the epoch.
    run = train_placed(linear(), amounts(2, x=10.0), learning_rate=1e38, optimizer="sgd", batch_size=2, epochs=1)
    assert [1] == run.members["diverged_step"].to_list()
    assert 1.0 == float(run.weights(0)[0][0, 0])


def test_a_diverged_member_is_frozen_and_the_others_go_on():
    rates = [0.1, 1e9, 0.25]
    run = train_placed(linear(), amounts(4), one_block(3), learning_rate=rates, **REQUEST)
    assert ["finished", "diverged", "finished"] == run.members["status"].to_list()
    assert [0, 2] == run.finished
    # 4 epochs of 2 steps: (1 - 0.2)⁸ and (1 - 0.5)⁸.
    assert 0.8**8 == pytest.approx(float(run.weights(0)[0][0, 0]), rel=1e-5)
    assert 0.5**8 == pytest.approx(float(run.weights(2)[0][0, 0]), rel=1e-5)
    assert [4, 2, 4] == [run[member].history["epoch"].max() for member in range(3)]
    assert 2 == run.best


def test_all_members_diverged_is_said_when_the_best_is_asked_for():
    run = train_placed(linear(), amounts(4), learning_rate=[1e9, 1e20], **REQUEST)
    assert [] == run.finished
    with pytest.raises(RunError, match="2 members, all diverged, the first at step 4"):
        _ = run.best


def test_fit_says_who_diverged_and_where(capsys):
    bl.fit(linear(), amounts(4), learning_rate=[0.1, 1e9], save=False, **REQUEST)
    assert "1 of 2 members diverged (loss or weights not finite): 1 at step 4" in capsys.readouterr().out


def test_a_nan_in_one_member_is_in_nobody_elses_records():
    run = train_placed(linear(), amounts(4), one_block(2), learning_rate=[1e20, 0.1], **REQUEST)
    others = run[1].history["value"].to_numpy()
    assert np.isfinite(others).all()
