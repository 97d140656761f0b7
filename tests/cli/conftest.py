"""The command line in process: exit code and what was printed, in either language."""

from dataclasses import dataclass

import pytest

import backlit
from backlit.cli.app import main


@dataclass
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def backlit_command(capsys, monkeypatch):
    """Runs `backlit …` without a terminal, 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> Answer:
        backlit.set_language(None)
        capsys.readouterr()
        code = main(words)
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return run
