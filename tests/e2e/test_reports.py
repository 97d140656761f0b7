"""Reports in Chromium: opened from disk with no network, in both languages and themes, with the keyboard alone."""

import numpy as np
import pytest

import backlit as bl

# isort: split
import keras

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MOST_BYTES = 6_000_000
LOCALES = {"en": "en-US", "zh": "zh-CN"}


def dense():
    return keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])


def convolutional():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


RUNS = {
    "one network": lambda: bl.fit(dense(), "iris", epochs=4, probes=True, save=False, verbose=False),
    "population": lambda: bl.fit(
        dense(), "iris", epochs=3, learning_rate=[0.1, 0.01, 0.001], seeds=5, save=False, verbose=False
    ),
    "cnn": lambda: bl.fit(convolutional(), "digits", epochs=2, probes=True, save=False, verbose=False),
}


@pytest.fixture(scope="module", params=sorted(RUNS))
def run(request):
    return RUNS[request.param]()


@pytest.fixture(scope="module")
def cnn():
    return RUNS["cnn"]()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_opens_from_disk_and_loads_nothing(run, language, open_page, tmp_path):
    path = run.report(tmp_path / "report.html", language=language)
    assert path.stat().st_size <= MOST_BYTES
    opened = open_page(path, locale=LOCALES[language])
    assert (opened.said, opened.asked) == ([], [])
    assert opened.page.evaluate("document.documentElement.lang") == {"en": "en", "zh": "zh-CN"}[language]
    n_charts = opened.page.locator(".drawing[role=img]").count()
    assert n_charts >= 3
    assert opened.page.locator(".drawing[role=img] .main-svg").count() >= n_charts
    for i in range(opened.page.locator(".drawing canvas").count()):
        canvas = opened.page.locator(".drawing canvas").nth(i)
        canvas.scroll_into_view_if_needed()
        opened.frame()
        assert opened.colours(f".drawing canvas >> nth={i}") > 3
    # nothing of a page stands out of it, so that nothing has to be scrolled sideways
    assert opened.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_buttons_answer_to_keys_and_redraw_everything(cnn, open_page, tmp_path):
    opened = open_page(cnn.report(tmp_path / "report.html", language="en", theme="light"))
    page = opened.page
    chart = page.locator(".drawing[role=img]").first
    before = chart.get_attribute("aria-label")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-language=zh][data-drawn=all]", state="attached")
    after = chart.get_attribute("aria-label")
    assert before != after
    assert any("一" <= sign <= "鿿" for sign in after)
    assert page.title().startswith("运行")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-theme=dark][data-drawn=all]", state="attached")
    assert chart.locator(".main-svg").first.evaluate("svg => svg.style.background") == "rgb(22, 24, 29)"
    assert (opened.said, opened.asked) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_follows_the_readers_system(cnn, scheme, open_page, tmp_path):
    opened = open_page(cnn.report(tmp_path / "report.html", heavy=False), scheme=scheme)
    assert opened.page.evaluate("document.documentElement.dataset.theme") == scheme


def saved(opened, form, tmp_path, *, block=0):
    """Saves a figure from its menu, with keys."""
    figure = opened.page.locator("[data-figure]").nth(block)
    figure.locator("summary").focus()
    opened.page.keyboard.press("Enter")
    figure.locator(f"[data-save={form}]").focus()
    with opened.page.expect_download() as waiting:
        opened.page.keyboard.press("Enter")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_a_chart_is_saved_from_its_menu_in_three_forms(cnn, open_page, tmp_path):
    opened = open_page(cnn.plot("curves").save(tmp_path / "page.html"))
    assert saved(opened, "png", tmp_path).read_bytes().startswith(b"\x89PNG")
    drawn = saved(opened, "svg", tmp_path).read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert "Loss" in drawn
    alone = saved(opened, "html", tmp_path)
    assert alone.name == "curves-loss.html"
    assert (opened.said, opened.asked) == ([], [])
    again = open_page(alone)
    assert again.page.locator("[data-figure]").count() == 1
    assert again.page.locator(".drawing .main-svg").count() >= 1
    again.page.keyboard.press("Tab")
    again.page.keyboard.press("Enter")
    again.page.wait_for_selector("html[data-language=zh][data-drawn=all]", state="attached")
    assert (again.said, again.asked) == ([], [])


def test_a_moving_figure_is_saved_as_a_page_that_moves(cnn, open_page, tmp_path):
    opened = open_page(cnn.plot("kernels").save(tmp_path / "page.html"))
    alone = saved(opened, "html", tmp_path)
    assert alone.stat().st_size < 200_000  # Plotly is left out
    again = open_page(alone)
    again.frame()
    assert again.colours(".drawing canvas") > 3
    assert (again.said, again.asked) == ([], [])


def test_escape_closes_a_menu_and_gives_the_focus_back(cnn, open_page, tmp_path):
    opened = open_page(cnn.plot("curves").save(tmp_path / "page.html"))
    summary = opened.page.locator("summary").first
    summary.focus()
    opened.page.keyboard.press("Enter")
    opened.page.keyboard.press("Tab")
    assert opened.page.locator("details[open]").count() == 1
    opened.page.keyboard.press("Escape")
    assert opened.page.locator("details[open]").count() == 0
    assert summary.evaluate("element => element === document.activeElement")


def test_a_report_of_256_members_is_small_enough(tmp_path):
    rates = np.geomspace(1e-4, 1.0, 64).tolist()
    run = bl.fit(dense(), "iris", epochs=2, learning_rate=rates, seeds=4, save=False, verbose=False)
    assert run.report(tmp_path / "report.html").stat().st_size <= MOST_BYTES
