"""The derivation in the docs is what the code computes today."""

import re

import pytest

from tools.derivation import PAGES, page

# The last digits of a rounding error differ between machines; the sentence around them does not.
ROUNDING = re.compile(r"\d+e-\d+")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_recomputed_line_by_line(language):
    kept = PAGES[language].read_text(encoding="utf-8")
    assert ROUNDING.sub("…", kept).splitlines() == ROUNDING.sub("…", page(language)).splitlines()


def test_both_languages_show_the_same_equations():
    english, chinese = (
        [line for line in PAGES[language].read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
        for language in ("en", "zh")
    )
    assert english == chinese
    assert len(english) > 60
