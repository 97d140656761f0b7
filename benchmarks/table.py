"""docs/benchmarks.md and the READMEs' table, written from the JSON record alone."""

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
READMES = {"README.md": "Speed", "README.zh.md": "速度"}
START, END = "<!-- benchmarks: start -->", "<!-- benchmarks: end -->"


def write_page(record: dict[str, Any]) -> None:
    """Writes the page, and the short table between the marks of the READMEs."""
    PAGE.write_text(page(record), encoding="utf-8")
    for name in READMES:
        path = ROOT / name
        words = path.read_text(encoding="utf-8")
        if START in words:
            head, rest = words.split(START)
            table = short_table(record, is_chinese=name.endswith("zh.md"))
            path.write_text(f"{head}{START}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def page(record: dict[str, Any]) -> str:
    """The whole page: ratios, rates, accuracies, compile times."""
    machine = record["machine"]
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` from `benchmarks/results/training.json`.",
        "The method stands in `benchmarks/__main__.py`.",
        f"Measured on {machine['cores']} cores of {machine['processor']}, Python {machine['python']}, "
        f"{machine['date']}.",
        "Model-samples a second, median of "
        f"{record['rounds']} interleaved rounds, compilation apart; all contenders reach the same test accuracy.",
        "",
        short_table(record, is_chinese=False),
        "",
        "## Every contender",
        "",
    ]
    contenders = list(dict.fromkeys(name for case in record["cases"] for name in case["rates"]))
    lines += [
        f"| case | {' | '.join(contenders)} | test accuracy |",
        "| --- |" + " --- |" * (len(contenders) + 1),
    ]
    for case in record["cases"]:
        cells = [_thousands(case["rates"][name]["median"]) if name in case["rates"] else "-" for name in contenders]
        low, high = min(case["accuracies"].values()), max(case["accuracies"].values())
        lines.append(f"| {case['name']} | {' | '.join(cells)} | {low:.3f} to {high:.3f} |")
    lines += ["", "`pair`: two tuned Keras processes at once, one pinned to each core.", ""]
    missed = [case["name"] for case in record["cases"] if not case["targets_hold"]]
    if missed:
        lines += [f"Targets (beyond the floors) not reached: {', '.join(missed)}.", ""]
    return "\n".join(lines)


def short_table(record: dict[str, Any], *, is_chinese: bool) -> str:
    """One row a case: backlit's rate and its ratio to the best peer."""
    head = (
        ["任务", "backlit（样本/秒）", "最快对手的倍数（默认设置）", "最快对手的倍数（调优后）"]
        if is_chinese
        else ["case", "backlit, samples/s", "× best peer, default", "× best peer, tuned"]
    )
    lines = [f"| {' | '.join(head)} |", "| --- |" + " --- |" * (len(head) - 1)]
    for case in record["cases"]:
        name = CHINESE.get(case["name"], case["name"]) if is_chinese else case["name"]
        rate, ratios = case["rates"]["backlit"]["median"], case["ratios"]
        lines.append(f"| {name} | {_thousands(rate)} | {ratios['default']:.1f} | {ratios['tuned']:.1f} |")
    return "\n".join(lines)


CHINESE = {
    "MLP, batch 32": "MLP，批量大小 32",
    "MLP, batch 256": "MLP，批量大小 256",
    "tiny net, batch 32": "小网络，批量大小 32",
    "32 tiny nets, shared order": "32 个小网络，共用样本顺序",
    "32 tiny nets, own order": "32 个小网络，各用自己的样本顺序",
    "32 MLPs": "32 个 MLP",
}


def _thousands(rate: float) -> str:
    return f"{rate / 1e6:.2f} M" if rate >= 1e6 else f"{rate / 1e3:.0f} k"
