"""Saliency: of linear scores by hand, of others against `jax.grad` of a plain model, and what has to add up."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from backlit.errors import DataError, ModelError, SettingError
from backlit.explain import saliency

layers = keras.layers
WEIGHTS = np.array([[1.0, 2.0], [3.0, 5.0]], np.float32)


@pytest.fixture
def linear():
    """Scores 1 x + 3 y and 2 x + 5 y, then a softmax."""
    dense = layers.Dense(2, "softmax", name="out")
    model = keras.Sequential([keras.Input((2,)), dense])
    dense.set_weights([WEIGHTS, np.array([0.5, 0.0], np.float32)])
    return model


def convolutional(end):
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.Conv2D(3, 3, activation="tanh"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            *end,
        ]
    )


def test_the_gradient_of_a_linear_score_is_its_weights(linear):
    found = saliency(linear, [[1.0, 2.0], [3.0, 4.0]], of=[0, 1])
    assert found.values.tolist() == [[1, 3], [2, 5]]
    assert found.scores.tolist() == [7.5, 26]  # 1 + 3 · 2 + 0.5 and 2 · 3 + 5 · 4: before the softmax
    assert found.of.tolist() == [0, 1]
    assert len(found) == 2
    assert found.gaps is None


def test_times_the_input_it_adds_up_to_the_score_without_its_bias(linear):
    found = saliency(linear, [1.0, 2.0], of=0, kind="gradient_times_input")
    assert found.values.tolist() == [[1, 6]]
    assert found.values.sum() + 0.5 == found.scores[0]


def test_without_a_class_each_row_takes_its_largest(linear):
    # Scores of (1, −1): 1 − 3 + 0.5 and 2 − 5; of (1, 1): 4.5 and 7.
    assert saliency(linear, [[1.0, -1.0], [1.0, 1.0]]).of.tolist() == [0, 1]


def test_noise_does_not_change_the_gradient_of_a_linear_score(linear):
    assert saliency(linear, [1.0, 2.0], of=1, kind="smooth").values[0] == pytest.approx([2, 5], rel=1e-5)


@pytest.mark.parametrize(
    "end",
    [
        lambda: [layers.Dense(4, "softmax")],
        lambda: [layers.Dense(4), layers.Softmax()],
        lambda: [layers.Dense(4), layers.Activation("softmax")],
        lambda: [layers.Dense(4)],
        lambda: [keras.Sequential([layers.Dense(4), layers.Activation("sigmoid")])],
    ],
    ids=["inside the layer", "Softmax", "Activation", "none", "model inside"],
)
def test_it_equals_jax_grad_of_the_plain_model(end, rng):
    model, plain = convolutional(end()), convolutional([layers.Dense(4)])
    plain.set_weights(model.get_weights())
    rows = rng.uniform(0, 1, (3, 8, 8, 2)).astype(np.float32)
    state = [[v.value for v in part] for part in (plain.trainable_variables, plain.non_trainable_variables)]

    def score(row, of):
        return plain.stateless_call(*state, row[None], training=False)[0][0, of]

    of = [0, 3, 1]
    found = saliency(model, rows, of=of)
    for row, one, each in zip(rows, of, found.values, strict=True):
        assert each == pytest.approx(np.asarray(jax.grad(score)(jnp.asarray(row), one)), abs=1e-5)
    assert found.scores == pytest.approx([float(score(row, one)) for row, one in zip(rows, of, strict=True)], abs=1e-5)
    assert found.maps.shape == (3, 8, 8)
    assert np.array_equal(found.maps, np.abs(found.values).max(-1))


def test_an_activation_that_squashes_nothing_belongs_to_the_score():
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, "relu", kernel_initializer="ones")])
    assert saliency(model, [[-1.0], [1.0]]).values.tolist() == [[0], [1]]


@pytest.mark.parametrize("baseline", [0.0, 0.5])
def test_integrated_gradients_add_up_to_the_difference_of_the_scores(baseline, rng):
    model = convolutional([layers.Dense(4, "softmax")])
    rows = rng.uniform(0, 1, (3, 8, 8, 2)).astype(np.float32)
    found = saliency(model, rows, kind="integrated", baseline=baseline, n=200)
    assert found.baseline_scores == pytest.approx(
        saliency(model, np.full_like(rows, baseline), of=found.of).scores, abs=1e-5
    )
    difference = found.scores - found.baseline_scores
    assert found.values.sum((1, 2, 3)) == pytest.approx(difference, abs=2e-3)
    assert found.gaps == pytest.approx(0, abs=2e-3)
    few = saliency(model, rows, kind="integrated", baseline=baseline, n=1).gaps
    assert abs(few).max() > 5 * abs(found.gaps).max()


def test_integrated_is_exact_where_the_arithmetic_is():
    # s = x²: the slope 2 α x at the midpoints of two steps is 0.5 x and 1.5 x, their mean x; times x it is x².
    model = keras.Sequential([keras.Input((1,)), layers.Lambda(lambda x: x * x)])
    found = saliency(model, [3.0], kind="integrated", n=2)
    assert found.values.tolist() == [[9]]
    assert found.gaps.tolist() == [0]


def test_smooth_is_the_mean_over_noisy_copies():
    # s = x³: the mean of 3 (x + e)² is 3 x² + 3 σ²; the row runs from 0 to 2, so σ = 0.15 · 2 = 0.3: 12.27 for x = 2.
    model = keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x**3)])
    found = saliency(model, [0.0, 2.0], of=1, kind="smooth", n=4000)
    assert found.values[0] == pytest.approx([0, 12.27], abs=0.15)  # the mean of 4,000 scatters by 3.6 / √4000 = 0.06
    again = saliency(model, [0.0, 2.0], of=1, kind="smooth", n=4000)
    assert np.array_equal(found.values, again.values)
    assert not np.array_equal(found.values, saliency(model, [0.0, 2.0], of=1, kind="smooth", n=4000, seed=1).values)


def test_rows_of_a_batch_do_not_mix(rng):
    model = convolutional([layers.Dense(4, "softmax")])
    rows = rng.uniform(0, 1, (5, 8, 8, 2)).astype(np.float32)
    together = saliency(model, rows, of=2, kind="integrated").values
    assert together[3:4] == pytest.approx(saliency(model, rows[3], of=2, kind="integrated").values, abs=1e-6)


class TestMistakes:
    def test_an_unknown_kind(self, linear):
        with pytest.raises(SettingError, match=r"received `smoth`\. Did you mean `smooth`\?"):
            saliency(linear, [1.0, 2.0], kind="smoth")

    def test_too_few_copies(self, linear):
        with pytest.raises(SettingError, match="`n` of at least 1, received 0"):
            saliency(linear, [1.0, 2.0], kind="smooth", n=0)

    @pytest.mark.parametrize("of", [2, -1, 0.5, [0, 1, 0], "cat"])
    def test_no_such_output(self, linear, of):
        with pytest.raises(DataError, match="`of` from 0 to 1, one for all or one for each of 2 rows"):
            saliency(linear, [[1.0, 2.0], [1.0, 2.0]], of=of)

    def test_a_sample_of_another_shape(self, linear):
        with pytest.raises(DataError, match=r"received shape \(3,\)"):
            saliency(linear, [1.0, 2.0, 3.0])

    def test_models_without_one_vector_of_scores(self):
        with pytest.raises(ModelError, match=r"outputs of shape \(4, 2\)"):
            saliency(keras.Sequential([keras.Input((4, 1)), layers.Dense(2)]), np.ones((4, 1)))
        with pytest.raises(ModelError, match="which reads whole numbers"):
            saliency(keras.Sequential([keras.Input((4,)), layers.Embedding(3, 2), layers.Flatten()]), [0, 1, 2, 0])
        inputs = keras.Input((1,))
        with pytest.raises(ModelError, match="1 inputs and 2 outputs"):
            saliency(keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)]), [1.0])
