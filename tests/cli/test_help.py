"""Help in both languages: whole, in columns, and without anything heavy."""

import pytest

import backlit
from backlit.cli._help import width_of
from backlit.cli._typer_private import is_argument, parameter_name
from backlit.cli.app import command_line
from tools.messages import chinese

COMMANDS = (
    "data",
    "train",
    "cross-validate",
    "learning-curve",
    "search",
    "bag",
    "boost",
    "pseudo-label",
    "cluster",
    "autoencode",
    "fine-tune",
    "runs",
    "show",
    "report",
    "explain",
    "predict",
    "rerun",
    "delete",
)


def has_chinese(words: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in words)


def test_the_first_page_lists_the_commands(backlit_command):
    answer = backlit_command("--help")
    assert answer.code == 0
    assert answer.out.startswith("Usage: backlit COMMAND [options]\n")
    lines = [line.split()[0] for line in answer.out.splitlines() if line.startswith("  ") and line[2] != " "]
    assert list(COMMANDS) == [name for name in lines if name in COMMANDS]


def test_no_words_at_all_show_the_first_page(backlit_command):
    assert backlit_command().out == backlit_command("--help").out


def test_the_first_page_speaks_chinese(backlit_command):
    answer = backlit_command("--help", "--lang=zh")
    assert answer.out.startswith("用法：backlit 命令 [选项]\n")
    assert "训练一个网络，或同时训练许多个" in answer.out


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_page(backlit_command, command, language):
    answer = backlit_command(command, "--help", "--lang", language)
    assert answer.code == 0
    assert f"backlit {command}" in answer.out.splitlines()[0]
    assert has_chinese(answer.out) == (language == "zh")
    for parameter in command_line().commands[command].params:
        if parameter.name != "help":
            assert parameter_name(parameter) in answer.out
            assert parameter.help, f"{command} {parameter.name} has no help"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_no_line_is_wider_than_the_terminal(backlit_command, command, language):
    page = backlit_command(*command, "--help", "--lang", language).out
    assert max(width_of(line) for line in page.splitlines()) <= 80


def test_every_help_has_its_chinese():
    translated = chinese()
    for name in COMMANDS:
        command = command_line().commands[name]
        assert translated[command.help]
        for parameter in command.params:
            if parameter.name != "help":
                assert translated[parameter.help]
                panel = getattr(parameter, "rich_help_panel", None)
                assert panel is None or translated[panel]


def test_arguments_come_before_options(backlit_command):
    page = backlit_command("predict", "--help").out
    assert page.startswith("Usage: backlit predict RUN DATA [options]")
    assert is_argument(command_line().commands["predict"].params[0])


def test_defaults_are_told(backlit_command):
    assert "[default 20]" in backlit_command("train", "--help").out
    assert "[默认 20]" in backlit_command("train", "--help", "--lang", "zh").out


def test_the_version(backlit_command):
    assert backlit_command("--version").out == f"{backlit.__version__}\n"


@pytest.mark.parametrize(
    "words", [["--help"], ["train", "--help"], ["--lang", "zh", "--help"], ["--version"], ["runs"]]
)
def test_nothing_heavy_is_imported_for_it(in_fresh_python, words):
    code = (
        "import sys; from backlit.cli.app import main; main(%r);"
        "print(sorted({'jax', 'keras', 'numpy', 'polars', 'sklearn', 'scipy', 'plotext'} & set(sys.modules)))"
    )
    assert in_fresh_python(code % words).splitlines()[-1] == "[]"


def test_a_module_as_a_command_is_the_same(in_fresh_python):
    code = (
        "import runpy, sys; sys.argv = ['backlit', '--version']\n"
        "try: runpy.run_module('backlit', run_name='__main__')\n"
        "except SystemExit as end: print(end.code)"
    )
    assert in_fresh_python(code) == f"{backlit.__version__}\n0"
