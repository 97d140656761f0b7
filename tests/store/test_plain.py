"""Values as JSON and back."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from backlit.language import listed, text
from backlit.store.plain import from_plain, to_plain

VALUES = [
    None,
    True,
    1.5,
    [1, "a"],
    (1, (2, 3)),
    {"units": (16, 64), "deep": {"a": [()]}},
    {0: 0.5, 1: 2.0},
    {"~tuple": [1]},
    text("Loaded {n} rows", n=5),
    text("{outer}", outer=text("{names}", names=listed([text("one"), "two"]))),
    (text("no values"),),
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_what_comes_back_equals_what_went_in(value):
    back = from_plain(json.loads(json.dumps(to_plain(value))))
    assert value == back
    assert type(value) is type(back)


def test_a_sentence_comes_back_in_both_languages():
    sentence = text("{n} members, one program.", n=4)
    back = from_plain(json.loads(json.dumps(to_plain(sentence))))
    assert sentence.say("zh") == back.say("zh") == "4 个成员，一个程序。"


def test_infinity_and_nan_come_back():
    infinite, nothing = from_plain(json.loads(json.dumps(to_plain([math.inf, math.nan]))))
    assert infinite == math.inf
    assert math.isnan(nothing)


def test_numpy_numbers_become_numbers():
    assert [3, 0.5] == to_plain([np.int64(3), np.float32(0.5)])


def test_what_only_words_can_tell_is_named():
    lost: list[str] = []
    assert {"activation": "sqrt", "path": "a"} == to_plain({"activation": math.sqrt, "path": Path("a")}, lost)
    assert ["sqrt"] == lost
