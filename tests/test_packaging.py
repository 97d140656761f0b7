"""The wheel holds everything that the package reads, and the checkout's own files say what they should."""

import re
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "backlit"


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    [wheel] = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_every_file_of_the_package(wheel_names):
    here = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"backlit/locale/zh.po", "backlit/terms.toml", "backlit/py.typed"} <= here
    assert here - wheel_names == set()


def test_the_wheel_holds_nothing_else(wheel_names):
    others = {name for name in wheel_names if not name.startswith("backlit/")}
    assert {name.split("/")[0] for name in others} == {"backlit-0.1.0.dist-info"}
    assert "backlit-0.1.0.dist-info/licenses/LICENSE" in others


def test_every_folder_with_python_files_is_a_package():
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_the_version_is_the_same_everywhere(in_fresh_python):
    [in_project] = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert in_fresh_python("import backlit; print(backlit.__version__)") == in_project
    assert f"## {in_project}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_pinned_package_has_hashes_and_no_address():
    lines = (ROOT / "requirements" / "dev.txt").read_text("utf-8").splitlines()
    pinned = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert len(pinned) > 50
    assert [line for line in pinned if not re.match(r"[a-z0-9.\-\[\]]+==\S+ .*\\$", line)] == []
    hashed = [previous for previous, line in pairwise(lines) if "--hash=" in line and previous in pinned]
    assert hashed == pinned
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


def test_make_help_names_every_target():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout
    assert re.findall(r"^  make ([a-z-]+) +\S.*$", shown, re.MULTILINE) == targets
    [phony] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert sorted(phony.split()) == sorted(targets)
