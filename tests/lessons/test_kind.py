import math
from dataclasses import dataclass

import pytest

from backlit.errors import LessonError
from backlit.language import Words
from backlit.lessons import Claim, Exercise, Guess, Knob, Lesson, find_lesson, run_lesson
from backlit.lessons.outcome import read_answers

W = Words(en="words", zh="词")


@dataclass(frozen=True)
class Doubled:
    value: float


def measure(*, seed: int, factor: float, is_on: bool, way: str, n: int) -> Doubled:
    return Doubled(factor * n + seed)


KNOBS = (
    Knob("factor", W, 2.0, low=0, high=10),
    Knob("is_on", W, True),
    Knob("way", W, "up", choices=("up", "down")),
    Knob("n", W, 3, low=1, high=9),
)
LESSON = Lesson(
    number=1,
    title=W,
    measure=measure,
    charts=lambda _: (),
    guess=Guess("ABC", answer=lambda _: "B"),
    knobs=KNOBS,
    claims=(Claim("large", words=W, quantity=W, value=lambda r: r.value, above=5, null={"factor": 0.0}),),
    exercises=(Exercise(answer=lambda r: r.value), Exercise(answer=lambda _: 0.0), Exercise(answer=lambda _: 7)),
)


def test_knobs_have_the_type_of_their_default():
    turned = {"factor": "0.5", "is_on": "no", "way": "down", "n": "4"}
    assert LESSON.settings(turned) == {"factor": 0.5, "is_on": False, "way": "down", "n": 4}
    assert LESSON.settings() == {"factor": 2.0, "is_on": True, "way": "up", "n": 3}
    assert isinstance(LESSON.settings({"n": 4.0})["n"], int)


@pytest.mark.parametrize(
    ("turned", "message"),
    [
        ({"factor_": 1}, r"expected one of its knobs, received `factor_`. Did you mean `factor`\?"),
        ({"factor": "much"}, r"knob `factor`: expected a number from 0 to 10, received `much`"),
        ({"factor": 11}, r"expected a number from 0 to 10, received `11`"),
        ({"factor": "nan"}, r"received `nan`"),
        ({"n": "1.5"}, r"expected a whole number from 1 to 9, received `1.5`. Write for example `n=3`"),
        ({"is_on": "perhaps"}, r"expected `true` or `false`, received `perhaps`"),
        ({"way": "dwon"}, r"received `dwon`. Did you mean `down`\? There are: `up`, `down`"),
    ],
)
def test_a_knob_that_cannot_be_turned_so_is_refused(turned, message):
    with pytest.raises(LessonError, match=message):
        LESSON.settings(turned)


def test_a_lesson_runs_with_its_knobs_and_seed():
    outcome = run_lesson(LESSON, knobs={"n": "4"}, seed=1)
    assert outcome.result.value == 9.0  # 2.0 × 4 + 1
    assert [(one.value, one.holds) for one in outcome.judgements] == [(9.0, True)]
    assert not run_lesson(LESSON, knobs=LESSON.claims[0].null).judgements[0].holds


@pytest.mark.parametrize(("value", "holds"), [(5.1, True), (5.0, False), (math.nan, False), (math.inf, False)])
def test_a_claim_holds_on_one_side_of_its_limit_and_never_for_what_is_not_finite(value, holds):
    assert LESSON.claims[0].holds(Doubled(value)) is holds


def test_a_claim_below_its_limit():
    claim = Claim("small", words=W, quantity=W, value=lambda r: r.value, below=1.0, null={})
    assert (claim.sign, claim.limit) == ("<", 1.0)
    assert claim.holds(Doubled(0.5))
    assert not claim.holds(Doubled(1.5))


def test_answers_are_right_within_their_tolerance():
    outcome = run_lesson(LESSON)  # 2.0 × 3 + 0 = 6, two percent is 0.12
    assert outcome.check_answer(1, 6.1)
    assert not outcome.check_answer(1, 6.2)
    assert outcome.check_answer(2, 0.01)
    assert not outcome.check_answer(2, 0.5)


def test_answers_are_read():
    assert read_answers(LESSON, ["1=6", "3=-0.5e1"]) == {1: 6.0, 3: -5.0}


@pytest.mark.parametrize("written", ["4=1", "0=1", "one=1", "1", "1=six", "=3"])
def test_an_answer_that_cannot_be_read_is_refused(written):
    with pytest.raises(LessonError, match=rf"`number=answer` with a number from 1 to 3, received `{written}`"):
        read_answers(LESSON, [written])


def test_a_guess_is_one_of_the_letters():
    assert LESSON.guess.read(" b ") == "B"
    with pytest.raises(LessonError, match=r"one letter of A, B, C, received `D`. Write for example `--guess A`"):
        LESSON.guess.read("D")


def test_a_lesson_that_is_not_there_is_refused():
    with pytest.raises(LessonError, match=r"expected one of 1, 2, 3, .*, received `99`"):
        find_lesson(99)
    with pytest.raises(LessonError, match=r"received `3\.5`"):
        find_lesson("3.5")
    assert find_lesson("07") is find_lesson(7)


def test_a_seed_below_zero_is_refused():
    with pytest.raises(LessonError, match="knob `seed`: expected a whole number from 0"):
        run_lesson(LESSON, seed=-1)


def test_a_lesson_whose_knobs_are_not_its_arguments_is_our_mistake():
    with pytest.raises(AssertionError, match="bug in backlit: lesson 1"):
        Lesson(1, W, measure, lambda _: (), LESSON.guess, KNOBS[:2], LESSON.claims, LESSON.exercises)
    with pytest.raises(AssertionError, match="needs one limit"):
        Claim("none", words=W, quantity=W, value=lambda _: 0.0, null={})
