"""Compares every `text("…")` of the source with its Chinese. `make messages` prints what differs; a test wants nothing.

    >>> from pathlib import Path
    >>> [call.template for call in calls_in('text("Loaded {n} rows", n=5)', Path("here.py"))]
    ['Loaded {n} rows']

Only a `text` that comes from `backlit.language` counts. A sentence without a letter outside its placeholders, such
as `{value}`, is the same in both languages and needs no entry.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

SOURCE = Path(__file__).resolve().parent.parent / "src" / "backlit"
CHINESE = SOURCE / "locale" / "zh.po"


@dataclass(frozen=True)
class Call:
    """One call of `text` in the source.

    Attributes:
        where: File and line, as editors jump to it.
        template: The English sentence, or None where it is no literal.
        values: The names of the values given, or None where they are given as `**values`.
    """

    where: str
    template: str | None
    values: frozenset[str] | None


def calls_in(code: str, path: Path) -> Iterator[Call]:
    """Finds the calls of `text` in a module.

    Args:
        code: The source text.
        path: Where it stands, for messages.

    Yields:
        The calls, in the order of the file.
    """
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    for node in sorted(nodes, key=lambda node: node.lineno):
        if isinstance(node.func, ast.Name) and node.func.id == "text":
            literal = node.args[0] if len(node.args) == 1 else None
            template = literal.value if isinstance(literal, ast.Constant) else None
            names = [keyword.arg for keyword in node.keywords]
            yield Call(
                where=f"{path}:{node.lineno}",
                template=template if isinstance(template, str) else None,
                values=None if None in names else frozenset(name for name in names if name is not None),
            )


def all_calls(source: Path = SOURCE) -> list[Call]:
    """Finds the calls of `text` in every module that has it from `backlit.language`.

    Args:
        source: The package's folder.

    Returns:
        The calls, by file and line.
    """
    calls = []
    for path in sorted(source.rglob("*.py")):
        code = path.read_text(encoding="utf-8")
        if _has_our_text(code):
            calls += calls_in(code, path.relative_to(source.parent))
    return calls


def chinese(path: Path = CHINESE) -> dict[str, str]:
    """Reads the Chinese sentences.

    Args:
        path: The .po file.

    Returns:
        English template to Chinese template, untranslated ones as the empty string.
    """
    with path.open("rb") as file:
        catalogue = read_po(file, locale="zh", charset="utf-8", abort_invalid=True)
    return {str(message.id): str(message.string or "") for message in catalogue if message.id}


def problems(calls: list[Call], translated: dict[str, str]) -> list[str]:
    """Says what is wrong between the source and the Chinese.

    Args:
        calls: What `all_calls` found.
        translated: What `chinese` read.

    Returns:
        One line a problem; empty where both languages are equal.
    """
    found = []
    used = set()
    for call in calls:
        if call.template is None:
            found.append(f"{call.where}: the sentence of text(…) must be one literal")
            continue
        used.add(call.template)
        wanted = placeholders(call.template)
        if call.values is not None and call.values != wanted:
            found.append(f"{call.where}: placeholders {sorted(wanted)}, values {sorted(call.values)}")
        if _has_words(call.template) and not translated.get(call.template):
            found.append(f"{call.where}: no Chinese for {call.template!r}")
    for english, chinese_template in translated.items():
        if english not in used:
            found.append(f"{CHINESE.name}: no text(…) says {english!r} any more")
        elif chinese_template and placeholders(chinese_template) != placeholders(english):
            found.append(f"{CHINESE.name}: other placeholders in the Chinese of {english!r}")
    return found


def placeholders(template: str) -> set[str]:
    """The names in braces of a template.

    Args:
        template: A sentence as `str.format` reads it.

    Returns:
        The names, without attribute and index (`{shape[0]}` is `shape`).
    """
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name is not None}


def _has_words(template: str) -> bool:
    return any(letter.isalpha() for outside, *_ in Formatter().parse(template) for letter in outside)


def _has_our_text(code: str) -> bool:
    """Whether a module imports `text` from `language.py`, or is `language.py`, which defines it."""
    return any(
        (isinstance(node, ast.FunctionDef) and node.name == "text")
        or (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").split(".")[-1] == "language"
            and any(alias.name == "text" for alias in node.names)
        )
        for node in ast.walk(ast.parse(code))
    )


if __name__ == "__main__":
    lines = problems(all_calls(), chinese())
    print("\n".join(lines) or "Both languages are equal.")
    sys.exit(1 if lines else 0)
