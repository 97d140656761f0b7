"""The short table of the READMEs, in two languages, written from the record alone."""

from typing import Any

from benchmarks.chart import short

START, END = "<!-- benchmarks: start -->", "<!-- benchmarks: end -->"

ENGLISH_HEAD = ("case", "backlit, samples/s", "× best peer, default", "× best peer, tuned", "× two processes")
CHINESE_HEAD = (
    "任务",
    "backlit（样本/秒）",
    "最快对手的倍数（默认设置）",
    "最快对手的倍数（调优后）",
    "两个进程同时训练的倍数",
)
CHINESE_NAMES = {
    "MLP, batch 32": "MLP，批量大小 32",
    "MLP, batch 256": "MLP，批量大小 256",
    "tiny net, batch 32": "小网络，批量大小 32",
    "CNN, batch 32": "CNN，批量大小 32",
    "CNN, batch 128": "CNN，批量大小 128",
    "LSTM, batch 64": "LSTM，批量大小 64",
    "transformer, batch 64": "Transformer，批量大小 64",
    "32 tiny nets, shared order": "32 个小网络，共用样本顺序",
    "32 tiny nets, own order": "32 个小网络，各用自己的样本顺序",
    "32 MLPs": "32 个 MLP",
    "8 CNNs": "8 个 CNN",
}


def short_table(record: dict[str, Any], *, is_chinese: bool) -> str:
    """One row a case: backlit's rate and its ratios to the best peers.

    Args:
        record: The JSON record.
        is_chinese: Which language.

    Returns:
        A Markdown table.
    """
    head = CHINESE_HEAD if is_chinese else ENGLISH_HEAD
    rows = []
    for name, case in record["cases"].items():
        if name not in CHINESE_NAMES:  # cases of accelerators have a table of their own
            continue
        ratios = [f"{case['ratios'][kind]['median']:.1f}" if kind in case["ratios"] else "-" for kind in KINDS]
        rate = short(case["rates"]["backlit"]["median"])
        rows.append((CHINESE_NAMES[name] if is_chinese else name, rate, *ratios))
    return markdown(head, rows)


KINDS = ("default", "tuned", "pair")


def markdown(head: Any, rows: Any) -> str:
    """A Markdown table.

    Args:
        head: Names of the columns.
        rows: As many cells each.

    Returns:
        Its lines.

    Example:
        >>> print(markdown(("a", "b"), [("1", "2")]))
        | a | b |
        | --- | --- |
        | 1 | 2 |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def between_marks(words: str, table: str) -> str:
    """A page with the table in place of what stood between its marks; a page without marks as it is."""
    if START not in words:
        return words
    head, rest = words.split(START)
    return f"{head}{START}\n{table}\n{END}{rest.split(END)[1]}"
