"""Damaged tables: each is read, with what cannot be read counted, or refused in our own words; never a traceback.

A hundred cases by default (`slow`), all thousand with BACKLIT_FUZZ=all.
"""

import pytest

from tests.fuzz.limits import Outcome, Reader, require_sound
from tests.fuzz.mutations import case_numbers, mutated

WORDS = tuple(
    word.encode()
    for word in (
        ",", ";", "\t", "\n", "\r\n", '"', '""', '",\n', "NA", "nan", "inf", "1e308", "-1", "1,5", "1.5.2", "0x1F",
        "2024-02-30", "ja", "是", "\ufeff", "\x00", " ", "e", "99999999999999999999",
    )
)  # fmt: skip


def table(number: int) -> bytes:
    """One of four kinds of valid tables: plain, quoted, by semicolons with decimal commas, by tabs with a mark."""
    style = number // 7 % 4
    lines = ["id,size,colour,built,sold,note,kind"]
    for i in range(60):
        size = "" if i % 9 == 0 else f"{30 + i * 1.5}"
        cells = [f"h{i}", size, ("red", "blue", "绿")[i % 3], f"2020-{i % 12 + 1:02}-{i % 27 + 1:02}"]
        cells += ["yes" if i % 2 else "no", f"a nice house with number {i}", "abc"[i * i % 3]]
        if style == 1:
            cells = [f'"{cell}"' if i % 2 else cell for cell in cells]
        if style == 2:
            cells[1] = cells[1].replace(".", ",")
        lines.append((",", ",", ";", "\t")[style].join(cells))
    if style >= 2:
        lines[0] = lines[0].replace(",", ";\t"[style - 2])
    return ("\ufeff" if style == 3 else "").encode() + "\n".join(lines).encode() + b"\n"


def is_past(outcome: Outcome) -> bool:
    """Read, or refused for what the cells mean and not for how they are written."""
    return outcome.kind == "loaded" or not any(
        word in outcome.words for word in ("text in UTF", "a second quote", "at least 1 row", "as many cells")
    )


def test_the_tables_are_valid(tmp_path):
    with Reader() as reader:
        for number in range(0, 28, 7):
            (tmp_path / "t.csv").write_bytes(table(number))
            outcome = reader.load(tmp_path / "t.csv")
            assert ("loaded", 0) == (outcome.kind, outcome.n_rejected), outcome.words


@pytest.mark.slow
def test_damaged_tables(tmp_path):
    outcomes = {}
    with Reader() as reader:
        for number in case_numbers():
            path = tmp_path / f"{number}.csv"
            path.write_bytes(mutated(table(number), number, words=WORDS))
            outcomes[number] = reader.load(path)
    require_sound(outcomes, is_past=is_past)
