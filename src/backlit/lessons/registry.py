"""Finds the lessons: every package `lNN_name` in this folder that has a `LESSON` in its `lesson.py`.

Not for running them (see `outcome.py`).
"""

import re
from functools import cache
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules

import backlit.lessons
from backlit.errors import LessonError
from backlit.language import Language, listed, text
from backlit.lessons.kind import Lesson

_FOLDER = re.compile(r"l(\d\d)_[a-z0-9_]+")


@cache
def _folders() -> dict[int, str]:
    """Lesson number to package name."""
    names = sorted(module.name for module in iter_modules(backlit.lessons.__path__) if _FOLDER.fullmatch(module.name))
    return {int(name[1:3]): name for name in names}


def lessons() -> tuple[Lesson, ...]:
    """Every lesson there is, by number.

    Returns:
        The lessons.
    """
    return tuple(find_lesson(number) for number in _folders())


def find_lesson(number: int | str) -> Lesson:
    """One lesson.

    Args:
        number: Its number, also as somebody typed it: `7`, `07`.

    Returns:
        The lesson.

    Raises:
        LessonError: If there is none of this number.
    """
    folders = _folders()
    place = int(number) if str(number).isdecimal() else -1
    if place not in folders:
        raise LessonError(
            "lesson-unknown",
            what=text("Opening a lesson"),
            expected=text("one of {numbers}", numbers=listed(folders)),
            received=text("`{number}`", number=number),
            fix=text("`backlit lessons` lists them with their names."),
        )
    lesson = import_module(f"backlit.lessons.{folders[place]}.lesson").LESSON
    assert lesson.number == place, f"bug in backlit: {folders[place]} holds lesson {lesson.number}"
    return lesson


def read_prose(number: int, language: Language) -> str:
    """The page of a lesson as it is written, placeholders unfilled.

    Args:
        number: Of the lesson.
        language: Which page.

    Returns:
        Markdown.
    """
    return (files(f"backlit.lessons.{_folders()[number]}") / f"{language}.md").read_text(encoding="utf-8")
