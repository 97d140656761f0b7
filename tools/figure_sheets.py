"""Writes docs/figures/: a picture of every figure, in both languages and on both grounds, as Chromium shows it.

    python -m tools.figure_sheets

One sheet a part of a report, so that each can be read on a laptop. Whoever changes a view runs this and looks. Findings
and trial come from a table written here, because no run gives them yet. Needs playwright and a Chromium.
"""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import backlit as bl  # before keras, whose backend it chooses

# isort: split
import keras
from PIL import Image

from backlit.language import LANGUAGES, Language, Words
from backlit.measure.verdicts import ArmResult, FindingSummary, TrialResult
from backlit.run import Run
from backlit.views import all_views
from backlit.views.kind import PARTS, Figure, Part
from backlit.views.page import figure_block, make_page
from backlit.views.theme import Theme
from tools.chromium import launch

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "figures"
WIDTH, HEIGHT = 1366, 768  # pixels of a small laptop
QUALITY = 72  # of WebP, at which thin lines and small Chinese signs stay sharp
THEMES: tuple[Theme, ...] = ("light", "dark")
QUIET: dict[str, Any] = {"save": False, "verbose": False}


def example_runs() -> dict[str, Run]:
    """Small runs, each for the views that show it best.

    Returns:
        By what they are.
    """
    layers = keras.layers
    cnn = keras.Sequential(
        [
            layers.Conv2D(8, 3, activation="relu", padding="same", name="first"),
            layers.MaxPooling2D(name="pool"),
            layers.Conv2D(12, 3, activation="relu", name="second"),
            layers.Flatten(name="flat"),
            layers.Dense(10, "softmax", name="out"),
        ]
    )
    return {
        "cnn": _watched(cnn),
        "seeds": bl.fit(_dense(10, 32), "digits", epochs=80, learning_rate=0.01, seeds=5, early_stopping=5, **QUIET),
        "sweep": bl.fit(
            _dense(10, 32), "digits", epochs=6, learning_rate=[1e-4, 1e-3, 1e-2, 0.1, 1.0], seeds=3, **QUIET
        ),
        "grid": bl.fit(
            _dense(10, 32), "digits", epochs=5, learning_rate=[1e-4, 1e-3, 1e-2], l2=[0.0, 1e-4, 1e-3, 1e-2], **QUIET
        ),
        "plane": bl.fit(_dense(2, 16), "moons", epochs=40, learning_rate=0.03, **QUIET),
        "table": bl.fit(_dense(3, 6), "iris", epochs=40, learning_rate=0.02, **QUIET),
    }


BEST_SHOWN_BY = {
    "curves": "seeds",
    "axis-response": "sweep",
    "population-scores": "sweep",
    "axis-heat-map": "grid",
    "decision-boundary": "plane",
    "backprop-steps": "table",
}
"""Which run shows a view best; the others are shown by the CNN."""

FINDINGS = (
    FindingSummary(
        code="G301",
        name=Words(en="vanishing gradients", zh="梯度消失"),
        where=Words(en="layers 1 to 5 of 8", zh="第 1 到第 5 层，共 8 层"),
        evidence=(
            (Words(en="gradient norm, layer 1 / layer 8", zh="梯度范数，第 1 层 / 第 8 层"), "2.1e-7"),
            (Words(en="factor a layer", zh="每层的因子"), "0.11"),
        ),
        threshold=Words(en="below 1e-3 over five layers", zh="五层之间低于 1e-3"),
        source="glorot-bengio-2010",
        confidence=0.95,
        lesson=28,
        remedies=(
            Words(en="He initialisation", zh="He 初始化"),
            Words(en="ReLU for sigmoid", zh="用 ReLU 代替 sigmoid"),
        ),
        seeds="5/5",
    ),
)
TRIAL = TrialResult(
    metric=Words(en="accuracy", zh="准确率"),
    unit="",
    arms=(
        ArmResult(Words(en="He initialisation", zh="He 初始化"), 10, 0.121, 0.094, 0.148, "helps"),
        ArmResult(Words(en="batch normalisation", zh="批量归一化"), 10, 0.083, 0.051, 0.115, "helps"),
        ArmResult(Words(en="twice the epochs", zh="训练轮次加倍"), 10, 0.006, -0.012, 0.024, "no effect"),
        ArmResult(Words(en="dropout 0.5", zh="Dropout 0.5"), 10, -0.047, -0.071, -0.023, "harms"),
    ),
)


def all_figures(runs: dict[str, Run]) -> dict[Part, list[Figure]]:
    """The figures of every view.

    Args:
        runs: From `example_runs`.

    Returns:
        By part of a report.

    Raises:
        SystemExit: If a view does not apply to the run that should show it.
    """
    found: dict[Part, list[Figure]] = {part: [] for part in PARTS}
    written = {"findings": FINDINGS, "trial": TRIAL}
    for view in all_views().values():
        result = written.get(view.name) or view.read(runs[BEST_SHOWN_BY.get(view.name, "cnn")])
        if result is None:
            raise SystemExit(f"no figure: the view {view.name} does not apply to its run")
        found[view.part] += view.draw(result)
    return found


def write_sheet(page: Any, figures: Sequence[Figure], part: Part, language: Language, theme: Theme) -> Path:
    """Lets Chromium show the figures of a part, and keeps what it shows.

    Args:
        page: A page of Playwright.
        figures: What to show.
        part: Of the report.
        language: Of what is written.
        theme: Of the ground.

    Returns:
        Where the picture lies.
    """
    body = [f'<style>{_TWO_COLUMNS}</style><div class="sheet">', *map(figure_block, figures), "</div>"]
    html = make_page(title=PARTS[part], body=body, language=language, theme=theme, has_buttons=False)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sheet.html"
        file.write_text(html, encoding="utf-8")
        page.goto(file.as_uri())
        page.wait_for_timeout(1500)
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    path = FOLDER / f"{part}-{language}-{theme}.webp"
    path.parent.mkdir(exist_ok=True)
    picture.convert("RGB").save(path, quality=QUALITY, method=6)
    return path


_TWO_COLUMNS = (
    "main { max-width: none !important; } "
    ".sheet { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; align-items: start; } "
    ".sheet > figure { min-width: 0; margin: 0; }"
)


def _watched(model: keras.Model) -> Run:
    """Trained as a stream, whose snapshots give the loss surface a path."""
    stream = bl.stream(model, "digits", epochs=12, probes=True, augment={"rotation": 15, "shift": 0.1}, save=False)
    for _ in stream:
        pass
    return stream.run


def _dense(n_out: int, units: int) -> keras.Model:
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Flatten(name="flat"),
            layers.Dense(units, "relu", name="hidden"),
            layers.Dense(n_out, "softmax", name="out"),
        ]
    )


def main() -> None:
    """Writes all sheets."""
    from playwright.sync_api import sync_playwright

    figures = all_figures(example_runs())
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for language in LANGUAGES:
            for theme in THEMES:
                page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
                page.on("console", lambda message: print("console:", message.text))
                page.on("pageerror", lambda error: print("error:", error))
                for part, own in figures.items():
                    path = write_sheet(page, own, part, language, theme)
                    print(path.name, f"{path.stat().st_size / 1000:.0f} kB, {len(own)} figures", flush=True)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
