"""What the two READMEs show is run, in a fresh Python with an empty home and no backend chosen."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.zh.md"]


def python_blocks(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / name).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def commands(name: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / name).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]


def without_comments(code: str) -> list[str]:
    return [line.split("  #")[0].rstrip() for line in code.splitlines()]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", READMES)
def test_the_python_blocks_run(name, in_fresh_python, tmp_path):
    code = "\n".join(python_blocks(name))
    assert "bl.fit" in code
    in_fresh_python(f"import os; os.chdir({str(tmp_path)!r})\n{code}", timeout_s=300, HOME=str(tmp_path))


def test_both_languages_show_the_same_code():
    english, chinese = ([without_comments(block) for block in python_blocks(name)] for name in READMES)
    assert english == chinese
    assert commands("README.md") == commands("README.zh.md")


@pytest.mark.parametrize("name", READMES)
def test_the_first_lines_are_the_two_commands(name):
    assert commands(name)[:2] == ["make train", "make test"]
    above = (ROOT / name).read_text("utf-8").split("make train")[0]
    assert len(above.splitlines()) <= 4


@pytest.mark.parametrize("name", READMES)
def test_every_make_target_of_the_readme_is_there(name):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"\bmake ([a-z-]+)", "\n".join([*commands(name), *_code_spans(name)]))
    assert set(named) <= set(targets)


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "CHANGELOG.md", "docs/decisions.md"])
def test_every_link_to_a_file_leads_somewhere(name):
    page = ROOT / name
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def _code_spans(name: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", (ROOT / name).read_text("utf-8"))
