import pytest
import typer

from backlit.cli import _values
from backlit.cli._errors import as_options
from backlit.cli._typer_private import USAGE_ERRORS, fault_of
from backlit.cli.app import command_line
from backlit.errors import SettingError


def test_numbers_become_one_or_a_list():
    assert _values.numbers("--x", None) is None
    assert _values.numbers("--x", "0.1") == 0.1
    assert _values.numbers("--x", "1e-2, 3") == [0.01, 3.0]
    assert _values.numbers("--x", "1，2", whole=True) == [1, 2]


def test_a_name_has_values_of_their_own_kind():
    assert _values.named("--set", "beta-1=0.8,0.9") == ("beta_1", [0.8, 0.9])
    assert _values.named("--vary", "activation=relu,tanh") == ("activation", ["relu", "tanh"])
    assert _values.named("--set", "nesterov=true") == ("nesterov", True)
    assert _values.named("--vary", "units=16") == ("units", 16)


def test_strengths_stand_in_a_row_or_apart():
    expected = {"rotation": 15, "shift": [0, 0.1], "fill": "reflect"}
    assert _values.strengths("--augment", ["rotation=15,shift=0,0.1", "fill=reflect"]) == expected
    assert _values.strengths("--augment", ["rotation=15", "shift=0, 0.1,fill=reflect"]) == expected
    assert _values.strengths("--augment", []) == {}
    with pytest.raises(SettingError, match=r"Reading `--augment`: .* received `15`. .*`--augment rotation=15`"):
        _values.strengths("--augment", ["15"])


def test_lists_by_name_are_parted_by_semicolons():
    assert _values.named_lists("--zip", "a=1,2; b=x,y；c=3,4") == {"a": [1, 2], "b": ["x", "y"], "c": [3, 4]}


def test_python_in_a_message_becomes_options():
    options = ["--batch-size", "--reinitialise", "--drop", "--augment"]
    assert as_options('Write `augment={"rotation": 15, "shift": 0.1}`.', options) == (
        "Write `--augment rotation=15,shift=0.1`."
    )
    assert as_options("Write `batch_size=32`.", options) == "Write `--batch-size 32`."
    assert as_options("Pass `reinitialise=True`.", options) == "Pass `--reinitialise`."
    assert as_options("With `drop=['a', 'b']`.", options) == "With `--drop a,b`."
    assert as_options("Or `validation_data=(X, y)`.", options) == "Or `validation_data=(X, y)`."


def parse(*words: str):
    command = command_line()
    try:
        with command.make_context("backlit", list(words)) as context:
            command.invoke(context)
    except USAGE_ERRORS as error:
        return fault_of(error)
    raise AssertionError("no fault")


def test_the_parser_tells_which_fault_it_was():
    """What `_typer_private.py` relies on."""
    assert issubclass(typer.BadParameter, USAGE_ERRORS)
    assert (parse("train", "iris", "--foo").kind, parse("train", "iris", "--foo").name) == ("option-unknown", "--foo")
    assert (parse("train").kind, parse("train").name) == ("missing", "DATA")
    assert (parse("train", "iris", "--epochs").kind, parse("train", "iris", "--epochs").name) == (
        "option-bare",
        "--epochs",
    )
    assert (parse("train", "a", "b", "c").kind, parse("train", "a", "b", "c").name) == ("extra", "b c")
    assert parse("runs", "--json=5").kind in ("option-bare", "option-value", "other")
