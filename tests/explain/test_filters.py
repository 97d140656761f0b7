"""What excites filters: of kernels whose answer is arithmetic, and by roads of their own."""

import gc
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from backlit.data import load
from backlit.errors import DataError, ModelError, SettingError
from backlit.explain import filters, watched
from backlit.explain._keras_private import noted_calls
from backlit.explain.convolutions import KINDS, convolutions_of, kernels_of
from backlit.explain.excitation import Ascent, filter_value
from backlit.explain.watched import held_weights, read_rows, watch

layers = keras.layers
EDGE = np.array([[-1, 0, 1]] * 3, np.float32)  # dark on the left, bright on the right


def model_of(*middle, shape=(7, 7, 1)):
    return keras.Sequential([keras.Input(shape), *middle])


@pytest.fixture
def edges():
    """A vertical edge, and the same edge turned by a right angle and by two."""
    layer = layers.Conv2D(3, 3, use_bias=False, padding="same", name="edges")
    model = model_of(layer, layers.ReLU(), layers.Flatten(), layers.Dense(2))
    layer.set_weights([np.stack([EDGE, EDGE.T, -EDGE], axis=-1)[:, :, None]])
    return model


@pytest.fixture(scope="module")
def small():
    """Two convolutions with pooling between, weights at random."""
    keras.utils.set_random_seed(3)
    return model_of(
        layers.Conv2D(4, 3, padding="same", activation="relu", name="first"),
        layers.MaxPooling2D(),
        layers.Conv2D(6, 3, padding="same", activation="relu", name="second"),
        layers.Flatten(),
        layers.Dense(3, "softmax", name="out"),
        shape=(12, 12, 2),
    )


def test_a_filter_for_an_edge_is_excited_by_that_edge(edges):
    excited = filters(edges, jitter=0).excited
    # Where the kernel is −1 the image is 0, where it is 1 it is 1: 3 · 1 − 3 · 0 = 3 is the most that 0 to 1 allow.
    assert excited.reached == pytest.approx([3, 3, 3], abs=1e-3)
    assert np.all(abs(excited.start) < 1)
    centre = excited.images[:, 2:5, 2:5, 0]
    for image, kernel in zip(centre, (EDGE, EDGE.T, -EDGE), strict=True):
        assert image[kernel < 0] == pytest.approx(0, abs=1e-3)
        assert image[kernel > 0] == pytest.approx(1, abs=1e-3)


def test_what_a_filter_does_not_see_fades_to_the_mean_of_the_data(edges, rng):
    data = rng.uniform(2, 10, (50, 7, 7, 1)).astype(np.float32)
    excited = filters(edges, data=data, jitter=0, decay=1.0, steps=300).excited
    low, high = data.min(), data.max()
    assert excited.images.min() >= low
    assert excited.images.max() <= high
    assert excited.reached == pytest.approx([3 * (high - low)] * 3, rel=1e-3)
    assert excited.images[:, 0, 0, 0] == pytest.approx(data.mean(), abs=0.5)
    assert abs(excited.images[:, 0, 0, 0] - data.mean()).max() < 0.1 * (high - low)


def test_variation_takes_the_speckles_away(edges):
    rough, smooth = (filters(edges, jitter=0, decay=0, variation=v).excited.images for v in (0.0, 0.03))

    def speckle(images):  # of the outermost ring, which no filter in the middle sees
        return np.abs(np.diff(images[:, 0], axis=1)).mean()

    assert speckle(smooth) < 0.2 * speckle(rough)


