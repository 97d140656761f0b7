"""What `augment` may be, and the range of an image's values."""

import numpy as np
import pytest

from backlit.data import from_arrays
from backlit.data.augment import (
    BY_NAME,
    FILLS,
    SETTINGS,
    STRENGTHS,
    TRANSFORMS,
    checked_augment,
    read_augment,
    require_images,
    value_range,
)
from backlit.engine.augmentation.draws import COLUMNS, N_COLUMNS
from backlit.errors import SettingError


def inputs(*shape):
    return from_arrays(np.zeros((4, *shape), np.float32), [0, 1, 0, 1])


def test_names_become_settings_and_values_stay():
    assert {"augment.rotation": 15, "augment.shift": [0.0, 0.1]} == read_augment({"rotation": 15, "shift": [0.0, 0.1]})
    assert {} == read_augment(None) == read_augment({})


def test_every_transform_can_be_asked_for_by_its_example_and_has_draws_of_its_own():
    for transform in TRANSFORMS:
        assert transform.setting in STRENGTHS
        assert transform.example == checked_augment(transform.setting, transform.example)
        assert 0 < transform.example <= transform.most
    assert set(BY_NAME) == set(COLUMNS)
    assert list(range(N_COLUMNS)) == sorted(column for columns in COLUMNS.values() for column in columns)
    assert {*STRENGTHS, "augment.fill"} == set(SETTINGS)


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        ({"rotate": 15}, r"received `rotate`. Did you mean `rotation`\?"),
        (True, r"Reading `augment`: expected a dictionary of strengths by name, received `True`"),
        ("rotation", r"Write for example `augment=\{\"rotation\": 15, \"shift\": 0.1\}`"),
    ],
)
def test_what_is_no_augmentation_is_refused(augment, message):
    with pytest.raises(SettingError, match=message):
        read_augment(augment)


@pytest.mark.parametrize("value", [-0.1, 181, "much", True, float("nan"), None])
def test_a_strength_out_of_range_is_refused_with_its_meaning(value):
    with pytest.raises(SettingError, match=r"Reading `augment.rotation`: expected a number 0..180 .*degrees") as caught:
        checked_augment("augment.rotation", value)
    assert repr(value) in str(caught.value)
    assert '`augment={"rotation": 15}`' in str(caught.value)


def test_an_unknown_fill_is_refused():
    assert ["nearest", "reflect", "constant"] == [checked_augment("augment.fill", fill) for fill in FILLS]
    with pytest.raises(SettingError, match=r"received 'wrap'.*`reflect`"):
        checked_augment("augment.fill", "wrap")


def test_only_images_can_be_changed():
    require_images(["learning_rate"], inputs(5))
    require_images(["augment.rotation", "seed"], inputs(4, 4, 1))
    require_images(["augment.hue"], inputs(4, 4, 3))
    with pytest.raises(SettingError, match=r"`augment.rotation`: expected images.*received .* \(5,\). Leave `augment`"):
        require_images(["augment.rotation"], inputs(5))
    with pytest.raises(SettingError, match=r"add an axis for the channel: `images\[\.\.\., None\]`"):
        require_images(["augment.rotation"], inputs(8, 8))
    with pytest.raises(SettingError, match=r"3 channels, for `saturation`, `hue`, received .* \(8, 8, 1\)"):
        require_images(["augment.hue", "augment.saturation", "augment.noise"], inputs(8, 8, 1))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 1.0], (0, 1)),
        ([0.1, 0.6], (0, 1)),
        ([-0.5, 1.0], (-1, 1)),
        ([0, 200], (0, 255)),
        ([0, 16], (0, 16)),
        ([-2.0, 3.0], (-2, 3)),
        ([0.0, 300.0], (0, 300)),
        ([5.0, 5.0], (5, 6)),
        ([0.0, np.nan], (0, 1)),
    ],
)
def test_the_range_is_the_usual_one_that_holds_the_values(values, expected):
    assert expected == value_range(np.array(values))
