"""Runs pydoclint, and lets a `Raises` section name errors that a called function raises (its DOC502, DOC503).

What a user meets is documented where the user calls: `fit` documents the error that its reader of arguments raises.
The other way round, a `raise` in the body that the section leaves out (DOC501), stays an error.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

VIOLATION = re.compile(r"^(?P<file>\S.*\.py):?\s*$|^\s+(?P<line>\d+): (?P<code>DOC\d+): (?P<what>.*)$")
RAISED = re.compile(r"in the docstring: (?P<documented>\[.*?\])\. .*in the body: (?P<raised>\[.*?\])\.")


def violations(report: str) -> list[str]:
    r"""Reads what pydoclint printed.

    Args:
        report: Its output: a line for each file, and under it an indented line for each violation.

    Returns:
        One `file:line: code: what` a violation that is not let through.

    Example:
        >>> violations("a.py\n    7: DOC501: no Raises\n    9: DOC502: nothing raised")
        ['a.py:7: DOC501: no Raises']
    """
    found, file = [], ""
    for line in report.splitlines():
        match = VIOLATION.match(line)
        if match is None:
            continue
        if match["file"]:
            file = match["file"]
        elif not _is_let_through(match["code"], match["what"]):
            found.append(f"{file}:{match['line']}: {match['code']}: {match['what']}")
    return found


def _is_let_through(code: str, what: str) -> bool:
    """Whether the section names all that the body raises, and perhaps more. `raise self._refusal()` names no class."""
    lists = RAISED.search(what) if code == "DOC503" else None
    if lists is None:
        return code == "DOC502"
    documented = ast.literal_eval(lists["documented"])
    raised = [name for name in ast.literal_eval(lists["raised"]) if name.split(".")[-1][0].isupper()]
    return set(raised) <= set(documented)


def main() -> int:
    """Checks the folders named on the command line.

    Returns:
        The exit status: 0 where nothing is wrong.
    """
    pydoclint = Path(sys.executable).parent / "pydoclint"
    done = subprocess.run(
        [str(pydoclint), "--quiet", *sys.argv[1:]], capture_output=True, text=True, encoding="utf-8", check=False
    )
    report = done.stdout + done.stderr
    found = violations(report)
    if done.returncode not in (0, 1) or (done.returncode == 1 and "DOC" not in report):
        print(report)  # pydoclint itself stumbled
        return 1
    print("\n".join(found) or "Docstrings: nothing found.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