def test_side_by_side_equals_one_after_another(small):
    """The program for all filters against a plain loop in NumPy and `jax.grad`, filter by filter, step by step."""
    ascent = Ascent(steps=5, rate=0.2, decay=0.1, variation=0.0, jitter=2)
    found = filters(small, "second", steps=5, rate=0.2, decay=0.1, variation=0, jitter=2, seed=4).excited
    plain = keras.models.clone_model(small)
    plain.set_weights(small.get_weights())
    plain.get_layer("second").activation = keras.activations.linear
    cut = keras.Model(plain.inputs[0], plain.get_layer("second").output)
    state = [[variable.value for variable in part] for part in (cut.trainable_variables, cut.non_trainable_variables)]
    slope = jax.jit(
        jax.grad(lambda image, number: cut.stateless_call(*state, image[None], training=False)[0][0, 3, 3, number])
    )
    drawn = np.random.default_rng(4).integers(-2, 3, (5, 2))
    drawn[2:] = 0
    for number in range(6):
        noise = np.random.default_rng((4, number)).standard_normal((12, 12, 2), np.float32)
        image = np.clip(0.5 + ascent.noise * noise, 0, 1)
        for step in range(5):
            gradient = np.asarray(slope(jnp.asarray(np.roll(image, drawn[step], (0, 1))), number))
            gradient = np.roll(gradient, -drawn[step], (0, 1))
            push = gradient / np.abs(gradient).max() - 0.1 * (image - 0.5)
            image = np.clip(image + np.float32(0.2 * (1 - step / 5)) * push, 0, 1)
        assert found.images[number] == pytest.approx(image, abs=1e-4)
        reached = cut(image[None])[0, 3, 3, number]
        assert found.reached[number] == pytest.approx(max(float(reached), 0), abs=1e-4)


