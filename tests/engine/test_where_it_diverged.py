"""Where numbers stopped being numbers: the stage, the step, the layer and the batch of a divergence."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays
from backlit.errors import SettingError
from tests.engine.populations import amounts, linear, one_block, one_by_one, train_placed


def rows(values, n_features=1):
    x = np.asarray(values, "float32").reshape(-1, n_features)
    return from_arrays(x, np.zeros((len(x), 1), "float32"), task="regression")


def chain(*layers):
    return keras.Sequential([keras.Input((1,)), *layers, keras.layers.Dense(1, name="out", kernel_initializer="ones")])


def found(model, data, **request):
    request = {"optimizer": "sgd", "batch_size": 1, "epochs": 1, "shuffle": False, **request}
    return train_placed(model, data, **request).divergence()


def test_the_first_layer_that_overflows_on_the_way_forward():
    # exp(90) is more than float32 holds; the square before it is not.
    square = keras.layers.Lambda(lambda x: x * x, name="square")
    grow = keras.layers.Activation("exponential", name="grow")
    divergence = found(chain(square, grow), rows([1, 2, 3, 10]), learning_rate=0.0)
    assert ("forward", "grow", 3, (3,)) == (divergence.stage, divergence.layer, divergence.step, divergence.rows)
    assert 100.0 == divergence.extremes[-1].outputs["square"]
    assert [1.0, 4.0, 9.0, 100.0] == [one.outputs["square"] for one in divergence.extremes]


def test_a_loss_of_sound_outputs():
    # The output 1e20 is a number, its square is not.
    divergence = found(chain(), rows([1, 1e20]), learning_rate=0.0)
    assert ("loss", "", 1) == (divergence.stage, divergence.layer, divergence.step)


def test_the_first_gradient_on_the_way_back():
    # The root of 0 is 0, its slope infinite: the gradient at the output of `zero` is not finite, the one at `root` is.
    zero = keras.layers.Dense(1, name="zero", use_bias=False, kernel_initializer="ones")
    root = keras.layers.Lambda(lambda x: x**0.5, name="root")
    bent = from_arrays(np.array([[1.0], [0.0], [1.0]], "float32"), np.ones((3, 1), "float32"), task="regression")
    divergence = found(chain(zero, root), bent, learning_rate=0.01)
    assert ("backward", "zero", 1, (1,)) == (divergence.stage, divergence.layer, divergence.step, divergence.rows)


def test_a_step_too_long_for_the_weights():
    # Gradient 2 · 10 · 10 = 200, rate 1e38: the weight is infinite after the first step.
    divergence = found(linear(), amounts(2, x=10.0), learning_rate=1e38)
    assert ("update", "kernel", 0) == (divergence.stage, divergence.weight, divergence.step)
    assert [200.0] == list(divergence.extremes[-1].gradients.values())
    assert [1.0] == list(divergence.extremes[-1].weights.values())


def test_the_rows_are_those_of_the_shuffled_epoch():
    values = np.ones(64, "float32")
    values[37] = 1e20
    request = {"batch_size": 8, "shuffle": True, "learning_rate": 0.0}
    for seed in (0, 1):
        divergence = found(chain(), rows(values), data_seed=seed, **request)
        assert 37 in divergence.rows
        assert 8 == len(divergence.rows)


@pytest.mark.parametrize("placement", [one_block(3), one_by_one(3)], ids=["vmapped", "mapped"])
def test_a_member_of_a_population_is_followed_to_its_own_step(placement):
    # w is multiplied by 1 - 2 · rate in each step and the loss is its square: too much for float32 (3.4e38) from
    # |w| = 1.8e19 on. Rate 1e9: 1, 2e9, 4e18, 8e27, so after 3 steps; rate 1e3: 1, 2e3, …, 3.3e19 after the 6th.
    run = train_placed(
        linear(), amounts(4), placement, optimizer="sgd", learning_rate=[1e9, 0.1, 1e3], epochs=9, batch_size=2
    )
    assert [4, None, 7] == run.members["diverged_step"].to_list()
    for member, step in ((0, 3), (2, 6)):
        divergence = run.divergence(member)
        assert ("loss", step, step // 2) == (divergence.stage, divergence.step, divergence.epoch)
        weights = [next(iter(one.weights.values())) for one in divergence.extremes]
        assert weights == sorted(weights), "what grew is seen growing"
    assert run.divergence() == run.divergence(0)
    assert run[2].divergence() == run.divergence(2)


def test_a_second_group_is_found_without_training_the_first():
    run = train_placed(linear(), amounts(4), optimizer="sgd", learning_rate=1e9, epochs=4, batch_size=[2, 4])
    assert [4, 4] == run.members["diverged_step"].to_list()
    assert [(3, 1), (3, 3)] == [(one.step, one.epoch) for one in (run.divergence(0), run.divergence(1))]


def test_a_kept_run_tells_it_too(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKLIT_HOME", str(tmp_path))
    run = bl.fit(linear(), amounts(4), optimizer="sgd", learning_rate=[1e9, 0.1], epochs=4, batch_size=2, verbose=False)
    assert run.divergence(0) == bl.open_run(run.id).divergence(0)


def test_a_member_that_is_sound_has_none():
    run = train_placed(linear(), amounts(4), optimizer="sgd", learning_rate=[1e9, 0.1], epochs=4, batch_size=2)
    with pytest.raises(SettingError, match="a member that diverged: 0, received member 1"):
        run.divergence(1)
    with pytest.raises(SettingError, match="none did"):
        run[1].divergence()
