"""Search spaces: what is drawn, and what is refused."""

import math

import numpy as np
import pytest

from backlit.errors import SettingError
from backlit.modes.space import choice, draw, grid, log_uniform, uniform


def test_a_log_uniform_draw_has_as_many_in_each_order_of_magnitude():
    values = [one["x"] for one in draw({"x": log_uniform(1e-4, 1)}, 2000, seed=0)]
    assert 1e-4 <= min(values) < max(values) <= 1
    counts, _ = np.histogram(np.log10(values), bins=4, range=(-4, 0))
    # 500 in each of four, give or take 3 · √(2000 · 1/4 · 3/4) = 58
    assert (abs(counts - 500) < 58).all()


def test_a_uniform_draw_has_as_many_in_each_part():
    values = [one["x"] for one in draw({"x": uniform(0.0, 0.5)}, 400, seed=0)]
    counts, _ = np.histogram(values, bins=4, range=(0, 0.5))
    # 100 in each of four, give or take 3 · √(400 · 1/4 · 3/4) = 26
    assert (abs(counts - 100) < 26).all()


def test_whole_ends_draw_whole_numbers_with_both_ends():
    values = {one["x"] for one in draw({"x": uniform(1, 3)}, 3, seed=0)}
    assert values == {1, 2, 3}
    assert all(isinstance(one["x"], int) for one in draw({"x": log_uniform(1, 100)}, 20, seed=0))


def test_the_middle_of_a_log_range_is_the_geometric_mean():
    assert log_uniform(1e-4, 1).at(0.5) == pytest.approx(math.sqrt(1e-4), rel=1e-3)


def test_the_first_draws_do_not_depend_on_how_many_there_are():
    space = {"rate": log_uniform(1e-3, 1), "units": [4, 8, 16]}
    assert draw(space, 3, seed=1) == draw(space, 10, seed=1)[:3]
    assert draw(space, 3, seed=1) != draw(space, 3, seed=2)


def test_a_choice_never_draws_the_same_twice_and_gives_what_there_is():
    assert 2 == len(draw({"units": [4, 8]}, 10, seed=0))


def test_a_grid_has_all_combinations_the_last_name_fastest():
    assert [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}] == grid(
        {"a": [1, 2], "b": choice("x", "y")}
    )


def test_one_value_is_a_choice_of_one():
    assert [{"optimizer": "sgd", "a": 1}, {"optimizer": "sgd", "a": 2}] == grid({"optimizer": "sgd", "a": [1, 2]})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: log_uniform(0, 1), "two numbers, the lower first and above 0, received 0, 1"),
        (lambda: uniform(2, 1), "two numbers, the lower first, received 2, 1"),
        (lambda: uniform("a", 1), "received 'a', 1"),
        (lambda: uniform(0.0, math.inf), "received 0.0, inf"),
        (choice, "expected at least one value, received none"),
        (lambda: draw({"a": []}, 1, seed=0), "search space `a`: expected at least one value"),
        (lambda: draw({}, 1, seed=0), "a dictionary with at least one name, received {}"),
        (lambda: draw([1], 1, seed=0), r"received \[1\]"),
        (lambda: grid({"a": uniform(0, 1)}), "received a range for `a`"),
    ],
)
def test_mistakes(make, words):
    with pytest.raises(SettingError, match=words):
        make()
