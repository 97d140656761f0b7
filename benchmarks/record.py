"""The one JSON record, section by section; the pages are written from it alone."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES, GPU_CASES

RESULTS = Path(__file__).parent / "results" / "results.json"


def load() -> dict[str, Any]:
    """The record; empty if nothing was measured yet."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def merge(section: str, measured: Any) -> None:
    """Puts what was measured into its section and keeps the rest.

    Args:
        section: Name of the section.
        measured: A dict by name; what has the same name is replaced.
    """
    record = load()
    record["machine"] = machine()
    stamp = {"date": today(), "processor": machine()["processor"]}  # entries of one record may be of several machines
    stamped = {name: {**each, **stamp} if isinstance(each, dict) else each for name, each in measured.items()}
    known = {**record.get(section, {}), **stamped}
    if section == "cases":
        known = {case.name: known[case.name] for case in (*CASES, *GPU_CASES) if case.name in known}
    record[section] = known
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_pages() -> None:
    """Writes docs/benchmarks.md and the tables of the READMEs from the record."""
    from benchmarks.page import write_pages

    write_pages(load())


def today() -> str:
    """The date, in UTC."""
    return datetime.now(UTC).date().isoformat()


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpu = Path("/proc/cpuinfo")
    names = (
        [line.split(":")[1].strip() for line in cpu.read_text().splitlines() if "model name" in line]
        if cpu.exists()
        else []
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": cores,
        "python": platform.python_version(),
        "date": today(),
    }
