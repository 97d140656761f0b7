"""Views for the terminal: one text of each is a snapshot, in both languages."""

import io

import pytest
from rich.console import Console

import backlit
from backlit.engine.result import Progress
from backlit.language import text, verbatim
from backlit.measure import Curve, LayerRow, Panel
from backlit.views.terminal.curves import SIGNS, draw_curves
from backlit.views.terminal.layers import draw_layers
from backlit.views.terminal.progress import LateProgress, LiveProgress, PlainProgress
from backlit.views.terminal.tables import draw_pairs, draw_predictions, draw_runs, draw_summary
from backlit.views.terminal.words import metric_words, number, seconds, size

EPOCHS = (1, 2, 3, 4, 5, 6)
LOSS = Panel(
    "loss",
    "",
    (
        Curve(text("train"), EPOCHS, (2.0, 1.2, 0.8, 0.5, 0.3, 0.2)),
        Curve(text("validation"), EPOCHS, (2.1, 1.5, 1.2, 1.1, 1.1, 1.2)),
    ),
    0.2,
    2.1,
)
RATES = Panel(
    "accuracy",
    "validation",
    tuple(
        Curve(verbatim(rate), EPOCHS, tuple(start + 0.05 * i for i in range(6)))
        for rate, start in (("0.1", 0.5), ("0.01", 0.3))
    ),
    0.3,
    0.75,
    ("learning_rate",),
    3,
)
LAYERS = [
    LayerRow("conv_1", "Conv2D", (8, 8, 16), 160, "3×3×1×16 + 16 = 160", 0.353, 0.391, 0.232),
    LayerRow("flatten", "Flatten", (1024,), 0, "0", 0.353, 0.391, None),
    LayerRow("mine", "Custom", None, 20, "4×4 + 4 = 20", None, None, 0.5),
]
SUMMARY = [
    {"learning_rate": 0.1, "metric": "val_accuracy", "n": 3, "n_diverged": 0, "mean": 0.91234, "lo": 0.88, "hi": 0.95},
    {"learning_rate": 1e30, "metric": "val_accuracy", "n": 0, "n_diverged": 3, "mean": None, "lo": None, "hi": None},
]
RUN = (
    "20261123-000948-digits-d561",
    "Conv2D 16, MaxPooling2D, Conv2D 32",
    "1",
    "0.959 accuracy",
    "0:04",
    "digits",
    "77 kB",
)
PROGRESS = Progress(320, 6.4, 15, 13, 15, 5366.4, {"loss": 0.12345, "val_accuracy": 0.9444, "val_loss": 0.2})


@pytest.fixture
def printed():
    def draw(renderable, width=80) -> str:
        console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
        console.print(renderable)
        return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"

    return draw


VIEWS = {
    "curves": lambda: draw_curves([LOSS, RATES]),
    "layers": lambda: draw_layers(LAYERS, n_params=180),
    "summary": lambda: draw_summary(SUMMARY, axes=["learning_rate"], best=0),
    "runs": lambda: draw_runs([RUN], is_wide=False),
    "pairs": lambda: draw_pairs([(text("data"), "digits"), (text("epochs"), "15")]),
    "predictions": lambda: draw_predictions(
        [(1, "setosa", 0.98)], columns=[text("row"), text("prediction"), verbatim("setosa")]
    ),
}


@pytest.mark.parametrize("view", VIEWS)
def test_terminal_views(snapshot, printed, view):
    pages = []
    for language in ("en", "zh"):
        backlit.set_language(language)
        pages.append(printed(VIEWS[view]()))
    snapshot("\n".join(pages), view)


@pytest.mark.parametrize(
    ("view", "width"), [(view, width) for view in VIEWS for width in (50, 80, 120) if (view, width) != ("runs", 50)]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_view_is_wider_than_the_terminal(printed, view, width, language):
    from rich.cells import cell_len

    backlit.set_language(language)
    assert max(cell_len(line) for line in printed(VIEWS[view](), width).splitlines()) <= width


def test_curves_have_colours_on_a_terminal_and_signs_elsewhere(printed):
    console = Console(file=io.StringIO(), width=80, color_system="truecolor", force_terminal=True)
    console.print(draw_curves([LOSS]))
    assert "38;2;66;135;245" in console.file.getvalue()
    assert SIGNS[1] in printed(draw_curves([LOSS]))


def test_pictures_stand_below_each_other_where_it_is_narrow(printed):
    narrow = printed(draw_curves([LOSS, RATES]), 60)
    assert narrow.splitlines()[0] == "loss"
    assert "validation accuracy" not in narrow.splitlines()[0]


def test_live_progress_shows_what_is_asked_of_it():
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    with LiveProgress(console) as view:
        view.show(PROGRESS, 0, 2, done_frac=0.2, left_s=64.0)
    shown = console.file.getvalue()
    for part in (
        "compiling",
        "epoch 7/15",
        "1:04 left",
        "loss 0.1235",
        "validation accuracy 0.9444",
        "5,366 samples/s",
        "13 of 15 members training",
        "program 1 of 2",
    ):
        assert part in shown


def test_plain_progress_writes_a_line_a_tenth():
    console = Console(file=io.StringIO(), width=80, color_system=None)
    with PlainProgress(console) as view:
        for done in range(101):
            view.show(
                Progress(done * 5, done / 10, 10, 1, 1, 1e4, {"loss": 0.5, "val_loss": 0.7} if done > 9 else {}),
                0,
                1,
                done_frac=done / 100,
                left_s=1.0,
            )
    lines = console.file.getvalue().splitlines()
    assert len(lines) in (10, 11, 12)
    assert lines[1] == "epoch 1/10  loss 0.5 · validation loss 0.7 · 10,000 samples/s  0:01 left"
    assert lines[-1] == "epoch 10/10  loss 0.5 · validation loss 0.7 · 10,000 samples/s"
    assert not {"\x1b", "\r"} & set(console.file.getvalue())


def test_late_progress_says_nothing_until_somebody_has_waited(monkeypatch):
    now = iter([0.0, *(float(second) for second in range(1, 31))])
    monkeypatch.setattr("time.perf_counter", lambda: next(now))
    console = Console(file=io.StringIO(), width=80, color_system=None)
    show = LateProgress(console)
    written = []
    for second in range(1, 31):
        show(Progress(second, second / 3, 10, 1, 1, 1e4, {"loss": 0.5}), 0, 1)
        written.append(len(console.file.getvalue().splitlines()))
    assert [0] * 9 + [1] * 10 + [2] * 11 == written, "a line at 10 s and at 20 s; at 30 s it has ended"
    assert "epoch 4/10  loss 0.5 · 10,000 samples/s  0:20 left" == console.file.getvalue().splitlines()[0]


def test_numbers_for_people():
    assert [number(value) for value in (None, float("nan"), float("inf"), -float("inf"), 0.12345, 1234.5, 2e8)] == [
        "–", "NaN", "∞", "−∞", "0.1235", "1,234", "2.00e+08",
    ]  # fmt: skip
    assert (seconds(3.6), seconds(3725.0)) == ("0:04", "1:02:05")
    assert (size(12), size(34_567), size(1_234_567), size(5 * 10**13)) == ("12 B", "35 kB", "1.2 MB", "50000 GB")


def test_metrics_by_name():
    assert str(metric_words("val_loss")) == "validation loss"
    assert metric_words("accuracy", "train").say("zh") == "训练准确率"
    assert str(metric_words("my_metric")) == "my_metric"
