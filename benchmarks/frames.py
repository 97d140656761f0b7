"""Section `frames`: how many frames a second the moving figures draw in Chromium when new numbers come with each.

    claim      the network 8-6-6-4 and 64 maps of 28 × 28 are drawn at 30 frames a second or more, each frame with other
               numbers (`update` before each)
    baseline   none: 30 a second is what looks like movement (ours: half of a usual screen's 60)
    unit       frames a second: 1 / the median time between two frames over 200 frames; and the slowest twentieth

Chromium runs without a GPU, 1280 pixels wide; each round is a fresh page.
"""

import json
import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

FLOOR_HZ = 30.0
N_FRAMES, ROUNDS = 200, 5
SIZES = (8, 6, 6, 4)
N_MAPS, SIDE = 64, 28


def network(drawn: np.random.Generator) -> dict[str, Any]:
    layers = [
        {
            "name": f"dense {i}",
            "kind": "units",
            "values": drawn.standard_normal(size).tolist(),
            "names": None,
            "more": 0,
        }
        for i, size in enumerate(SIZES)
    ]
    weights = [
        [[i, j, float(drawn.standard_normal())] for i in range(before) for j in range(after)]
        for before, after in pairwise(SIZES)
    ]
    return {"layers": layers, "weights": weights}


def maps(drawn: np.random.Generator) -> dict[str, Any]:
    images = [
        {"pixels": drawn.standard_normal(SIDE * SIDE).round(3).tolist(), "label": str(i + 1)} for i in range(N_MAPS)
    ]
    return {"images": images, "height": SIDE, "width": SIDE, "channels": 1, "range": [-3.0, 3.0], "columns": 16}


CASES = {"network 8-6-6-4": ("network", network), "64 maps of 28 × 28": ("image_grid", maps)}
# Eight data sets in turn, so that each frame has numbers that the one before had not.
SCRIPT = """
const sets = %s;
const figure = { title: "t", alternative: "a", data: sets[0] };
const drawn = module.draw(document.getElementById("place"), figure, { language: "en", theme: "light" });
const times = [];
let last = 0;
const tick = (now) => {
  if (last) times.push(now - last);
  last = now;
  if (times.length === %d) { window.times = times; return; }
  drawn.update(sets[times.length %% sets.length]);
  requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
"""


def measure(folder: Path, *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Draws each case in fresh pages.

    Args:
        folder: Not used; every section is given it.
        rounds: Pages of each case.

    Returns:
        The entries of the record.
    """
    del folder
    measured = {}
    for name, (kind, make) in CASES.items():
        entry = summary([_frame_times(kind, make, seed) for seed in range(rounds)])
        print(say(name, entry), flush=True)
        measured[name] = entry
    return measured


def summary(rounds: list[list[float]]) -> dict[str, Any]:
    """Frames a second, and whether the floor holds.

    Args:
        rounds: Milliseconds between frames, a list a round.

    Returns:
        What the record keeps.

    Example:
        >>> entry = summary([[16.0] * 19 + [40.0], [20.0] * 20])
        >>> round(entry["frames_hz"], 1), entry["low"], entry["high"], entry["slowest_hz"], entry["holds"]
        (56.2, 50.0, 62.5, 25.0, True)
    """
    rates = [1000 / median(times) for times in rounds]
    slowest = sorted(time for times in rounds for time in times)
    rate = median(rates)
    return {
        "frames_hz": rate,
        "low": min(rates),
        "high": max(rates),
        "slowest_hz": 1000 / slowest[int(0.975 * len(slowest))],
        "floor_hz": FLOOR_HZ,
        "margin": rate / FLOOR_HZ - 1,
        "holds": rate >= FLOOR_HZ,
    }


def say(name: str, entry: dict[str, Any]) -> str:
    """An entry in a line.

    Args:
        name: Of the case.
        entry: From `summary`.

    Returns:
        The line.
    """
    missed = "" if entry["holds"] else ", MISSED"
    return (
        f"{name}: {entry['frames_hz']:.0f} frames/s ({entry['low']:.0f} to {entry['high']:.0f}; at least "
        f"{FLOOR_HZ:g}), the slowest in forty {entry['slowest_hz']:.0f}{missed}"
    )


def _frame_times(kind: str, make: Any, seed: int) -> list[float]:
    """Milliseconds between the frames of one page."""
    from playwright.sync_api import sync_playwright

    from backlit.views.bundle import as_object
    from tools.chromium import launch

    random = np.random.default_rng(seed)
    sets = json.dumps([make(random) for _ in range(8)])
    script = f"const module = {as_object(kind)};{SCRIPT % (sets, N_FRAMES)}"
    page = f'<!doctype html><div id="place"></div><script>{script}</script>'
    with tempfile.TemporaryDirectory() as name, sync_playwright() as running:
        file = Path(name) / "frames.html"
        file.write_text(page, encoding="utf-8")
        browser = launch(running)
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.goto(file.as_uri())
        opened.wait_for_function("window.times !== undefined", timeout=60_000)
        times = opened.evaluate("window.times")
        browser.close()
    return times[10:]  # the first ones find fonts and code cold
