"""Makes .venv: the pinned packages of requirements/dev.txt and backlit itself, editable. `make setup` calls it.

Needs nothing but a Python (it runs on any from 3.6, so that an old one can be told what is missing). Where `uv` is on
PATH it installs the same pinned, hash-checked list faster.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PACKAGES = ROOT / "requirements" / "dev.txt"


def main():
    python = suitable_python()
    print("Setting up .venv with {} (a few minutes the first time) …".format(python), flush=True)
    make_venv(python)
    install()
    link_hooks()
    (VENV / ".ready").write_text("made by make setup\n")
    print("Ready: .venv/bin/backlit")


def suitable_python():
    """This Python if backlit runs on it, else the newest one on PATH on which it does."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which("python3.{}".format(minor))
        if found and runs(found, "-c", "pass"):
            return found
    sys.exit(
        "make setup: backlit needs Python 3.{}-3.{}; this is {}.{} and PATH has no other. "
        "Install one and run: make setup PYTHON=/path/to/python3.{}".format(
            OLDEST[1], NEWEST[1], sys.version_info[0], sys.version_info[1], NEWEST[1]
        )
    )


def make_venv(python):
    """A fresh environment, unless the one here still works and has the same Python."""
    if VENV_PYTHON.exists() and version_of(VENV_PYTHON) == version_of(python):
        return
    if not runs(python, "-c", "import venv, ensurepip"):
        sys.exit(
            "make setup: {} cannot make virtual environments, because its modules venv and ensurepip are missing. "
            "On Debian or Ubuntu: sudo apt-get install python3-venv. Then run `make setup` again.".format(python)
        )
    subprocess.check_call([python, "-m", "venv", "--clear", str(VENV)])


def install():
    """The pinned packages with their hashes, then backlit, editable, with no look at the network."""
    installers = [[str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]]
    uv = shutil.which("uv")
    if uv and runs(uv, "--version"):
        installers.insert(0, [uv, "pip", "install", "--quiet", "--python", str(VENV_PYTHON)])
    for what in (["--require-hashes", "-r", str(PACKAGES)], ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]):
        # uv has certificates and settings of its own; where they do not fit, pip's may.
        if not any(subprocess.call([*pip, *what]) == 0 for pip in installers):
            raise subprocess.CalledProcessError(1, [*installers[-1], *what])


def link_hooks():
    """Turns on .githooks in a git checkout whose user has chosen no hooks of their own."""
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        return
    if not runs(git, "-C", ROOT, "config", "--get", "core.hooksPath"):
        runs(git, "-C", ROOT, "config", "core.hooksPath", ".githooks")


def version_of(python):
    """The full version line of a Python, or the empty string where it does not start (or has no pip)."""
    command = [str(python), "-c", "import pip, sys; print(sys.version)"]
    with open(os.devnull, "w") as nothing:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=nothing).stdout.decode()


def runs(*command):
    """Whether a command ends well; its output is dropped."""
    with open(os.devnull, "w") as nothing:
        return subprocess.call([str(word) for word in command], stdout=nothing, stderr=nothing) == 0


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit("make setup: this command failed: {}".format(" ".join(failed.cmd)))
