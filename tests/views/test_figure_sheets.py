"""docs/figures.md: a sheet for each part of a report, in both languages and on both grounds, and no part forgotten."""

import re
from itertools import product
from pathlib import Path

from PIL import Image

from backlit.language import LANGUAGES
from backlit.views import all_views
from backlit.views.kind import PARTS

DOCS = Path(__file__).parents[2] / "docs"


def test_there_is_a_sheet_for_each_part():
    wanted = {f"{part}-{one}-{theme}.webp" for part, one, theme in product(PARTS, LANGUAGES, ("light", "dark"))}
    assert {path.name for path in (DOCS / "figures").iterdir()} == wanted
    assert set(re.findall(r"figures/([a-z-]+\.webp)", (DOCS / "figures.md").read_text(encoding="utf-8"))) == wanted
    assert {view.part for view in all_views().values()} == set(PARTS)


def test_a_sheet_is_as_wide_as_a_small_laptop():
    for path in (DOCS / "figures").iterdir():
        with Image.open(path) as picture:
            assert picture.width == 1366, path.name
