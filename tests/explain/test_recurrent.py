"""Recurrent layers and embeddings: by hand, and against Keras."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import DataError, ModelError
from backlit.explain.ops.embedding import Embedding
from backlit.explain.ops.gru import GRU
from backlit.explain.ops.lstm import LSTM
from backlit.explain.ops.simple_rnn import SimpleRNN
from tests.explain.agreeing import check, check_arithmetic, sequential

layers = keras.layers
KINDS = {"simple": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
SETTINGS = {
    "last": {},
    "backwards": {"return_sequences": True, "go_backwards": True, "use_bias": False},
    "kinked": {"return_sequences": True, "activation": "relu"},
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_equal_keras_and_every_line_comes_to_its_number(kind, setting, rng):
    model = sequential((4, 3), KINDS[kind](2, **SETTINGS[setting]))
    found = check(model, rng.normal(size=(3, 4, 3)), rng.normal(size=(3, *model.output_shape[1:])))
    check_arithmetic(found)


def test_layers_above_each_other_equal_keras(rng):
    stack = [layers.SimpleRNN(3, return_sequences=True), layers.LSTM(3, return_sequences=True), layers.GRU(2)]
    model = sequential((5, 2), layers.TimeDistributed(layers.Dense(3, "tanh")), *stack)
    found = check(model, rng.normal(size=(2, 5, 2)), rng.normal(size=(2, 2)), training=True)
    assert [type(node.operation) for node in found.graph.nodes[2:5]] == [SimpleRNN, LSTM, GRU]


@pytest.mark.parametrize("gate", ["hard_sigmoid", "relu"])
def test_gates_may_have_kinks(gate, rng):
    model = sequential((4, 3), layers.LSTM(2, recurrent_activation=gate, activation="softsign"))
    found = check(model, rng.normal(size=(3, 4, 3)), rng.normal(size=(3, 2)))
    node = found.graph.nodes[0]
    assert node.operation.pieces(found.trace.inputs, **found.trace.given_of(found.graph, 0)) is not None


def test_smooth_cells_have_no_pieces():
    weights = {"kernel": np.ones((1, 1)), "recurrent_kernel": np.ones((1, 1))}
    assert SimpleRNN(1).pieces(np.ones((1, 2, 1)), **weights) is None


def test_three_steps_of_a_simple_layer_by_hand():
    """h₁ = 4, h₂ = 1 + ½ · 4 = 3, h₃ = 0 + ½ · 3 = 1.5.

    δ₃ = 1, δ₂ = ½, δ₁ = ¼. Kernel: 4 · ¼ + 1 · ½ + 0 = 1.5; recurrent: 0 · ¼ + 4 · ½ + 3 · 1 = 5; bias: 1.75.
    """
    weights = {"kernel": [[1.0]], "recurrent_kernel": [[0.5]], "bias": [0.0]}
    arrays = {name: np.array(numbers) for name, numbers in weights.items()}
    operation = SimpleRNN(1, activation="linear")
    value, back = operation.forward(np.array([[[4.0], [1.0], [0.0]]]), **arrays)
    assert value.tolist() == [[1.5]]
    found = back(np.array([[1.0]]))
    assert found.inputs[0].ravel().tolist() == [0.25, 0.5, 1.0]
    assert {name: one.item() for name, one in found.weights.items()} == {
        "kernel": 1.5,
        "recurrent_kernel": 5.0,
        "bias": 1.75,
    }


def test_a_cell_of_the_lstm_by_hand():
    """Gates through linear functions: i = 2, f = 3, o = 5, c̃ = x.

    x = 1, 10: c₁ = 2 · 1 = 2, h₁ = 10; c₂ = 3 · 2 + 2 · 10 = 26, h₂ = 130.
    Back from h₂: ∂/∂c₂ = 5, so ∂/∂x₂ = 5 · 2 = 10; ∂/∂c₁ = 5 · 3 = 15, so ∂/∂x₁ = 15 · 2 = 30.
    The bias of f: at step 2 ∂/∂c₂ · c₁ = 5 · 2 = 10; of o: c₂ = 26; of i: 15 · 1 + 5 · 10 = 65.
    """
    kernel, bias = np.array([[0.0, 0.0, 1.0, 0.0]]), np.array([2.0, 3.0, 0.0, 5.0])
    operation = LSTM(1, activation="linear", recurrent_activation="linear", returns_sequences=True)
    value, back = operation.forward(
        np.array([[[1.0], [10.0]]]), kernel=kernel, recurrent_kernel=np.zeros((1, 4)), bias=bias
    )
    assert value.ravel().tolist() == [10.0, 130.0]
    found = back(np.array([[[0.0], [1.0]]]))
    assert found.inputs[0].ravel().tolist() == [30.0, 10.0]
    assert found.weights["bias"].tolist() == [65.0, 10.0, 40.0, 26.0]  # c̃: 15 · 2 + 5 · 2


def test_a_cell_of_the_gru_by_hand():
    """z = 0.25 and r = 2 through linear functions; U only in the block of h̃, where it is 1.

    h₁ = 0.75 · 8 = 6; h₂ = 0.25 · 6 + 0.75 · (4 + 2 · 6) = 13.5. ∂h₂/∂h₁ = 0.25 + 0.75 · 2 = 1.75.
    """
    kernel, bias = np.array([[0.0, 0.0, 1.0]]), np.array([[0.25, 2.0, 0.0], [0.0, 0.0, 0.0]])
    operation = GRU(1, activation="linear", recurrent_activation="linear", returns_sequences=True)
    value, back = operation.forward(
        np.array([[[8.0], [4.0]]]), kernel=kernel, recurrent_kernel=np.array([[0.0, 0.0, 1.0]]), bias=bias
    )
    assert value.ravel().tolist() == [6.0, 13.5]
    found = back(np.array([[[0.0], [1.0]]]))
    assert found.inputs[0].ravel().tolist() == [1.75 * 0.75, 0.75]
    assert found.weights["bias"].shape == (2, 3)


def test_a_sequence_read_from_its_end_is_the_sequence_turned_round(rng):
    x = rng.normal(size=(2, 4, 3))
    weights = {"kernel": rng.normal(size=(3, 2)), "recurrent_kernel": rng.normal(size=(2, 2))}
    turned = SimpleRNN(2, is_backwards=True, returns_sequences=True).forward(x, **weights)[0]
    assert turned == pytest.approx(SimpleRNN(2, returns_sequences=True).forward(x[:, ::-1], **weights)[0])


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: layers.LSTM(2, stateful=True), "expected `stateful=False`, received `stateful=True`"),
        (lambda: layers.GRU(2, reset_after=False), "expected `reset_after=True`, received `reset_after=False`"),
        (lambda: layers.TimeDistributed(layers.Conv1D(2, 1)), r"received `TimeDistributed\(Conv1D\(…\)\)`"),
        (lambda: layers.LSTM(2, activation="softmax"), "activation functions linear, relu, .*, received `softmax`"),
    ],
)
def test_forms_that_are_not_read_are_refused(make, received):
    batch = keras.Input(batch_shape=(1, 4, 5, 3)) if "Time" in received else keras.Input(batch_shape=(1, 4, 3))
    model = keras.Model(batch, make()(batch))
    with pytest.raises(ModelError, match=received):
        explain.forward(model, np.zeros(batch.shape[1:]))


def test_states_that_come_from_elsewhere_are_refused():
    x = keras.Input((4, 3))
    model = keras.Model(x, layers.GRU(3)(x, initial_state=layers.Flatten()(layers.GRU(3)(x))))
    with pytest.raises(ModelError, match="expected `initial_state=None`, received `initial_state=…`"):
        explain.forward(model, np.zeros((4, 3)))


@pytest.mark.parametrize("setting", ["dropout", "recurrent_dropout"])
def test_dropout_inside_a_cell_is_refused_while_training_alone(setting):
    model = sequential((4, 3), layers.LSTM(2, **{setting: 0.5}))
    assert explain.forward(model, np.zeros((4, 3))).output.tolist() == [[0.0, 0.0]]
    with pytest.raises(ModelError, match=f"expected `{setting}=0`, received `{setting}=0.5`"):
        explain.forward(model, np.zeros((4, 3)), training=True)


def test_embeddings_equal_keras(rng):
    model = sequential((4,), layers.Embedding(6, 3), layers.GRU(2))
    found = check(model, rng.integers(0, 6, size=(3, 4)), rng.normal(size=(3, 2)))
    check_arithmetic(found)
    assert found.slopes.inputs is None


def test_rows_that_nobody_picked_do_not_learn():
    """Rows 2, 0, 2: row 2 gathers 1 + 4, row 0 gathers 2, row 1 nothing."""
    _, back = Embedding().forward(np.array([[2.0, 0.0, 2.0]]), embeddings=np.zeros((3, 1)))
    found = back(np.array([[[1.0], [2.0], [4.0]]]))
    assert found.weights["embeddings"].ravel().tolist() == [2.0, 0.0, 5.0]
    assert found.inputs == (None,)


@pytest.mark.parametrize("number", [6.0, -1.0, 0.5])
def test_numbers_without_a_row_are_refused(number):
    model = sequential((3,), layers.Embedding(6, 2), layers.Flatten(), layers.Dense(1))
    with pytest.raises(DataError, match=rf"expected whole numbers 0\.\.5, received {number} at place 1"):
        explain.forward(model, [0.0, number, 0.0])


def test_masks_of_embeddings_are_refused():
    model = sequential((3,), layers.Embedding(6, 2, mask_zero=True), layers.GRU(1))
    with pytest.raises(ModelError, match="expected `mask_zero=False`, received `mask_zero=True`"):
        explain.forward(model, np.zeros(3))
