"""docs/benchmarks.md, written from the JSON record alone; and the READMEs' tables with it."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.chart import bar, short
from benchmarks.table import between_marks, markdown, short_table

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
READMES = ("README.md", "README.zh.md")
CONTENDERS = """\
| name | what it is |
| --- | --- |
| `keras-jax`, `keras-tf` | Keras's `fit` as it comes, on JAX and on TensorFlow |
| `…-tuned` | with `steps_per_execution=50` and XLA; `keras-tf-graph`: the same with TensorFlow's own kernels |
| `torch` | eager, as it comes: a thread for each core |
| `torch-tuned`, `torch-1-thread` | channels last, the fastest of torch's three forms of SGD; the second on one thread |
| `torch-compile…` | the same through `torch.compile` |
| `torch-vmap` | a whole population at once: `vmap(grad(functional_call))` over stacked weights |
| `2 × …` | two processes of a peer at once, one pinned to each core |
| `sklearn` | `MLPClassifier` |"""


def write_pages(record: dict[str, Any]) -> None:
    """Writes the page, and the short table between the marks of the READMEs."""
    PAGE.write_text(page(record), encoding="utf-8")
    for name in READMES:
        path = ROOT / name
        table = short_table(record, is_chinese=name.endswith("zh.md"))
        path.write_text(between_marks(path.read_text(encoding="utf-8"), table), encoding="utf-8")


def page(record: dict[str, Any]) -> str:
    """The whole page.

    Args:
        record: The JSON record.

    Returns:
        Markdown.
    """
    parts = [
        _head(record),
        *_cases(record),
        *_waiting(record),
        *_folds(record),
        *_probes(record),
        *_augmentation(record),
        *_filters(record),
        *_frames(record),
        *_quality(record),
        *_scaling(record),
        *_profiles(record),
        _gpu(record),
    ]
    return "\n\n".join(parts) + "\n"


def _head(record: dict[str, Any]) -> str:
    machine = record["machine"]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench` from `benchmarks/results/results.json`.",
            "The method stands in `benchmarks/__main__.py`, the cases and their floors in `benchmarks/cases.py`.",
            "What was tried on the way, slower tries too: [notes](tried.md).",
            f"Measured on machines of {machine['cores']} cores, Python {machine['python']}; "
            "the processor stands beside each case.",
            "Model-samples a second, median of interleaved rounds, compilation apart.",
            "All contenders of a case reach the same test accuracy, or the case fails.",
        ]
    )


def _cases(record: dict[str, Any]) -> Iterator[str]:
    yield short_table(record, is_chinese=False)
    yield "## Floors and targets"
    yield (
        "A ratio is backlit's rate to the best peer's; *low* and *high* are its smallest and largest round.\n"
        "The margin says by how much the bound holds (+) or is missed (−)."
    )
    rows = []
    for name, case in record["cases"].items():
        for kind, ratio in case["ratios"].items():
            bounds = [_bound(case[what].get(kind)) for what in ("floors", "targets")]
            span = f"{ratio['low']:.2f} to {ratio['high']:.2f}"
            on = f"{case['processor']}, {case['date']}"
            rows.append((name, kind, f"`{ratio['peer']}`", f"{ratio['median']:.2f}", span, *bounds, on))
    yield markdown(("case", "against", "best peer", "ratio", "low to high", "floor", "target", "measured on"), rows)
    yield "## Every contender"
    yield CONTENDERS
    yield (
        "A peer that was less than a quarter as fast as the best when it warmed up trained one round only;\n"
        "less than a twentieth, none: the rate is then that of its warm-up."
    )
    for name, case in record["cases"].items():
        yield f"### {name}"
        yield _contenders(case, record.get("matmul"))


def _contenders(case: dict[str, Any], matmul: dict[str, Any] | None) -> str:
    rows = []
    for name, rate in sorted(case["rates"].items(), key=lambda item: -item[1]["median"]):
        share = "-"
        if matmul and "flops_per_example" in case:
            share = f"{rate['median'] * case['flops_per_example'] / matmul['best']:.1%}"
        compile_s = case["compile_s"].get(name)
        took = "-" if compile_s is None else f"{max(compile_s, 0):.1f}"
        setting = case.get("settings", {}).get(name, "")
        accuracy = f"{case['accuracies'][name]:.3f}" if name in case["accuracies"] else "-"
        label = f"`{name}`" + (f" ({setting})" if setting else "")
        rows.append((label, short(rate["median"]), len(rate["all"]), accuracy, took, share))
    table = markdown(("contender", "samples/s", "rounds", "test accuracy", "compile, s", "of matmul rate"), rows)
    absent = "".join(f"\n\nWithout `{name}`: {reason}." for name, reason in case.get("absent", {}).items())
    return table + absent


def _bound(bound: dict[str, Any] | None) -> str:
    return "-" if bound is None else f"{bound['bound']:g} ({_signed(bound['margin'])})"


def _waiting(record: dict[str, Any]) -> Iterator[str]:
    sections = [record.get(name, {}) for name in ("first-step", "start-up")]
    if not any(sections):
        return
    yield "## Waiting"
    yield (
        "First step of the CNN in a fresh process, imports apart, until its first 32 steps have ended.\n"
        "*Cold*: no compiled program on disk. *All programs*: trained, validated, scored, predicted, model handed over."
    )
    rows = [
        (
            name,
            f"{each['seconds']:.2f} s",
            f"{each['bound']:g} s ({_signed(each['margin'])})" if "bound" in each else "-",
        )
        for section in sections
        for name, each in section.items()
    ]
    yield markdown(("what", "median", "at most"), rows)


def _folds(record: dict[str, Any]) -> Iterator[str]:
    for name, entry in record.get("cross-validation", {}).items():
        yield f"## Cross-validation: {name}"
        low, high = entry["interval"]
        yield (
            "All twenty-five networks from arrays to scores, in the same folds, 50 epochs of one hidden layer of 100 "
            "units.\n"
            "*Again* is a second call in the same process; *first* compiles. The method stands in "
            "`benchmarks/folds.py`.\n"
            f"backlit's 95 % interval of the score: {low:.4f} to {high:.4f}."
        )
        rows = [
            (f"`{peer}`", f"{each['again']:.1f} s", f"{each['first']:.1f} s", f"{entry['scores'][peer]:.4f}")
            for peer, each in sorted(entry["seconds"].items(), key=lambda item: item[1]["again"])
        ]
        yield markdown(("contender", "again", "first", "accuracy"), rows)
        again, first = entry["again"], entry["first"]
        yield (
            f"Against the best peer: {again['ratio']:.1f} × (`{again['peer']}`, {again['low']:.1f} to "
            f"{again['high']:.1f}; floor {entry['floor']:g}, {_signed(entry['margin'])}), compilation included "
            f"{first['ratio']:.1f} × (`{first['peer']}`, {first['low']:.1f} to {first['high']:.1f})."
        )


def _probes(record: dict[str, Any]) -> Iterator[str]:
    if not record.get("probes"):
        return
    yield "## Probes"
    yield (
        "All probes at their default cadence against none, in ten epochs on 60,000 rows: median over pairs of "
        "alternating runs, 95 % interval.\n"
        "But for the line *in full*, pairs train the case's own few epochs, and what a look and a step cost there is "
        "reckoned up for ten epochs (`benchmarks/probes.py`).\n"
        "Floor: 5 % slower; target: 2 %."
    )
    yield _overheads("network", record["probes"])
    short = [
        f"{name} {median(each['short_ratios']):.2f} ({each['short_steps']:,} steps)"
        for name, each in record["probes"].items()
        if "short_ratios" in each
    ]
    yield f"Looks are dense at the beginning: the pairs themselves took so many times as long: {', '.join(short)}."


def _augmentation(record: dict[str, Any]) -> Iterator[str]:
    if not record.get("augmentation"):
        return
    yield "## Augmentation"
    yield (
        "The CNN at batch 32 with its training images changed in every step, against the images as they are:\n"
        "median over pairs of alternating runs, 95 % interval.\n"
        "Floor: 30 % slower; target: 15 %."
    )
    yield _overheads("changes", record["augmentation"])


def _filters(record: dict[str, Any]) -> Iterator[str]:
    for name, entry in record.get("filters", {}).items():
        yield f"## What excites filters: {name}"
        yield (
            "The input that excites each filter most, by 128 steps of gradient ascent: all filters in one program, "
            "against one after another.\n"
            "*Again* is a second call in the same process; *first* compiles. The method stands in "
            "`benchmarks/filters.py`."
        )
        rows = [
            (f"`{who}`", f"{seconds:.2f} s", f"{entry['first_s'][who]:.1f} s", f"{entry['reached'][who]:.3f}")
            for who, seconds in sorted(entry["again_s"].items(), key=lambda item: item[1])
        ]
        yield markdown(("contender", "again", "first", "mean activation"), rows)
        yield (
            f"Ratio: {entry['ratio']:.1f} ({entry['low']:.1f} to {entry['high']:.1f}; floor {entry['floor_ratio']:g}, "
            f"{_signed(entry['ratio_margin'])}); at most {entry['floor_s']:g} s "
            f"({_signed(entry['seconds_margin'])})."
        )


def _frames(record: dict[str, Any]) -> Iterator[str]:
    if "frames" not in record:
        return
    yield "## Moving figures"
    yield (
        "Frames a second in Chromium without a GPU, with new numbers for each frame; the screen asks for 60 at most.\n"
        "The method stands in `benchmarks/frames.py`."
    )
    rows = [
        (
            name,
            f"{each['frames_hz']:.0f}",
            f"{each['low']:.0f} to {each['high']:.0f}",
            f"{each['slowest_hz']:.0f}",
            f"{each['floor_hz']:g} ({_signed(each['margin'])})",
        )
        for name, each in record["frames"].items()
    ]
    yield markdown(("figure", "frames/s", "rounds", "slowest in forty", "floor"), rows)


def _overheads(what: str, entries: dict[str, Any]) -> str:
    rows = [
        (
            name,
            _signed(each["overhead_frac"]),
            " to ".join(_signed(end) for end in each["interval_frac"]),
            len(each["ratios"]),
            "yes" if each["floor_holds"] else "no",
            "yes" if each["target_holds"] else "no",
        )
        for name, each in entries.items()
    ]
    return markdown((what, "slower by", "interval", "pairs", "floor holds", "target holds"), rows)


def _quality(record: dict[str, Any]) -> Iterator[str]:
    if not record.get("quality"):
        return
    yield "## What ways of learning are worth"
    yield (
        "Test accuracy with and without, the same rows, first weights and number of steps; mean of the paired\n"
        "differences over the seeds, 95 % interval by Student's t (`benchmarks/quality/`)."
    )
    rows = [
        (
            name,
            f"{each['control']:.1%}",
            f"{each['arm']:.1%}",
            _signed(each["effect"]),
            " to ".join(_signed(end) for end in each["interval"]),
            len(each["differences"]),
        )
        for name, each in record["quality"].items()
    ]
    yield markdown(("what", "without", "with", "difference", "interval", "seeds"), rows)


def _scaling(record: dict[str, Any]) -> Iterator[str]:
    if not record.get("scaling"):
        return
    yield "## Scaling"
    best = record.get("matmul", {}).get("best")
    if best:
        libraries = ", ".join(
            f"{label} {max(rate for rate in record['matmul'][name].values() if isinstance(rate, float)) / 1e9:.0f}"
            for name, label in (("xla", "XLA"), ("torch", "torch"))
            if name in record["matmul"]
        )
        yield f"The machine's best float32 matrix product rate: {best / 1e9:.0f} GFLOP/s ({libraries})."
    for curve, measured in record["scaling"].items():
        points = measured["points"]
        most = max(point["rate"] for point in points)
        rows = []
        for point in points:
            share = f"{point['flops'] / best:.1%}" if best else "-"
            rows.append((point["at"], short(point["rate"]), share, bar(point["rate"], most)))
        yield markdown((curve, "samples/s", "of matmul rate", ""), rows)


def _profiles(record: dict[str, Any]) -> Iterator[str]:
    if not record.get("profiles"):
        return
    yield "## What is left"
    yield (
        "Where a step's time goes in each case whose target was not reached (`python -m benchmarks.profile CASE`).\n"
        "A part's time is what leaving it out saves, in microseconds a step of one block of members;\n"
        "XLA fuses across parts, so a small or negative one means nothing.\n"
        "The parts are measured on one core, each step in one piece; where `fit` shares a step among cores or cuts\n"
        "its batch into slices, as for one CNN, the last part holds what that saves, and is negative."
    )
    parts = list(next(iter(record["profiles"].values()))["parts_us"])
    rows = []
    for name, each in record["profiles"].items():
        whole = sum(each["parts_us"].values())
        cells = [f"{each['parts_us'][part]:.0f} ({each['parts_us'][part] / whole:.0%})" for part in parts]
        rows.append((name, each["block"], *cells, f"{whole:.0f}"))
    yield markdown(("case", "members a block", *parts, "whole"), rows)


def _gpu(record: dict[str, Any]) -> str:
    has_run = any(name.startswith("GPU") for name in record["cases"])
    words = (
        "`python -m benchmarks --gpu` trains one, 32 and 1,024 MLPs and a CNN in bfloat16 on JAX's default device, "
        "with `torch.compile` and CUDA graphs among the peers."
    )
    return f"## GPU\n\n{words}" + ("" if has_run else "\nIt has not been run: no GPU was at hand.")


def _signed(fraction: float) -> str:
    return f"{fraction:+.0%}".replace("-", "−") if abs(fraction) >= 0.1 else f"{fraction:+.1%}".replace("-", "−")