def test_a_filter_is_excited_alike_whichever_others_there_are(small):
    alone = model_of(
        small.get_layer("first"),
        layers.MaxPooling2D(),
        layers.Conv2D(2, 3, padding="same", name="two"),
        shape=(12, 12, 2),
    )
    kernel, bias = small.get_layer("second").get_weights()
    alone.get_layer("two").set_weights([kernel[..., :2], bias[:2]])
    assert filters(alone, "two").excited.images == pytest.approx(filters(small, "second").excited.images[:2], abs=1e-3)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(3, (2, 3), strides=2, padding="same", activation="relu", name="c"),
        layers.Conv2D(3, 3, dilation_rate=2, padding="same", use_bias=False, name="c"),
        layers.Conv2D(3, 3, strides=(2, 1), padding="valid", bias_initializer="ones", name="c"),
        layers.Conv2D(4, 3, groups=2, name="c"),
        layers.Conv2D(3, 8, padding="same", name="c"),
        layers.DepthwiseConv2D(3, depth_multiplier=2, activation="tanh", name="c"),
        layers.SeparableConv2D(3, 3, depth_multiplier=2, name="c"),
        layers.Conv2DTranspose(3, 3, strides=2, name="c"),
    ],
    ids=lambda layer: f"{type(layer).__name__} {layer.strides} {layer.padding} {layer.dilation_rate}",
)
def test_the_value_in_the_middle_is_that_of_keras(layer, rng):
    layer = type(layer).from_config(layer.get_config())
    model = model_of(layers.Rescaling(2.0), layer, shape=(9, 8, 2))
    rows = rng.standard_normal((1, 9, 8, 2)).astype(np.float32)
    call = watch(model, held_weights(model), rows, [layer]).calls[0]
    expected = np.asarray(model(rows))
    assert expected == pytest.approx(np.asarray(call.outputs), abs=1e-5)
    centre = expected[0, expected.shape[1] // 2, expected.shape[2] // 2]
    values = [float(layer.activation(filter_value(call, i))) for i in range(expected.shape[-1])]
    assert values == pytest.approx(centre, abs=1e-5)


@pytest.mark.parametrize("padding", ["causal", "same", "valid"])
def test_sequences_and_volumes_have_filters_too(padding, rng):
    model = model_of(layers.Conv1D(2, 3, padding=padding, name="c"), shape=(8, 3))
    rows = rng.standard_normal((1, 8, 3)).astype(np.float32)
    call = watch(model, held_weights(model), rows, [model.get_layer("c")]).calls[0]
    outputs = np.asarray(model(rows))[0]
    assert float(filter_value(call, 1)) == pytest.approx(outputs[len(outputs) // 2, 1], abs=1e-5)
    assert filters(model).excited.images.shape == (2, 8, 3)
    if padding == "valid":
        assert filters(model_of(layers.Conv3D(2, 3), shape=(4, 5, 6, 1)), steps=2).excited.images.shape == (
            2,
            4,
            5,
            6,
            1,
        )


def test_kernels_of_other_kinds_are_those_of_the_convolution_that_does_the_same(rng):
    rows = rng.standard_normal((1, 6, 6, 2)).astype(np.float32)
    separable = layers.SeparableConv2D(3, 3, depth_multiplier=2, use_bias=False)
    expected = np.asarray(separable(rows))
    assert expected == pytest.approx(np.asarray(keras.ops.conv(rows, kernels_of(separable))), abs=1e-5)
    transposed, by_depth = layers.Conv2DTranspose(3, 2), layers.DepthwiseConv2D(3, depth_multiplier=2)
    for layer in (transposed, by_depth):
        layer(rows)
    assert kernels_of(transposed).shape == (2, 2, 2, 3)
    assert kernels_of(by_depth).shape == (3, 3, 1, 4)
    # Filter 3 is the second of channel 1.
    assert np.array_equal(kernels_of(by_depth)[:, :, 0, 3], np.asarray(by_depth.kernel)[:, :, 1, 1])


def test_channels_first_is_the_same_picture_turned(rng):
    kernel = rng.standard_normal((3, 3, 2, 3)).astype(np.float32)
    last = model_of(layers.Conv2D(3, 3, use_bias=False), shape=(6, 7, 2))
    first = model_of(layers.Conv2D(3, 3, use_bias=False, data_format="channels_first"), shape=(2, 6, 7))
    for model in (last, first):
        model.set_weights([kernel])
    rows = rng.uniform(0, 1, (5, 6, 7, 2)).astype(np.float32)
    tops = [filters(last).top(rows), filters(first).top(rows.transpose(0, 3, 1, 2))]
    assert np.array_equal(tops[0].rows, tops[1].rows)
    assert np.array_equal(tops[0].positions, tops[1].positions)
    found = filters(first, jitter=0, variation=0).excited
    assert found.images.shape == (3, 2, 6, 7)
    # Between 0 and 1 the most is the sum of the positive weights.
    assert found.reached == pytest.approx(np.maximum(kernel, 0).sum((0, 1, 2)), rel=0.02)


@pytest.mark.parametrize("n_rows", [1, 7, 256, 600])
def test_top_rows_equal_a_plain_loop(small, rng, n_rows):
    rows = rng.uniform(0, 1, (n_rows, 12, 12, 2)).astype(np.float32)
    rows[n_rows // 2] = rows[0]  # two equal rows: the first comes first
    found = filters(small, "second", data=rows, top=5)
    maps = np.asarray(keras.Model(small.inputs[0], small.get_layer("second").output).predict(rows, verbose=0))
    top = found.top()
    assert top.map_shape == (6, 6)
    assert top.rows.shape == (6, min(n_rows, 5))
    assert found.peaks() == pytest.approx(maps.max((1, 2)), abs=1e-5)
    for number in range(6):
        best = sorted(range(n_rows), key=lambda row, k=number: -maps[row, :, :, k].max())[:5]
        for place, row in enumerate(best):
            one = maps[row, :, :, number]
            assert top.activations[number, place] == pytest.approx(one.max(), abs=1e-5)
            if one.max() > 0:
                at = tuple(top.positions[number, place])
                assert maps[top.rows[number, place], *at, number] == pytest.approx(one.max(), abs=1e-5)


def test_of_equal_rows_the_first_come_first(small):
    rows = np.ones((600, 12, 12, 2), np.float32)
    assert filters(small, "second", top=3).top(rows).rows.tolist() == [[0, 1, 2]] * 6


def test_the_edge_is_found_in_the_data_and_where(edges):
    rows = np.zeros((3, 7, 7, 1), np.float32)
    rows[2, :, 4:] = 1  # dark columns 0 to 3, bright from 4: the window around columns 3 and 4 sees the whole edge
    rows[1, 3:4, 5:] = 1  # one row of it
    top = filters(edges).top(rows, n=2)
    assert top.rows[0].tolist() == [2, 1]
    assert top.activations[0].tolist() == [3, 1]
    assert top.positions[0].tolist() == [[1, 3], [2, 4]]  # the first of equal places


def test_feature_maps_are_the_layers_output(edges):
    image = np.zeros((7, 7, 1), np.float32)
    image[:, 4:] = 1
    maps = filters(edges).feature_maps(image)
    assert maps.shape == (1, 7, 7, 3)
    assert maps[0, 3, :, 0].tolist() == [0, 0, 0, 3, 3, 0, -3]  # the border of zeros is an edge, too
    assert np.array_equal(maps[..., 0], -maps[..., 2])


def test_kernels_and_the_weights_stay_as_they_were(edges):
    found = filters(edges)
    assert repr(found) == "<Filters: 3 of `edges`, 3×3×1>"
    assert len(found) == 3
    assert np.array_equal(found.kernels[:, :, 0, 0], EDGE)
    assert found.biases.tolist() == [0, 0, 0]
    before = found.feature_maps(np.eye(7, dtype=np.float32)[..., None])
    edges.set_weights([np.zeros_like(weight) for weight in edges.get_weights()])
    assert np.array_equal(before, found.feature_maps(np.eye(7, dtype=np.float32)[..., None]))
    assert found.excited.reached == pytest.approx([3, 3, 3], abs=0.3)


def test_a_program_compiles_once_for_a_model_and_goes_with_it():
    model = model_of(layers.Conv2D(2, 3, name="c"))
    _ = filters(model, steps=3).excited, filters(model, steps=3, seed=1).excited
    program: Any
    [program] = watched._programs[model].values()
    assert program._cache_size() == 1
    model.set_weights([weight + 1 for weight in model.get_weights()])
    _ = filters(model, steps=3).excited
    assert program._cache_size() == 1
    _ = filters(model, steps=4).excited
    assert len(watched._programs[model]) == 2
    n_before = len(watched._programs)
    del model, program
    keras.utils.clear_session()
    gc.collect()
    assert len(watched._programs) < n_before


def test_layers_of_a_model_inside_a_model_count(rng):
    inner = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3, name="deep")], name="inner")
    inputs = keras.Input((6, 6, 1))
    left = inner(layers.Rescaling(0.5)(inputs))
    model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(layers.Conv2D(3, 3, name="late")(left))))
    assert convolutions_of(model) == ["deep", "late"]
    row = rng.uniform(0, 1, (1, 6, 6, 1)).astype(np.float32)
    assert filters(model).feature_maps(row) == pytest.approx(np.asarray(inner(0.5 * row)), abs=1e-5)
    assert filters(model, "late").excited.images.shape == (3, 6, 6, 1)


