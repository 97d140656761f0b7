import pytest

from backlit.cli.app import main
from backlit.lessons import find_lesson, run_lesson


def run(capsys, *words):
    code = main(list(words))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_lessons_are_listed_in_the_chosen_language(capsys):
    code, out, _ = run(capsys, "lessons")
    assert code == 0
    assert " 9  The learning rate" in out
    assert " 9  学习率" in run(capsys, "--lang", "zh", "lessons")[1]


def test_a_lesson_is_read_with_blanks_and_says_how_to_run_it(capsys):
    code, out, _ = run(capsys, "lesson", "03")
    assert code == 0
    assert "▢" in out
    assert "leave_out=nothing" in out
    assert "Make your guess, then run it: `backlit lesson 3 --run`" in out


def test_running_judges_the_guess_and_names_the_sources(capsys):
    out = run(capsys, "lesson", "3", "--run", "--guess", "b", "--set", "epochs=2")[1]
    assert "You guessed B; it is C." in out
    assert "epochs=2" in out
    assert "Rosenblatt" in out
    assert "▢" not in out
    assert "You guessed C: right." in run(capsys, "lesson", "3", "--run", "--guess", "C", "--set", "epochs=2")[1]


def test_both_languages_from_one_run(capsys):
    out = run(capsys, "lesson", "3", "--run", "--both", "--set", "epochs=2")[1]
    assert "人工神经网络" in out
    assert "Artificial neural networks" in out
    assert "No guess was made; it was C." in out


def test_a_turned_knob_breaks_a_claim_on_the_page(capsys):
    assert "NO" in run(capsys, "lesson", "3", "--set", "leave_out=bias")[1]


def test_answers_are_checked_against_the_run(capsys):
    outcome = run_lesson(find_lesson(3), knobs={"epochs": 2})
    right = f"1={outcome.result.z[1]:.4f}"
    code, out, _ = run(capsys, "lesson", "3", "--set", "epochs=2", "--answer", right, "--answer", "3=17", "--solutions")
    assert code == 0
    assert "Exercise 1: right." in out
    assert "Exercise 3: 17 is not it yet." in out
    assert "Exercise 3: 32" in out
    assert "Guess first" not in out


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (["99"], "Opening a lesson: expected one of 1, 2, 3", "打开一课"),
        (["seven"], "received `seven`", "`seven`"),
        (["3", "--set", "speed=1"], "received `speed`", "这一课的旋钮之一"),
        (["3", "--set", "row=1.5"], "a whole number from 0 to 84, received `1.5`", "0 到 84 之间的整数"),
        (["3", "--guess", "Z"], "one letter of A, B, C, received `Z`", "A, B, C 中的一个字母"),
        (["3", "--answer", "9=1"], "a number from 1 to 3, received `9=1`", "题号为 1 到 3"),
        (["9", "--set", "lowest=1", "--set", "highest=0.1"], "received lowest=1, highest=0.1", "排列学习率"),
        (["3", "--seed", "x"], "received `x`", "设置旋钮 `seed`"),
    ],
)
def test_what_cannot_be_done_is_said_in_both_languages(capsys, words, english, chinese):
    code, _, err = run(capsys, "lesson", *words)
    assert code == 2
    assert english in err
    assert "Traceback" not in err
    assert chinese in run(capsys, "--lang", "zh", "lesson", *words)[2]


def test_on_a_terminal_the_guess_is_asked_for_before_running(capsys, monkeypatch):
    typed = iter(["x", "a"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda _: next(typed))
    out = run(capsys, "lesson", "3", "--run", "--set", "epochs=2")[1]
    assert "one letter of A, B, C, received `x`" in out
    assert "You guessed A; it is C." in out
    assert out.index("Guess first") < out.index("You guessed") < out.index("The experiment")
    assert out.count("Guess first") == 1
