"""What `run.save` writes: plain Keras reads it, and says what the run says."""

import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.errors import ModelError
from backlit.models import open_shipped, read_model, ship
from backlit.models.shipped import MEMBER, with_preparation

# Nothing of ours: only Keras and NumPy.
PLAIN = """
import sys
import keras, numpy
model = keras.models.load_model(sys.argv[1])
numpy.save(sys.argv[3], model.predict(numpy.load(sys.argv[2]), verbose=0))
assert not [name for name in sys.modules if name.startswith("backlit")]
"""


def house(i):
    colour, day = ("red", "blue", "green", "")[i % 4], f"20{i % 20:02}-{i % 12 + 1:02}-{i % 27 + 1:02}"
    return f"{'' if i % 5 == 0 else 30 + i * 1.5},{colour},{day},{'yes' if i % 2 else 'no'},{i * 5 // 2 % 3}"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "houses.csv"
    path.write_text("\n".join(["size,colour,built,sold,y", *(house(i) for i in range(80))]) + "\n")
    return path


@pytest.fixture(scope="module")
def run(table):
    model = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")], name="houses")
    return bl.fit(model, str(table), epochs=3, batch_size=16, save=False, verbose=False)


@pytest.fixture(scope="module")
def saved(run, tmp_path_factory):
    return run.save(tmp_path_factory.mktemp("saved") / "model.keras")


@pytest.mark.slow
def test_plain_keras_in_a_fresh_process_predicts_the_same(run, saved, tmp_path):
    np.save(tmp_path / "coded.npy", run.data.coded)
    words = [sys.executable, "-c", PLAIN, str(saved), str(tmp_path / "coded.npy"), str(tmp_path / "out.npy")]
    subprocess.run(words, check=True, env={"KERAS_BACKEND": "jax", "PATH": "", "HOME": str(tmp_path)})
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), run.predict(run.data.inputs), rtol=1e-5)
    assert np.isnan(run.data.coded).any()
    assert (run.data.coded[:, 1] == 0).any()


def test_the_file_holds_no_code_and_no_class_of_ours(saved):
    with zipfile.ZipFile(saved) as archive:
        config = archive.read("config.json").decode()
        words = json.loads(archive.read(MEMBER))
    assert "backlit" not in config
    assert "Lambda" not in config
    assert (["0", "1", "2"], "houses") == (words["class_names"], words["network"])
    assert "table" == words["preparation"]["kind"]
    columns = words["preparation"]["columns"]
    assert ["size", "colour", "built", "sold"] == [column["name"] for column in columns]
    assert ["blue", "green", "red"] == columns[1]["categories"]
    assert ["size", "colour", "built", "built month", "built weekday", "sold"] == words["preparation"]["code_names"]


def test_backlit_reads_raw_rows_with_it(run, saved, table):
    shipped = open_shipped(saved)
    coded = shipped.data.preparation.encode(table)
    assert coded.rows.tobytes() == run.data.coded.tobytes()
    outputs = shipped.model.predict(coded.rows, verbose=0)
    np.testing.assert_allclose(outputs, run.predict(run.data.inputs), rtol=1e-5)
    assert (run.data.class_names, run.data.task) == (shipped.data.class_names, shipped.data.task)


def test_the_network_behind_it_goes_on_training(run, saved):
    """Compiled as it was, the optimiser's state included, and without the preparation."""
    network = read_model(str(saved), run.data)
    assert isinstance(network, keras.Model)
    for mine, theirs in zip(run.model.weights, network.weights, strict=True):
        assert np.array_equal(mine, theirs)
    assert run.model.optimizer.get_config() == network.optimizer.get_config()
    assert int(network.optimizer.iterations) == int(run.model.optimizer.iterations) > 0
    np.testing.assert_allclose(network.predict(run.data.inputs, verbose=0), run.predict(run.data.inputs), rtol=1e-5)


def test_nothing_stands_in_front_of_arrays(tmp_path):
    x, y = np.arange(40, dtype=np.float32).reshape(20, 2), np.arange(20) % 2
    run = bl.fit(keras.Sequential([keras.layers.Dense(2, "softmax")]), (x, y), epochs=1, save=False, verbose=False)
    shipped = open_shipped(run.save(tmp_path / "m.keras"))
    assert shipped.data.preparation is None
    assert with_preparation(run.model, None) is run.model
    np.testing.assert_allclose(shipped.model.predict(x, verbose=0), run.predict(x), rtol=1e-5)
    assert 2 == shipped.data.n_classes


@pytest.mark.parametrize("task", ["regression", "words"])
def test_other_tasks(task, tmp_path):
    if task == "words":
        lines = ["text,y", *(f"the film {i % 7} was {'good' if i % 2 else 'bad'},{i % 2}" for i in range(40))]
        layers = [keras.layers.Embedding(20, 4), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(2)]
    else:
        lines, layers = ["a,b,y", *(f"{i * i},{i % 7},{i * 1.5}" for i in range(40))], [keras.layers.Dense(1)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    run = bl.fit(keras.Sequential(layers), str(tmp_path / "t.csv"), epochs=1, save=False, verbose=False)
    shipped = open_shipped(run.save(tmp_path / "m.keras"))
    rows = shipped.data.preparation.encode(tmp_path / "t.csv").rows
    outputs = shipped.model.predict(rows, verbose=0)
    np.testing.assert_allclose(outputs, run.predict(run.data.inputs), rtol=1e-5, atol=1e-6)
    assert run.data.vocabulary == shipped.data.vocabulary


def test_a_loss_of_ones_own_is_left_to_its_owner(run, tmp_path):
    def own(targets, outputs):
        return keras.ops.mean(keras.ops.square(targets - outputs))

    model = keras.Sequential([keras.Input(run.data.input_shape), keras.layers.Dense(1)])
    model.compile("sgd", loss=own)
    whole = with_preparation(model, run.data.preparation)
    assert not whole.compiled
    ship(model, run.data, tmp_path / "m.keras")
    assert model.compiled
    saved = open_shipped(tmp_path / "m.keras").model
    expected = model.predict(run.data.inputs, verbose=0)
    np.testing.assert_allclose(saved.predict(run.data.coded, verbose=0), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("content", "message"), [("junk", "that this backlit cannot read"), ('{"format": 99}', "that this backlit cannot")]
)
def test_words_that_cannot_be_read(saved, tmp_path, content, message):
    (tmp_path / "m.keras").write_bytes(saved.read_bytes())
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != MEMBER}
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name, member in {**members, MEMBER: content}.items():
            archive.writestr(name, member)
    with pytest.raises(ModelError, match=message):
        open_shipped(tmp_path / "m.keras")


def test_a_fold_is_saved_with_its_own_statistics(table, tmp_path):
    model = keras.Sequential([keras.layers.Dense(3, "softmax")])
    run = bl.fit(model, str(table), epochs=1, rows=bl.folds(3), save=False, verbose=False)
    shipped = open_shipped(run.save(tmp_path / "m.keras"))
    own = run.data_of(run.best)
    assert own.preparation.means.tolist() == shipped.data.preparation.means.tolist()
    assert own.preparation.means.tolist() != run.data.preparation.means.tolist()
    rows = shipped.model.predict(run.data.coded, verbose=0)
    np.testing.assert_allclose(rows, run.predict(own.inputs), rtol=1e-5)
