import numpy as np
import pytest

from backlit.data.csv_file import read_csv
from backlit.data.frames import read_raw
from backlit.errors import DataError, SettingError


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def lines(*words: str, n: int = 20) -> str:
    """A header, lines of two numbers, and the given lines at the end."""
    return "\n".join(["a,b", *(f"{i},{i * 2}" for i in range(n)), *words]) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(write, separator):
    table = read_csv(write(lines().replace(",", separator)))
    assert (["a", "b"], 20, separator) == (table.cells.columns, len(table), table.separator)


def test_a_semicolon_wins_over_decimal_commas(write):
    # By commas the header has one cell and each line three; by semicolons all have two.
    table = read_csv(write("a;b\n" + "1,5;2,5\n" * 4))
    assert (["a", "b"], "1,5") == (table.cells.columns, table.cells["a"][0])


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "mixed"])
def test_line_ends_of_all_systems(write, ends):
    content = lines().encode()
    if ends == "mixed":
        parts = content.split(b"\n")
        content = b"".join(part + (b"\n", b"\r\n", b"\r")[i % 3] for i, part in enumerate(parts[:-1]))
    else:
        content = content.replace(b"\n", ends.encode())
    table = read_csv(write(content))
    assert (20, [2, 3]) == (len(table), table.places[:2].tolist())
    assert [str(2 * i) for i in range(20)] == table.cells["b"].to_list()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_that_tell_themselves(write, encoding):
    table = read_csv(write(lines().encode(encoding)))
    assert (["a", "b"], 20) == (table.cells.columns, len(table))


@pytest.mark.parametrize(("encoding", "fix"), [("gb18030", "gb18030"), ("latin-1", "cp1252")])
def test_other_encodings_are_asked_for(write, encoding, fix):
    words = "价格" if encoding == "gb18030" else "größe é"
    path = write(f"a,{words}\n1,2\n3,4\n".encode(encoding))
    with pytest.raises(
        DataError, match=r"table.csv`: expected text in UTF-8, received byte 0x.. at position \d"
    ) as caught:
        read_csv(path)
    assert f'say `encoding="{fix}"` if that is what it is' in str(caught.value)
    assert ["a", words] == read_csv(path, encoding=encoding).cells.columns
    with pytest.raises(SettingError, match="received `klingon`"):
        read_csv(path, encoding="klingon")


def test_lines_of_another_width_are_counted_with_their_numbers(write):
    table = read_csv(write(lines("1,2,3", "4")))
    assert 20 == len(table)
    assert [(22, "3 cells instead of 2"), (23, "1 cells instead of 2")] == [
        (one.place, str(one.reason)) for one in table.rejected
    ]
    assert "3 个单元格" in table.rejected[0].reason.say("zh")


def test_the_same_with_quotes(write):
    # A quoted cell may hold the separator and line ends; the numbers are those that an editor shows.
    table = read_csv(write(lines('"x, y","two\nlines"', "1,2,3", '"he said ""no""",5')))
    assert [(24, "3 cells instead of 2")] == [(one.place, str(one.reason)) for one in table.rejected]
    assert ["x, y", 'he said "no"'] == table.cells["a"].to_list()[-2:]
    assert ["two\nlines", "5"] == table.cells["b"].to_list()[-2:]
    assert [22, 25] == table.places[-2:].tolist()


def test_a_quote_that_is_never_closed_swallows_no_rows_silently(write):
    with pytest.raises(DataError, match=r"received 10 of \d+: line 3: a quote that is never closed") as caught:
        read_csv(write("a,b\n1,2\n" + '3,"4\n' + "5,6\n" * 9))
    assert caught.value.code == "table-rejected"
    table = read_csv(write(lines('7,"8')))
    assert [(22, "a quote that is never closed")] == [(one.place, str(one.reason)) for one in table.rejected]
    assert 20 == len(table)


def test_too_many_lines_that_are_no_rows(write):
    with pytest.raises(DataError, match="at most 10% cannot be read, received 3 of 23: line 22: 3 cells instead of 2"):
        read_csv(write(lines("1,2,3", "1,2,3", "1,2,3")))


def test_a_title_above_the_names(write):
    with pytest.raises(DataError, match="as many cells in line 1 as in most others: 2, received 1 cells instead of 2"):
        read_csv(write("Sales of 2024\n" + lines()))


@pytest.mark.parametrize(("content", "n"), [("", 0), ("a,b\n", 1), ("\n\n", 0), (",,\n,,\n", 0), ("\ufeff", 0)])
def test_no_rows(write, content, n):
    with pytest.raises(DataError, match=f"at least 1 row, received {n} lines"):
        read_csv(write(content))


def test_blank_lines_are_no_rows_and_are_counted_as_lines(write):
    table = read_csv(write("\n\na,b\n1,2\n\n , \n3,4\n\n\n"))
    assert ([4, 7], ["1", "3"]) == (table.places.tolist(), table.cells["a"].to_list())


def test_names_that_repeat_are_marked_and_said(write):
    table = read_csv(write("a,a,,a_2\n1,2,3,4\n5,6,7,8\n"))
    assert ["a", "a_3", "column_3", "a_2"] == table.cells.columns
    assert "Two columns are called `a`: the later one is now `a_3`" in map(str, table.notes)


def test_a_field_too_long_for_a_cell(write):
    with pytest.raises(DataError, match=r"a second quote .* in the record that begins in line 22"):
        read_csv(write(lines('1,"' + "x" * 200_000)))


def test_signs_of_no_text(write):
    assert 21 == len(read_csv(write(lines("\0,\x1b"))))


def test_a_parquet_file_and_its_faults(write, tmp_path):
    import polars as pl

    frame = pl.DataFrame({"a": [1.5, None], "b": ["x ", "y"]})
    frame.write_parquet(tmp_path / "t.parquet")
    table = read_raw(tmp_path / "t.parquet")
    assert (["x", "y"], [1, 2], "row") == (table.cells["b"].to_list(), table.places.tolist(), table.place_name)
    content = (tmp_path / "t.parquet").read_bytes()
    for broken in (content[: len(content) // 2], b"", b"PAR1" + bytes(50) + b"PAR1"):
        with pytest.raises(DataError, match="expected a Parquet file"):
            read_raw(write(broken, "t.parquet"))
    frame.clear().write_parquet(tmp_path / "none.parquet")
    with pytest.raises(DataError, match=r"at least 1 row, received shape \(0, 2\)"):
        read_raw(tmp_path / "none.parquet")


def test_many_rows_with_and_without_quotes_are_the_same(write):
    rows = np.random.default_rng(0).integers(0, 1000, (20_500, 3)).astype(str)
    content = "a,b,c\n" + "\n".join(map(",".join, rows)) + "\n"
    plain, quoted = read_csv(write(content)), read_csv(write(content.replace("a,b", '"a",b', 1)))
    assert plain.cells.equals(quoted.cells)
    assert plain.places.tolist() == quoted.places.tolist()