def test_an_input_in_a_list_or_a_dict_is_no_other(small, rng):
    row = rng.uniform(0, 1, (1, 12, 12, 2)).astype(np.float32)
    inputs = keras.Input((12, 12, 2), name="picture")
    expected = filters(small).feature_maps(row)
    for structure in ([inputs], {"picture": inputs}):
        assert np.array_equal(expected, filters(keras.Model(structure, small(inputs))).feature_maps(row))


def test_a_data_set_of_a_catalogue_fits_its_model():
    data = load("digits")
    shape = data.input_shape if len(data.input_shape) == 3 else (*data.input_shape, 1)
    model = model_of(layers.Conv2D(2, 3), shape=shape)
    found = filters(model, data=load((data.inputs.reshape(-1, *shape), data.targets)), steps=4)
    assert found.top().rows.shape == (2, 9)
    assert found.excited.images.max() <= data.inputs.max()


def test_noted_calls_see_a_layer_before_its_activation_and_leave_no_trace():
    layer = layers.Dense(1, "relu", kernel_initializer="ones")
    model = keras.Sequential([keras.Input((2,)), layer])
    with noted_calls([layer]) as calls:
        model(np.array([[-1.0, -2.0]], np.float32))
    assert float(calls[0].before[0, 0]) == -3
    assert float(calls[0].outputs[0, 0]) == 0
    assert layer.activation is keras.activations.relu
    assert "call" not in vars(layer)
    with pytest.raises(ValueError, match="incompatible"), noted_calls([layer]):
        layer(np.ones((1, 5), np.float32))
    assert "call" not in vars(layer)


