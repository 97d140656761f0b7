"""The notebook in examples/: run from top to bottom, made into a page by nbconvert, opened in Chromium."""

import asyncio
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
EXAMPLE = Path(__file__).parents[2] / "examples" / "first_look.ipynb"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The notebook after running, and the folder that it ran in."""
    import nbformat
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.read(EXAMPLE, as_version=4)
    here = {name: os.environ.pop(name) for name in ("JAX_NUMPY_DTYPE_PROMOTION",) if name in os.environ}
    before = os.environ.get("BACKLIT_LANG")
    os.environ["BACKLIT_LANG"] = "en"
    try:
        # The state of widgets is left out: nbconvert would show them by a script from the network.
        client = NotebookClient(
            notebook, timeout=200, store_widget_state=False, resources={"metadata": {"path": str(folder)}}
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of Jupyter's own event loop
            with ThreadPoolExecutor(1) as thread:  # in this one Playwright's event loop may be running
                thread.submit(lambda: asyncio.run(client.async_execute())).result()
    finally:
        os.environ.update(here)
        if before is not None:
            os.environ["BACKLIT_LANG"] = before
    return notebook, folder


@pytest.fixture(scope="module")
def page(executed):
    """What nbconvert makes of it, with nothing that is loaded: no MathJax, no require.js, no script for widgets."""
    from nbconvert import HTMLExporter

    notebook, folder = executed
    exporter = HTMLExporter(template_name="lab", mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="")
    path = folder / "first_look.html"
    path.write_text(exporter.from_notebook_node(notebook)[0], encoding="utf-8")
    return path


def outputs(notebook, source):
    """Outputs of the cell that holds some code."""
    [cell] = [cell for cell in notebook.cells if source in cell.source and cell.cell_type == "code"]
    return cell.outputs


def test_the_notebook_keeps_no_outputs():
    assert '"outputs": []' in EXAMPLE.read_text(encoding="utf-8")
    assert '"output_type"' not in EXAMPLE.read_text(encoding="utf-8")


def test_each_figure_comes_in_the_forms_that_notebooks_choose_from(executed):
    notebook, _ = executed
    for chart in outputs(notebook, 'sweep.plot("curves")'):
        assert {"application/vnd.plotly.v1+json", "text/html", "text/plain"} == set(chart.data)
    [moving] = outputs(notebook, 'run.plot("network")')
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} == set(moving.data)
    [drawn] = outputs(notebook, 'print(run.plot("curves"))')
    assert "↑ loss [nat]" in drawn.text


def test_a_run_shows_itself_as_a_table_and_its_curves(executed):
    notebook, _ = executed
    table, *charts = outputs(notebook, "sweep = bl.fit(")
    assert "learning_rate" in table.data["text/html"]
    assert table.data["text/plain"].startswith("<Run: 9 members on digits>")
    assert len(charts) == 2


def test_plotlys_script_is_in_the_notebook_once(executed):
    notebook, _ = executed
    htmls = [
        one.data.get("text/html", "") for cell in notebook.cells for one in cell.get("outputs", []) if "data" in one
    ]
    assert sum(len(html) > 1_000_000 for html in htmls) == 1


def test_its_page_draws_charts_and_moving_figures_without_network(page, open_page):
    opened = open_page(page, ready="body")
    opened.page.wait_for_selector(".main-svg", timeout=30_000)
    n_charts = opened.page.locator("[id^=backlit-chart-]").count()
    assert n_charts >= 6
    opened.page.wait_for_function(
        f"document.querySelectorAll('[id^=backlit-chart-] .main-svg:first-child').length >= {n_charts}", timeout=30_000
    )
    frames = [frame for frame in opened.page.frames if frame is not opened.page.main_frame]
    assert len(frames) == 2  # the network, the kernels
    for frame in frames:
        frame.wait_for_selector("html[data-drawn=all]", state="attached")
        frame.wait_for_function(
            "() => { const canvas = document.querySelector('canvas'); if (!canvas || !canvas.width) return false;"
            "const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
            "return new Set(new Uint32Array(data.buffer)).size > 3; }",
            timeout=10_000,
        )
        tall = opened.page.locator("iframe").nth(frames.index(frame)).evaluate("frame => frame.clientHeight")
        assert tall >= frame.evaluate("document.documentElement.scrollHeight") - 2
    assert (opened.said, opened.asked) == ([], [])
