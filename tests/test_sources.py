import ast
import re
from pathlib import Path

import pytest

import backlit
from backlit.errors import SettingError
from backlit.sources import SOURCES, cite

PACKAGE = Path(backlit.__file__).parent
SECTION = re.compile(r"^\s*Source:\s*(.+)", re.MULTILINE | re.DOTALL)


def cited_keys():
    """(place, key) of every `Source:` section of a docstring."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                found = SECTION.search(ast.get_docstring(node) or "")
                if found:
                    yield (
                        f"{path.name}: {getattr(node, 'name', 'module')}",
                        re.split(r"[\s,.;:]", found[1], maxsplit=1)[0],
                    )


def test_every_cited_key_exists():
    unknown = [(place, key) for place, key in cited_keys() if key != "ours" and key not in SOURCES]
    assert [] == unknown


def test_something_is_cited():
    assert {"fisher-1936", "xiao-2017"} <= {key for _, key in cited_keys()}


@pytest.mark.parametrize("key", SOURCES)
def test_entries_are_complete(key):
    source = SOURCES[key]
    assert source.authors
    assert source.title
    assert source.where
    assert 1800 < source.year <= 2026
    assert source.url == "" or source.url.startswith("https://")
    assert re.fullmatch(r"[a-z0-9-]+", key)


def test_cite_in_one_line():
    expected = "R. A. Fisher (1936). The use of multiple measurements in taxonomic problems. Annals of Eugenics 7(2)"
    assert expected == cite("fisher-1936")


def test_unknown_source():
    with pytest.raises(SettingError, match=r"received `fischer-1936`. Did you mean `fisher-1936`\?"):
        cite("fischer-1936")
