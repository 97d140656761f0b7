import keras
import numpy as np
import pytest

import backlit  # noqa: F401  chooses Keras's backend
from backlit.language import Words
from backlit.lessons.drawn_net import MOST_DOTS, dots, nodes, place_of
from backlit.lessons.l26_backpropagation_gradient.lesson import by_formulas
from backlit.lessons.l27_backpropagation_why_back.counted import (
    Net,
    Tally,
    backwards,
    drawn,
    flat,
    forwards,
    unremembered,
    unremembered_count,
)
from backlit.lessons.traced import follow, name_of, traced_network

WORDS = Words(en="size", zh="大小")


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(3)
    model = traced_network()
    return follow(model, np.array([0.5, -1.0]), np.array([1.0, 0.0]))


def test_numbers_are_found_by_their_letters(net):
    assert (2, 3, 3, 2) == net.widths
    assert 3 == net.n_layers
    assert 29 == net.n_numbers == len(list(net.numbers()))  # 2·3 + 3 + 3·3 + 3 + 3·2 + 2
    np.testing.assert_array_equal([0.5, -1.0], net.a[0])
    for layer in (1, 2, 3):
        np.testing.assert_allclose(net.a[layer - 1] @ net.w[layer] + net.b[layer], net.z[layer])
    np.testing.assert_allclose(np.tanh(net.z[2]), net.a[2])
    assert ((net.a[3] - net.y) ** 2).mean() == pytest.approx(net.cost)


def test_every_kind_of_number_can_be_moved(net):
    for number, slope in (
        (("w", 2, (1, 2)), net.dw[2][1, 2]),
        (("b", 3, (1,)), net.db[3][1]),
        (("z", 2, (0,)), net.dz[2][0]),
        (("a", 1, (2,)), net.da[1][2]),
        (("a", 0, (1,)), net.da[0][1]),
    ):
        assert net.nudged(number, 1e-5) == pytest.approx(slope, rel=1e-6), number
    assert net.cost_after(("w", 1, (0, 0)), 0.0) == net.cost


def test_a_step_of_all_numbers_is_the_moves_together(net):
    change = np.zeros(net.n_numbers)
    change[list(net.numbers()).index(("b", 2, (1,)))] = 0.3
    assert net.cost_after(("b", 2, (1,)), 0.3) == net.stepped(change)


def test_the_four_lines_give_the_gradient_of_each_sample_and_of_a_batch():
    keras.utils.set_random_seed(4)
    model = traced_network()
    rows, targets = np.array([[0.5, -1.0], [2.0, 0.1]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    each = by_formulas(follow(model, rows, targets))
    for own, row, target in zip(each, rows, targets, strict=True):
        np.testing.assert_allclose(own, follow(model, row, target).gradient(), atol=1e-15)
    np.testing.assert_allclose(each.mean(0), follow(model, rows, targets).gradient(), atol=1e-15)


def test_a_name_counts_from_one():
    assert name_of(("b", 3, (0,))) == "b⁽³⁾₁"


def test_the_largest_connection_has_the_most_dots_and_zero_none():
    drawn_dots = dots(WORDS, [np.array([[2.0, 0.0]]), np.array([[0.0], [1.0]])], largest=2.0)
    assert MOST_DOTS + MOST_DOTS // 2 == len(drawn_dots.x)
    assert [(0.0, 0.0), (1.0, 0.5), (1.0, -0.5), (2.0, 0.0)] == list(
        zip(*(np.asarray(part).tolist() for part in (nodes((1, 2, 1)).x, nodes((1, 2, 1)).y)), strict=True)
    )
    assert place_of(1, 1, (1, 2, 1)) == (1.0, -0.5)
    assert np.isnan(dots(WORDS, [np.zeros((1, 1))], largest=0.0).x).all()


def test_multiplications_of_a_chain_are_counted_by_hand():
    one = np.array([[1.0]])
    net = Net((np.zeros((0, 0)), one, one), (np.zeros(0), np.zeros(1), np.zeros(1)), np.array([0.5]), np.array([1.0]))
    assert (2, 3) == (net.tally.by_weights, net.tally.others)  # two sums; two slopes and an error
    back, forth, anew = Tally(), Tally(), Tally()
    roads = [backwards(net, back), forwards(net, forth), unremembered(net, anew)]
    # back: two gradients by weights and one weight passed; two slopes
    assert (3, 2) == (back.by_weights, back.others)
    # forth: each of two numbers of the first layer passes slope, weight, slope, error; each of the last slope, error
    assert 2 * 4 + 2 * 2 == forth.total
    # anew: a question to the last layer takes 1, to the first 1 + 1 + 1; by each bias one, by each weight one more
    assert (1 + 2) + (3 + 4) == anew.total == unremembered_count((1, 1, 1))
    for road in roads[1:]:
        np.testing.assert_allclose(flat(roads[0]), flat(road), atol=1e-15)


def test_roads_agree_and_a_node_that_hears_one_sum_alone_is_wrong():
    net = drawn(0, layers=4, units=3, x=np.array([0.3, -0.8]), n_outputs=2)
    back, anew = flat(backwards(net, Tally())), Tally()
    np.testing.assert_allclose(flat(forwards(net, Tally())), back, atol=1e-15)
    np.testing.assert_allclose(flat(unremembered(net, anew)), back, atol=1e-15)
    assert unremembered_count(net.widths) == anew.total
    assert np.abs(flat(backwards(net, Tally(), carry="first")) - back).max() > 0.01