class TestMistakes:
    def test_a_layer_that_is_no_convolution(self, small):
        with pytest.raises(ModelError, match=r"`out`, which is a Dense\. There are: `first`, `second`"):
            filters(small, "out")
        with pytest.raises(ModelError, match=r"received `secnd`\. Did you mean `second`\?"):
            filters(small, "secnd")

    def test_a_model_without_convolutions(self):
        with pytest.raises(ModelError, match="received layers of these kinds: Flatten, Dense"):
            filters(model_of(layers.Flatten(), layers.Dense(2), layers.Dense(2)))

    def test_a_model_that_is_not_built(self):
        with pytest.raises(ModelError, match="received a model that is not built yet"):
            filters(keras.Sequential([layers.Conv2D(2, 3)]))

    def test_several_inputs(self):
        inputs = [keras.Input((4, 4, 1)), keras.Input((4, 4, 1))]
        model = keras.Model(inputs, layers.Conv2D(1, 2, name="c")(layers.Add()(inputs)))
        with pytest.raises(ModelError, match=r"received 2 inputs\. Convolution layers: `c`"):
            filters(model)

    def test_words(self):
        model = model_of(layers.Embedding(9, 4), layers.Conv1D(3, 2), shape=(6,))
        found = filters(model, data=np.arange(12).reshape(2, 6))
        assert found.top().rows.shape == (3, 2)
        with pytest.raises(ModelError, match="which reads whole numbers"):
            _ = found.excited

    def test_an_unknown_size(self, rng):
        model = model_of(layers.Conv2D(2, 3), shape=(None, None, 1))
        with pytest.raises(DataError, match=r"received shape \(None, None, 1\)"):
            _ = filters(model).excited
        assert filters(model, data=rng.uniform(size=(2, 5, 6, 1)), steps=2).excited.images.shape == (2, 5, 6, 1)

    def test_no_data(self, small):
        with pytest.raises(DataError, match=r"expected data, received none\. Write `top\(data\)`"):
            filters(small).top()
        with pytest.raises(DataError, match=r"received shape \(3, 12, 12\)"):
            filters(small).top(np.zeros((3, 12, 12)))
        with pytest.raises(DataError, match=r"received shape \(0, 12, 12, 2\)"):
            read_rows(small, np.zeros((0, 12, 12, 2)))

    @pytest.mark.parametrize(
        ("name", "value"), [("steps", 0), ("rate", -0.1), ("top", 0), ("jitter", -1), ("decay", -1), ("variation", -1)]
    )
    def test_numbers_out_of_range(self, small, name, value):
        with pytest.raises(SettingError, match=f"`{name}` of at least .*, received {value}"):
            filters(small, **{name: value})
        with pytest.raises(SettingError, match="`n` of at least 1, received 0"):
            filters(small).top(np.zeros((1, 12, 12, 2)), n=0)


def test_every_kind_of_convolution_of_keras_is_known():
    named = {getattr(layers, name) for name in dir(layers) if "Conv" in name and "LSTM" not in name}
    assert named == set(KINDS)
