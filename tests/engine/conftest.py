"""Runs the comparisons with Keras in processes of their own, so that each start-up is paid once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Some of Keras's own layers and optimisers mix number types, which strict promotion forbids.
NOT_GIVEN = ("JAX_NUMPY_DTYPE_PROMOTION", "JAX_ENABLE_X64")
CASES_EACH = 40  # a second process for the same float type pays from here on


@pytest.fixture(scope="session")
def compared(request):
    """By float type and name of the case: what `agreement.py` found, for every case that this session tests."""
    wanted: dict[str, list[str]] = {}
    for item in request.session.items:
        if "compared" in getattr(item, "fixturenames", ()):
            for floatx in item.callspec.params["floatx"].split():
                wanted.setdefault(floatx, []).append(item.callspec.params["name"])
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.engine.agreement", floatx, *names[start::n_parts]],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name not in NOT_GIVEN},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for floatx, names in wanted.items()
        for n_parts in [1 + (len(names) > CASES_EACH)]
        for start in range(n_parts)
    ]
    found = {}
    for process in processes:
        output, errors = process.communicate()
        assert process.returncode == 0, errors[-3000:]
        for line in output.splitlines():
            one = json.loads(line)
            found[one["floatx"], one["name"]] = one
    return found
