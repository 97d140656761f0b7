import pickle

import pytest

from backlit import errors
from backlit.errors import BacklitError, DataError, did_you_mean, nearest
from backlit.language import text, verbatim

TREE = {
    errors.DataError: ValueError,
    errors.ModelError: ValueError,
    errors.CompileError: RuntimeError,
    errors.RunError: RuntimeError,
    errors.SettingError: ValueError,
    errors.StoreError: OSError,
    errors.MissingPackageError: ImportError,
    errors.LessonError: ValueError,
}
PARTS = {
    "what": text("Choosing the language"),
    "expected": verbatim("`en`"),
    "received": verbatim("`fr`"),
    "fix": text("There are: {choices}.", choices="`en`"),
}


def test_the_tree_is_whole():
    assert set(TREE) == set(BacklitError.__subclasses__())


@pytest.mark.parametrize(("kind", "builtin"), TREE.items(), ids=lambda kind: kind.__name__)
def test_each_error_is_also_the_matching_builtin(kind, builtin):
    with pytest.raises(builtin, match=r"received `fr`") as caught:
        raise kind("language-unknown", **PARTS)
    assert isinstance(caught.value, BacklitError)
    assert caught.value.code == "language-unknown"
    assert {name: getattr(caught.value, name) for name in PARTS} == PARTS


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_an_error_survives_the_way_between_processes(kind):
    error = kind("language-unknown", **PARTS)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert again.say("zh") == error.say("zh")
    assert again.code == "language-unknown"


@pytest.mark.parametrize(
    ("parts", "english", "chinese"),
    [
        (
            ["what", "expected", "received", "fix"],
            "Choosing the language: expected `en`, received `fr`. There are: `en`.",
            "选择语言：应为 `en`，实际为 `fr`。可用的有：`en`。",
        ),
        (
            ["what", "expected", "fix"],
            "Choosing the language: expected `en`. There are: `en`.",
            "选择语言：应为 `en`。可用的有：`en`。",
        ),
        (
            ["what", "received", "fix"],
            "Choosing the language: received `fr`. There are: `en`.",
            "选择语言：实际为 `fr`。可用的有：`en`。",
        ),
        (["what", "fix"], "Choosing the language. There are: `en`.", "选择语言。可用的有：`en`。"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_the_message_has_the_parts_that_are_there(parts, english, chinese):
    error = DataError("language-unknown", **{name: PARTS[name] for name in parts})
    assert english == str(error)
    assert chinese == error.say("zh")


def test_an_exception_is_english_whatever_language_is_chosen(monkeypatch):
    monkeypatch.setenv("BACKLIT_LANG", "zh")
    assert str(DataError("language-unknown", **PARTS)).startswith("Choosing the language: expected")


@pytest.mark.parametrize(
    ("written", "meant"), [("digit", "digits"), ("Digits", "digits"), ("WINE", "wine"), ("tulips", None)]
)
def test_nearest_finds_the_choice_that_was_meant(written, meant):
    assert meant == nearest(written, ["iris", "digits", "wine"])


def test_nearest_returns_the_choice_as_it_is_written():
    assert nearest("adamw", ["SGD", "AdamW"]) == "AdamW"


def test_the_fix_of_an_unknown_name_lists_all_names():
    assert str(did_you_mean("tulips", ["iris", "wine"])) == "There are: `iris`, `wine`."
    assert did_you_mean("irs", ["iris", "wine"]).say("zh") == "是不是想写 `iris`？可用的有：`iris`、`wine`。"
