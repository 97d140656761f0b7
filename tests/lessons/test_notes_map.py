"""docs/notes-map.md: every section that it names is there, in both languages."""

import re
from pathlib import Path

import pytest

from backlit.language import LANGUAGES
from backlit.lessons import lessons
from backlit.lessons.page import sections
from backlit.lessons.registry import read_prose

MAP = (Path(__file__).parents[2] / "docs" / "notes-map.md").read_text(encoding="utf-8")
NAMED = sorted({(int(number), anchor) for number, anchor in re.findall(r"\| (\d+)#([a-z0-9-]+) \|", MAP)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_that_is_named_is_there(language):
    there = {
        (lesson.number, section.anchor)
        for lesson in lessons()
        for section in sections(read_prose(lesson.number, language))
    }
    assert [one for one in NAMED if one not in there] == []


def test_every_heading_of_the_notes_that_has_text_is_mapped():
    headings = [int(number) for number in re.findall(r"(?:^## |, )(\d+) · ", MAP, re.MULTILINE)]
    assert headings == list(range(1, 20))
    assert len(re.findall(r"^\| .* \| .* \|$", MAP, re.MULTILINE)) > 100


def test_lessons_said_to_be_missing_are_missing():
    said = [int(number) for number in re.findall(r"\d+", re.search(r"Lessons (.*?) are not written yet", MAP)[1])]
    assert sorted(set(range(1, 37)) - {lesson.number for lesson in lessons()}) == said
