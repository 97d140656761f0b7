"""Attention: by hand, against Keras, and as steps with symbols of their own."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import ModelError
from backlit.explain.ops.attention import HeadsTogether, Mixture, Projection, Scores
from backlit.explain.reading.attention import QUERIES
from tests.explain.agreeing import check, check_arithmetic, functional

layers = keras.layers


def self_attention(x):
    return layers.MultiHeadAttention(2, 3)(x, x)


def attending(x, **settings):
    """Queries, keys and values of three sources."""
    queries, keys, values = layers.Dense(5)(x), layers.Dense(4)(x), layers.Dense(3)(x)
    return layers.MultiHeadAttention(**settings)(query=queries, key=keys, value=values)


MODELS = {
    "self": self_attention,
    "three-sources": lambda x: attending(x, num_heads=2, key_dim=3, value_dim=2),
    "one-head": lambda x: attending(x, num_heads=1, key_dim=2, use_bias=False, output_shape=4),
    "key-is-value": lambda x: layers.MultiHeadAttention(1, 2)(layers.Dense(3)(x), x),
    "block": lambda x: layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 2)(x, x)),
}


@pytest.mark.parametrize("name", MODELS)
def test_gradients_equal_keras_and_every_line_comes_to_its_number(name, rng):
    model = functional((4, 3), MODELS[name])
    found = check(model, rng.normal(size=(2, 4, 3)), rng.normal(size=(2, *model.output_shape[1:])), training=True)
    check_arithmetic(found)


def test_queries_may_be_fewer_than_keys(rng):
    def wire(x):
        return layers.MultiHeadAttention(2, 3)(layers.MaxPooling1D(2)(x), x)

    check(functional((4, 3), wire), rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 2, 3)))


def test_the_weights_of_attention_are_a_step_of_their_own(rng):
    found = check(functional((4, 3), self_attention), rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3)))
    steps = {step.symbol: step for step in found}
    shares = steps[r"\alpha^{(1)}"]
    assert shares.shape == (2, 2, 4, 4)  # batch, head, query, key
    assert shares.value.sum(-1) == pytest.approx(np.ones((2, 2, 4)))
    assert shares.uses == (steps["s^{(1)}"].number,)
    assert {"{w_q}^{(1)}", "{w_k}^{(1)}", "{w_v}^{(1)}", "{w_o}^{(1)}", "q^{(1)}", "k^{(1)}", "v^{(1)}"} <= set(steps)


def test_the_input_of_self_attention_adds_up_three_parts(rng):
    found = check(functional((4, 3), self_attention), rng.normal(size=(1, 4, 3)), rng.normal(size=(1, 4, 3)))
    *parts, total = [step for step in found if r"\partial x" in step.symbol]
    assert [part.symbol.rsplit("_", 1)[1] for part in parts] == ["{q^{(1)}}", "{k^{(1)}}", "{v^{(1)}}"]
    assert sum(part.value for part in parts) == pytest.approx(total.value)
    assert total.uses == tuple(part.number for part in parts)
    assert parts[0].entry((0, 1, 2)) == r"\frac{\partial C}{\partial x_{2,3}} \vert_{q^{(1)}}"


def test_two_places_and_one_head_by_hand():
    """q₁ = 2, keys 0 and ln 3 / 2 in a space of one: scores 0 and ln 3, shares ¼ and ¾; values 4 and 8: 1 + 6 = 7."""
    q, k = np.full((1, 1, 1, 1), 2.0), np.array([0.0, np.log(3.0) / 2.0]).reshape(1, 2, 1, 1)
    scores, _ = Scores(1.0).forward(q, k)
    assert scores.ravel() == pytest.approx([0.0, np.log(3.0)])
    shares = np.array([0.25, 0.75]).reshape(1, 1, 1, 2)
    value, back = Mixture().forward(shares, np.array([4.0, 8.0]).reshape(1, 2, 1, 1))
    assert value.item() == 7.0
    by_shares, by_values = back(np.full((1, 1, 1, 1), 2.0)).inputs
    assert by_shares.ravel().tolist() == [8.0, 16.0]
    assert by_values.ravel().tolist() == [0.5, 1.5]


def test_projections_by_hand():
    """x = (1, 2), a head with w = (3, 4) and b = 5: 3 + 8 + 5 = 16; together: 16 · 2 + 1 = 33."""
    x, kernel = np.array([[[1.0, 2.0]]]), np.array([3.0, 4.0]).reshape(2, 1, 1)
    value, back = Projection(QUERIES).forward(x, kernel=kernel, bias=np.array([[5.0]]))
    assert value.item() == 16.0
    found = back(np.ones((1, 1, 1, 1)))
    assert found.inputs[0].ravel().tolist() == [3.0, 4.0]
    assert found.weights["kernel"].ravel().tolist() == [1.0, 2.0]
    together, _ = HeadsTogether().forward(value, kernel=np.full((1, 1, 1), 2.0), bias=np.array([1.0]))
    assert together.item() == 33.0


@pytest.mark.parametrize(
    ("wire", "received"),
    [
        (lambda x: layers.MultiHeadAttention(1, 2)(x, x, use_causal_mask=True), "received `use_causal_mask=…`"),
        (lambda x: layers.MultiHeadAttention(1, 2, use_gate=True)(x, x), "received `use_gate=True`"),
        (lambda x: layers.MultiHeadAttention(1, 2, sliding_window=2)(x, x), "received `sliding_window=2`"),
        (lambda x: layers.MultiHeadAttention(1, 2, output_shape=(2, 3))(x, x), r"received `attention_axes=\(1,\)"),
    ],
)
def test_forms_that_are_not_read_are_refused(wire, received):
    with pytest.raises(ModelError, match=received):
        explain.forward(functional((4, 3), wire), np.zeros((4, 3)))


def test_dropout_of_shares_is_refused_while_training_alone(rng):
    model = functional((4, 3), lambda x: layers.MultiHeadAttention(1, 2, dropout=0.5)(x, x))
    x = rng.normal(size=(4, 3))
    assert explain.forward(model, x).output == pytest.approx(model.predict(x[None], verbose=0), rel=1e-5, abs=1e-6)
    with pytest.raises(ModelError, match=r"expected `dropout=0`, received `dropout=0\.5`"):
        explain.forward(model, x, training=True)
