"""The lessons: live experiments with prose in two languages. `docs/lessons.md` tells how to write one."""

from backlit.lessons.kind import Claim as Claim
from backlit.lessons.kind import Exercise as Exercise
from backlit.lessons.kind import Guess as Guess
from backlit.lessons.kind import Knob as Knob
from backlit.lessons.kind import Lesson as Lesson
from backlit.lessons.outcome import Outcome as Outcome
from backlit.lessons.outcome import run_lesson as run_lesson
from backlit.lessons.registry import find_lesson as find_lesson
from backlit.lessons.registry import lessons as lessons
