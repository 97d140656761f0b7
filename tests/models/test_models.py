"""Models by a word or a file; their mistakes are in `tests/cli/test_mistakes.py`, too, by their words."""

import inspect

import keras
import numpy as np
import pytest

from backlit.data import from_arrays, load
from backlit.errors import ModelError
from backlit.models import default_name, parameters_of, read_model


@pytest.mark.parametrize(
    ("source", "options", "name"),
    [
        ("digits", {}, "cnn"),
        ("iris", {}, "mlp"),
        ("sentiment", {}, "lstm"),
        ("adding", {}, "lstm"),
        ("shapes", {"n": 60}, "cnn"),
    ],
)
def test_what_suits_the_data(source, options, name):
    data = load(source, **options)
    assert default_name(data) == name
    model = read_model(None, data)()
    assert model.name == name
    assert model.output_shape == (None, data.output_size)
    assert model(data.inputs[:2]).shape == (2, data.output_size)


@pytest.mark.parametrize(("source", "activation"), [("iris", "softmax"), ("diabetes", "linear")])
def test_the_last_layer_suits_the_task(source, activation):
    assert read_model("mlp", load(source))().layers[-1].activation.__name__ == activation


def test_labels_end_in_sigmoids():
    data = load(
        (np.zeros((4, 2), "float32"), np.array([[1, 1], [0, 1], [1, 0], [0, 0]], "float32")), task="multi-label"
    )
    assert read_model("mlp", data)().layers[-1].activation.__name__ == "sigmoid"


def kinds(model):
    return [(type(layer).__name__, getattr(layer, "units", getattr(layer, "filters", None))) for layer in model.layers]


def test_sizes_stand_behind_the_name():
    build = read_model("mlp:8,4", load("digits"))
    assert kinds(build()) == [("Flatten", None), ("Dense", 8), ("Dense", 4), ("Dense", 10)]
    assert kinds(build(units=5, depth=3))[1:] == [("Dense", 5)] * 3 + [("Dense", 10)]
    assert kinds(build(depth=0)) == [("Flatten", None), ("Dense", 10)]
    assert build(activation="tanh").layers[1].activation.__name__ == "tanh"


def test_a_cnn_pools_while_it_can():
    """8×8 halves three times to 1×1; a fourth convolution is not pooled."""
    build = read_model("cnn:2,2,2,2", load("digits"))
    assert [kind for kind, _ in kinds(build())].count("MaxPooling2D") == 3
    assert [size for kind, size in kinds(read_model("cnn:2,3", load("digits"))(filters=4)) if kind == "Conv2D"] == [
        4,
        8,
    ]
    assert [size for kind, size in kinds(read_model("cnn:2", load("digits"))(depth=2)) if kind == "Conv2D"] == [2, 2]
    assert read_model("cnn", load("adding", n=20))().layers[0].kernel_size == (3,)


def test_tokens_get_vectors():
    data = load("sentiment")
    assert kinds(read_model("embedding:7", data)())[1:] == [("GlobalAveragePooling1D", None), ("Dense", 2)]
    assert read_model("lstm:5", data)(units=6).layers[1].units == 6
    assert read_model("mlp:5", data)().output_shape == (None, 2)


def test_dropout_layers_only_when_asked():
    data = load("iris")
    assert ("Dropout", None) not in kinds(read_model("mlp", data)())
    assert kinds(read_model("mlp:8", data, has_dropout=True)()) == [("Dense", 8), ("Dropout", None), ("Dense", 3)]


def test_arguments_that_can_vary_are_those_of_the_function(tmp_path):
    assert parameters_of(read_model("mlp", load("iris"))) == ("units", "depth", "activation", "initializer")
    (tmp_path / "net.py").write_text(
        "import keras\n\nmodel = keras.Sequential([keras.layers.Dense(3)])\n\ndef f(a, *, b=2): ...\n"
    )
    assert parameters_of(read_model(f"{tmp_path}/net.py:f", load("iris"))) == ("a", "b")
    assert list(inspect.signature(read_model(f"{tmp_path}/net.py:f", load("iris"))).parameters) == ["a", "b"]
    model = read_model(f"{tmp_path}/net.py:model", load("iris"))
    assert isinstance(model, keras.Model)
    assert parameters_of(model) == ()


def test_a_saved_model_comes_back(tmp_path):
    data = load("iris")
    model = read_model("mlp:4", data)()
    model.save(tmp_path / "m.keras")
    again = read_model(str(tmp_path / "m.keras"), data)
    assert np.array_equal(model(data.inputs[:3]), again(data.inputs[:3]))


def test_a_broken_archive_is_told(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(ModelError, match=r"m\.keras`: expected a file that `model\.save` of Keras wrote, received \w+"):
        read_model(str(tmp_path / "m.keras"), load("iris"))


def test_a_fault_in_a_file_names_its_line_and_not_ours(tmp_path):
    (tmp_path / "net.py").write_text("def inner():\n    return 1 / 0\n\ndef build():\n    return inner()\n")
    build = read_model(f"{tmp_path}/net.py:build", load("iris"))
    with pytest.raises(ModelError, match=r"ZeroDivisionError: division by zero \(line 2: `return 1 / 0`\)"):
        build()


def test_a_file_that_ends_the_process_is_told(tmp_path):
    (tmp_path / "net.py").write_text("import sys\nsys.exit(3)\n")
    with pytest.raises(ModelError, match=r"received SystemExit: 3 \(line 2"):
        read_model(f"{tmp_path}/net.py:build", load("iris"))


@pytest.mark.parametrize(
    ("shape", "n_convolutions"),
    [((8, 8, 1), 2), ((32, 32, 3), 2), ((33, 20, 3), 3), ((64, 64, 3), 3), ((128, 30, 1), 4), ((1024, 1024, 1), 5)],
)
def test_larger_images_get_more_convolutions(shape, n_convolutions):
    data = from_arrays(np.zeros((2, *shape), np.float32), [0, 1])
    names = [layer.name for layer in read_model("cnn", data)().layers]
    assert n_convolutions == sum(name.startswith("conv_") for name in names)
