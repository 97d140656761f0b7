"""`backlit explain`: what it prints of a kept run, in both languages, and each mistake by its words."""

import os
import shutil

import pytest

import backlit as bl
from backlit.cli.app import main


@pytest.fixture(scope="module")
def home_with_a_run(tmp_path_factory):
    """A home in which one small network was trained on iris, once."""
    home = tmp_path_factory.mktemp("explained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKLIT_HOME", str(home))
        assert main(("train", "iris", "--model", "mlp:3", "--epochs", "2", "-q")) == 0
    return home


@pytest.fixture
def kept(home_with_a_run):
    """That run, in this test's own home."""
    shutil.copytree(home_with_a_run, os.environ["BACKLIT_HOME"], dirs_exist_ok=True)
    return bl.open_run("last")


def test_every_step_is_printed_with_its_numbers_and_checked(backlit_command, kept):
    answer = backlit_command("explain", "last", "--sample", "3")
    assert answer.code == 0, answer.err
    assert f"Run {kept.id}, sample 3 of `test`" in answer.out
    found = bl.explain.backprop(kept.model, *(part[3] for part in kept.best_data.test), check=False)
    for step in found:
        assert f"[{step.number}] " in answer.out
    assert "Checked two ways" in answer.out
    assert answer.out.index("forward: inputs") < answer.out.index("forward: loss") < answer.out.index("back: inputs")


def test_it_speaks_chinese(backlit_command, kept):
    answer = backlit_command("explain", "last", "--lang", "zh")
    assert answer.code == 0, answer.err
    assert "前向：" in answer.out
    assert "用两种方法核对" in answer.out


def test_one_layer_is_shown_alone(backlit_command, kept):
    name = kept.model.layers[-1].name
    answer = backlit_command("explain", "last", "--layer", name, "--entries", "1")
    headings = [line for line in answer.out.splitlines() if line.startswith(("forward: ", "back: "))]
    assert headings == [f"forward: {name}", f"back: {name}"]


def test_one_weight_is_followed(backlit_command, kept):
    name = kept.model.layers[-1].name
    answer = backlit_command("explain", "last", "--weight", f"{name},2,0")
    assert answer.code == 0, answer.err
    assert "∂C/∂" in answer.out
    assert answer.out.count("\n") > 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sample", "999"), "expected a whole number from 0 to"),
        (("--sample", "-1"), "expected one whole number, at least 0, received `-1`"),
        (("--split", "tests"), "Did you mean `test`"),
        (("--layer", "nobody"), "received `nobody`"),
        (("--weight", "hidden"), "a layer and the index of one of its weights"),
        (("--weight", "nobody,0,0"), "received `nobody`"),
        (("--entries", "many"), "Reading `--entries`"),
    ],
)
def test_each_mistake_has_its_message_and_no_traceback(backlit_command, kept, words, said):
    answer = backlit_command("explain", "last", *words)
    assert answer.code not in (0, None)
    assert said in answer.err
    assert "Traceback" not in answer.err
