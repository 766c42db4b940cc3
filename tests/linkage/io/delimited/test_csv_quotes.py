"""No row is swallowed: stray quotes are an error or text, and cells of several lines are read."""

from __future__ import annotations

import contextlib
import csv
import io
import random
import warnings

import pytest

from linkage.errors import InputError
from linkage.io.delimited.csv_reader import read_csv

WORDS = 'Sony TV lamp kettle phone 15" black, new red; 5 kg café 100x200 The "best" in A4'.split(
    " "
)


def rows_of(chance: random.Random, *, lines: int = 1) -> list[list[str]]:
    """A header and rows, with texts of up to so many lines."""

    def text() -> str:
        return "\n".join(
            " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))
            for _ in range(chance.randint(1, lines))
        )

    rows = [[f"p{k}", text(), f"{k}.50"] for k in range(chance.randint(3, 40))]
    return [["id", "title", "price"], *rows]


def written(rows: list[list[str]], delimiter: str, quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


def read(text: str, delimiter: str = ",") -> list[list[str]]:
    table = read_csv(text.encode(), "shop.csv", delimiter=delimiter, skip_rows=0)
    return [table.column_names, *(list(row.values()) for row in table.to_pylist())]


@pytest.mark.parametrize("seed", range(40))
def test_cells_of_several_lines_are_read(seed: int) -> None:
    chance = random.Random(seed)
    rows, delimiter = rows_of(chance, lines=5), chance.choice(",;\t|")
    quoting = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    assert read(written(rows, delimiter, quoting), delimiter) == rows


@pytest.mark.parametrize("enclosed", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_a_stray_quote_swallows_no_row(seed: int, enclosed: bool) -> None:
    chance = random.Random(seed)
    rows, delimiter = rows_of(chance), chance.choice(",;\t|")
    if enclosed:
        text = written(rows, delimiter)
    else:
        plain = [[cell.replace(delimiter, "").lstrip('"') for cell in row] for row in rows]
        text = "".join(delimiter.join(row) + "\n" for row in plain)
    lines = text.split("\n")
    at = chance.randrange(1, len(lines) - 1)
    cells = lines[at].split(delimiter)
    cells[chance.randrange(len(cells))] = '"' + chance.choice(cells)
    lines[at] = delimiter.join(cells)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(InputError):
            assert len(read("\n".join(lines), delimiter)) == len(rows)


PLAIN = [f"{k},{k} TV,{k}.5" for k in range(30)]
ENCLOSED = '99,"lamp, new",1'


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({3: '3,"3 TV,1'}, "never ends"),
        ({3: '3,"3 TV,1', 9: '9,lamp 15",1'}, "ends in a later one"),
        ({3: '3,"3 TV,1', 9: '9,"9 TV,1'}, "has text after its closing quote"),
        ({3: '3,"15" TV,1'}, "has text after its closing quote"),
        ({3: '3,"lamp" and "bulb",1'}, "has text after its closing quote"),
    ],
)
def test_quotes_that_enclose_no_cell(changed: dict[int, str], fault: str) -> None:
    """Text where no cell is enclosed in quotes, and an error where some are."""
    lines = [changed.get(k, line) for k, line in enumerate(PLAIN)]
    with pytest.warns(UserWarning, match=rf"line 5: a quoted cell begins.*{fault}"):
        found = read("id,title,price\n" + "\n".join(lines))
    assert [",".join(row) for row in found[1:]] == lines
    with pytest.raises(InputError, match=rf"line 6: a quoted cell begins.*{fault}") as caught:
        read("id,title,price\n" + "\n".join([ENCLOSED, *lines]))
    assert "double it" in caught.value.hint


def test_backslashes_before_quotes() -> None:
    lines = ['1,"12\\" black, \\"new\\"",5', '2,"a \\\\ b",6', '3,"c\nd",7']
    with pytest.warns(UserWarning, match="Quotes after a backslash are read as text"):
        found = read("id,title,price\n" + "\n".join(lines))
    assert [row[1] for row in found[1:]] == ['12" black, "new"', "a \\ b", "c\nd"]
    # A backslash that ends a cell is one.
    assert read('id,title\n1,"C:\\"\n2,x\n')[1:] == [["1", "C:\\"], ["2", "x"]]


def test_a_stray_quote_in_the_header() -> None:
    with pytest.raises(InputError, match="line 1: a quoted cell begins"):
        read('id,"title,price\n' + "\n".join([*PLAIN[:5], '6,lamp",1', ENCLOSED, *PLAIN[9:]]))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_are_no_rows(end: str) -> None:
    text = end.join(["id,title", "", "1,a", "", "", f'2,"b{end}{end}c"', "3,d"])
    assert [row[0] for row in read(text)[1:]] == ["1", "2", "3"]
    assert [row[0] for row in read(text + end + end)[1:]] == ["1", "2", "3"]


@pytest.mark.parametrize("seed", range(20))
def test_two_stray_quotes_in_neighbouring_rows_swallow_none(seed: int) -> None:
    """One opens a cell of the first row, and the other closes it at the end of the next."""
    chance = random.Random(seed)
    rows = [["id", "title", "price", "colour"]]
    rows += [[f"p{k}", f"Lamp B{k:03}", f"{k}.50", "red"] for k in range(chance.randint(12, 30))]
    at = chance.randrange(1, len(rows) - 1)
    rows[at][2], rows[at + 1][2] = '"' + rows[at][2], '"'
    text = "".join(",".join(row) + "\n" for row in rows)
    with pytest.warns(UserWarning, match=f"line {at + 1}: a quoted cell begins in this row"):
        assert read(text) == rows, "no cell is enclosed, so that quotes are text"
