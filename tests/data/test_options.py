import numpy as np
import pytest

from backlit.data.options import require_amount, require_choice, require_count, require_options, require_seed
from backlit.errors import SettingError


@pytest.mark.parametrize("value", [200, 2e2, np.int64(200), np.float32(200)])
def test_whole_numbers_of_any_kind_are_counts(value):
    count = require_count("n", value)
    assert (200, int) == (count, type(count))


@pytest.mark.parametrize("value", [0, -1, 2.5, "3", True, None, float("nan"), float("inf"), [3]])
def test_what_is_no_count(value):
    with pytest.raises(SettingError) as caught:
        require_count("n", value)
    assert f"`n`: expected a whole number from 1, received {value!r}." in str(caught.value)


def test_count_above_its_limit():
    with pytest.raises(SettingError, match=r"a whole number 1\.\.9, received 10"):
        require_count("n", 10, most=9)


@pytest.mark.parametrize("value", [-0.5, "1", True, None, float("nan"), float("inf")])
def test_what_is_no_amount(value):
    with pytest.raises(SettingError, match=f"`noise`: expected a number from 0, received {value!r}"):
        require_amount("noise", value)


def test_amount_within_its_limits():
    assert 0.5 == require_amount("noise", np.float64(0.5), most=1)
    with pytest.raises(SettingError, match=r"a number 0\.\.1, received 1\.5"):
        require_amount("noise", 1.5, most=1)


def test_choice_names_the_nearest():
    assert "colour" == require_choice("target", "colour", ["shape", "colour"])
    with pytest.raises(SettingError, match=r"received 'color'. Did you mean `colour`\?"):
        require_choice("target", "color", ["shape", "colour"])


@pytest.mark.parametrize("value", [-1, 1.5, 2**32, "0"])
def test_what_is_no_seed(value):
    with pytest.raises(SettingError, match=rf"a whole number 0\.\.4294967295, received {value!r}"):
        require_seed(value)


def test_unknown_option_names_the_nearest_of_all():
    with pytest.raises(SettingError, match=r"options `n`, received `sed`. Did you mean `seed`\?"):
        require_options(["n", "sed"], ["n"], source="moons")
