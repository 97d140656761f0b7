"""Which members share a program, and how the plan says it."""

import keras
import pytest

import backlit as bl
from backlit.engine import Axis
from backlit.engine.plan import group_members, optimizer_settings
from backlit.errors import SettingError
from tests.engine.populations import blobs, dense, train_placed

SGD = keras.optimizers.serialize(keras.optimizers.SGD(0.1))


def axis(name, *values):
    return Axis(names=(name,), points=tuple((value,) for value in values))


def groups(*axes, optimizer=SGD, builds=(), **settings):
    return group_members(axes, optimizer=optimizer, batch_size=32, epochs=5, settings=settings, builds=builds)


def members(*axes, **options):
    return [group.members for group in groups(*axes, **options)]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("seed", (0, 1, 2)),
        ("learning_rate", (0.1, 0.2, 0.3)),
        ("l1", (0.1, 0.2, 0.3)),
        ("l2", (0.1, 0.2, 0.3)),
        ("dropout", (0.1, 0.2, 0.3)),
        ("momentum", (0.1, 0.2, 0.3)),
        ("weight_decay", (0.1, 0.2, 0.3)),
        ("clipnorm", (0.1, 0.2, 0.3)),
    ],
)
def test_numbers_are_traced(name, values):
    [group] = groups(axis(name, *values))
    assert (0, 1, 2) == group.members
    assert ((name,) if name != "seed" else ()) == group.traced
    assert name not in group.structure
    assert not group.has_own_order


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("batch_size", (8, 16)),
        ("epochs", (5, 10)),
        ("loss", ("mse", "mae")),
        ("optimizer", ("sgd", "adam")),
        ("nesterov", (False, True)),
        ("clipvalue", (0.1, 0.2)),
        ("gradient_accumulation_steps", (2, 3)),
        ("units", (16, 64)),
    ],
)
def test_structure_makes_groups(name, values):
    [first, second] = groups(axis(name, *values), builds=("units",))
    assert ((0,), (1,)) == (first.members, second.members)
    assert values == (first.structure[name], second.structure[name])


@pytest.mark.parametrize("name", ["momentum", "dropout", "learning_rate", "l1", "l2", "weight_decay"])
def test_a_number_that_is_zero_in_some_members_makes_a_group_of_them(name):
    with_zero, others = groups(axis(name, 0.0, 0.5, 0.0, 0.9))
    assert ((0, 2), (1, 3)) == (with_zero.members, others.members)
    assert () == with_zero.traced
    assert (name,) == others.traced


def test_axes_cross_with_the_last_one_fastest():
    # 2 batch sizes × 3 rates: members 0, 1, 2 have the first batch size.
    assert [(0, 1, 2), (3, 4, 5)] == members(axis("batch_size", 8, 16), axis("learning_rate", 0.1, 0.2, 0.3))
    assert [(0, 2, 4), (1, 3, 5)] == members(axis("learning_rate", 0.1, 0.2, 0.3), axis("batch_size", 8, 16))


def test_zipped_names_vary_together():
    both = Axis(names=("learning_rate", "momentum"), points=((0.1, 0.0), (0.01, 0.9), (0.02, 0.8)))
    plain, pushed = groups(both)
    assert ((0,), (1, 2)) == (plain.members, pushed.members)
    assert ("learning_rate",) == plain.traced
    assert ("learning_rate", "momentum") == pushed.traced


def test_data_seeds_that_differ_give_members_an_order_of_their_own():
    assert groups(axis("data_seed", 0, 1))[0].has_own_order
    assert not groups(axis("seed", 0, 1), data_seed=3)[0].has_own_order


def test_with_several_optimisers_their_settings_make_groups():
    # Each optimiser may understand a name in its own way, or not at all.
    assert 4 == len(groups(axis("optimizer", "sgd", "adam"), axis("weight_decay", 0.1, 0.2)))


def test_settings_that_all_share_are_traced_or_structure_too():
    [group] = groups(axis("seed", 0, 1), l2=0.1, momentum=0.9, nesterov=True)
    assert ("l2", "momentum") == group.traced
    assert True is group.structure["nesterov"]


def test_settings_of_an_optimiser_are_named():
    traceable, others = optimizer_settings(SGD)
    assert {"momentum", "weight_decay", "clipnorm", "global_clipnorm"} == set(traceable)
    assert {"nesterov", "clipvalue", "use_ema"} < set(others)
    assert "learning_rate" not in (*traceable, *others)


@pytest.mark.parametrize(
    ("name", "fix"),
    [("learning_rte", "`learning_rate`"), ("momentun", "`momentum`"), ("unit", "`units`"), ("beta_1", "")],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, fix):
    with pytest.raises(SettingError, match=f"received `{name}`") as caught:
        groups(axis(name, 0.1, 0.2), builds=("units",))
    assert fix in str(caught.value)
    with pytest.raises(SettingError, match=f"received `{name}`"):
        groups(axis("seed", 0, 1), builds=("units",), **{name: 0.1})


@pytest.mark.parametrize(
    ("request_", "sentences"),
    [
        ({}, ["One network, one program."]),
        (
            {"learning_rate": [0.1, 0.2], "seeds": 2, "optimizer": "sgd"},
            ["4 members, one program.", "Traced (numbers inside a program): `learning_rate`, `seed`."],
        ),
        (
            {"batch_size": [8, 16], "learning_rate": [0.1, 0.2], "optimizer": "sgd"},
            ["4 members, 2 programs.", "`learning_rate`.", "Makes groups (a program each): `batch_size`."],
        ),
        (
            {"momentum": [0.0, 0.5, 0.9], "optimizer": "sgd"},
            ["3 members, 2 programs.", "A group of its own where it is zero: `momentum`."],
        ),
    ],
)
def test_the_plan_says_what_was_decided(request_, sentences):
    plan = str(train_placed(dense(), blobs(16), epochs=0, **request_).plan)
    for sentence in sentences:
        assert sentence in plan


def test_members_of_a_building_function_have_their_own_networks():
    def build(units=4, depth=1):
        return keras.Sequential(
            [*(keras.layers.Dense(units, "tanh") for _ in range(depth)), keras.layers.Dense(3, "softmax")]
        )

    run = train_placed(build, blobs(16), vary={"units": [2, 5], "depth": [1, 2]}, seeds=2, epochs=1)
    assert 8 == len(run)
    assert 4 == len(run.trained.groups)
    shapes = [[weights.shape for weights in run.weights(member)[::2]] for member in range(8)]
    assert [(6, 2), (2, 3)] == shapes[0] == shapes[1]
    assert [(6, 2), (2, 2), (2, 3)] == shapes[2]
    assert [(6, 5), (5, 5), (5, 3)] == shapes[7]
    assert [2, 2, 2, 2, 5, 5, 5, 5] == run.members["units"].to_list()


def test_zipped_in_a_request():
    pairs = bl.zipped(learning_rate=[0.1, 0.01], momentum=[0.0, 0.9])
    run = train_placed(dense(), blobs(16), vary=pairs, optimizer="sgd", epochs=1)
    assert [0.1, 0.01] == run.members["learning_rate"].to_list()
    assert [0.0, 0.9] == run.members["momentum"].to_list()
