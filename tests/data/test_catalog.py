import numpy as np
import pytest

from backlit.data import Dataset, entries, load, names
from backlit.data.catalog import find
from backlit.errors import DataError, SettingError
from backlit.sources import SOURCES

HERE = [name for name in names() if name != "fashion-mnist"]  # its files may not be on this machine
TABLES = ["iris", "wine", "breast-cancer", "diabetes", "linnerud"]
EXPECTED = {
    "digits": (1797, (8, 8, 1), 10),
    "iris": (150, (4,), 3),
    "wine": (178, (13,), 3),
    "breast-cancer": (569, (30,), 2),
    "diabetes": (442, (10,), 1),
    "linnerud": (20, (3,), 3),
    "moons": (600, (2,), 2),
    "circles": (600, (2,), 2),
    "spirals": (600, (2,), 2),
    "blobs": (600, (2,), 3),
    "xor": (600, (2,), 2),
    "regression-1d": (300, (1,), 1),
    "shapes": (2000, (32, 32, 3), 6),
    "sentiment": (2000, (14,), 2),
    "motifs": (2000, (20,), 4),
    "adding": (2000, (20, 2), 1),
}


@pytest.fixture(scope="module")
def sets() -> dict[str, Dataset]:
    return {name: load(name) for name in HERE}


def test_every_name_has_a_row_here():
    assert [*EXPECTED, "fashion-mnist"] == sorted(names(), key=[*EXPECTED, "fashion-mnist"].index)


@pytest.mark.parametrize("name", HERE)
def test_duties_of_a_catalogue_set(name, sets):
    data = sets[name]
    assert EXPECTED[name] == (len(data), data.input_shape, data.output_size)
    assert data.inputs.dtype == (np.int32 if data.vocabulary else np.float32)
    assert data.targets.dtype == (np.float32 if data.task == "regression" else np.int32)
    assert np.isfinite(data.inputs).all()
    assert np.isfinite(data.targets).all()
    assert name == data.name
    assert {"source": name, "options": {}} == data.recipe
    assert not data.source or data.source in SOURCES
    assert [len(data) - 2 * round_half_up(0.15 * len(data)), *[round_half_up(0.15 * len(data))] * 2] == list(
        data.splits.sizes
    )
    if data.task == "classification":
        assert data.splits.is_stratified
        assert data.n_classes == len(data.class_names) == len(set(data.targets.tolist()))
    assert str(entries()[name].about)
    assert all(str(line) for line in data.describe())


@pytest.mark.parametrize("name", HERE)
def test_a_recipe_makes_the_same_data_again(name, sets):
    data = sets[name]
    assert data.digest() == load(data.recipe["source"], **data.recipe["options"]).digest()


@pytest.mark.parametrize("name", HERE)
def test_another_seed_gives_other_splits(name, sets):
    again = load(name, seed=1)
    assert sets[name].digest() != again.digest()
    assert {"seed": 1} == again.recipe["options"]


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_standardised_by_the_training_rows(name, sets):
    data = sets[name]
    train = data.train[0].astype(np.float64)
    np.testing.assert_allclose(train.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(train.std(0), 1, atol=1e-5)
    assert abs(data.inputs.mean(0)).max() > 1e-3  # all rows together are not centred
    raw = data.preparation.undo(data.inputs)
    assert data.inputs.tolist() == data.preparation.apply(raw).tolist() or np.allclose(
        data.inputs, data.preparation.apply(raw), atol=1e-5
    )


def test_raw_iris_comes_back(sets):
    raw = sets["iris"].preparation.undo(sets["iris"].inputs)
    np.testing.assert_allclose(raw[0], [5.1, 3.5, 1.4, 0.2], atol=1e-5)  # the first flower of Fisher's table


def test_digits_are_ink_from_0_to_1(sets):
    images = sets["digits"].inputs
    assert (0, 1) == (images.min(), images.max())
    assert [0, 0, 5, 13, 9, 1, 0, 0] == (images[0, 0, :, 0] * 16).tolist()  # first line of the first digit, a zero
    assert "0" == sets["digits"].class_names[sets["digits"].targets[0]]


def test_names_may_be_written_with_underscores():
    assert "breast-cancer" == find("Breast_Cancer").name


def test_unknown_name():
    with pytest.raises(DataError, match=r"Loading `digitz`: .*received neither. Did you mean `digits`\?"):
        load("digitz")


def test_unknown_option():
    with pytest.raises(SettingError, match=r"options `n`, `noise`, received `nosie`. Did you mean `noise`\?"):
        load("moons", nosie=0.2)
    with pytest.raises(SettingError, match="Loading `digits`: expected no options of its own, received `n`"):
        load("digits", n=100)


def test_fractions_of_the_caller():
    data = load("moons", n=100, validation_split=0.2, test_split=0)
    assert (80, 20, 0) == data.splits.sizes
    assert {"n": 100, "validation_split": 0.2, "test_split": 0} == data.recipe["options"]


def round_half_up(number: float) -> int:
    return int(number + 0.5)
