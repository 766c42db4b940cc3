"""Delimited text: well-formed files in all dialects, and files with faults of a known kind."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

from linkage.errors import LinkageError
from reliability.damage import damage_bytes
from reliability.kinds.reading import lost_rows, other_cells, read_back
from reliability.offers import Offers, draw_offers

__all__ = ["csv_case", "csv_text"]

#: Rows of a table: more take longer and find no more.
_ROWS = (5, 40)
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "utf-8-sig")


def csv_case(chance: random.Random, folder: Path) -> list[str]:
    """A CSV file that is well-formed, or broken in one of many ways."""
    return chance.choice(_WAYS)(chance, folder)


def csv_text(offers: Offers, delimiter: str, line_end: str, quoted: Callable[[str], bool]) -> str:
    """Return a catalog as delimited text, by the rules of RFC 4180.

    Args:
        offers: the catalog.
        delimiter: between cells.
        line_end: of every row.
        quoted: whether a cell that need not be quoted is.
    """

    def cell(text: str) -> str:
        needed = any(sign in text for sign in (delimiter, '"', "\n", "\r"))
        return '"' + text.replace('"', '""') + '"' if needed or quoted(text) else text

    rows = [offers.names, *offers.rows]
    return "".join(delimiter.join(map(cell, row)) + line_end for row in rows)


def _well_formed(chance: random.Random, folder: Path) -> list[str]:
    offers = draw_offers(chance, chance.randint(*_ROWS), odd=chance.choice((0, 0.1, 0.5)))
    delimiter = chance.choice(",,;|\t")
    share = chance.choice((0.0, 0.5, 1.0))
    text = csv_text(
        offers, delimiter, chance.choice(("\n", "\r\n")), lambda _: chance.random() < share
    )
    if chance.random() < 0.3:
        text = text.rstrip("\r\n")
    if chance.random() < 0.2:
        text += chance.choice(("\n", "\r\n\r\n"))
    encoding = chance.choice(_ENCODINGS)
    raw = text.encode(encoding, "replace")
    if raw.decode(encoding) != text:
        encoding, raw = "utf-8", text.encode()
    path = _packed(chance, folder, raw)
    options = {"encoding": encoding if not encoding.startswith("utf-8") else None}
    # Without the delimiter it is found out, which cells full of other delimiters may mislead.
    if chance.random() < 0.5 or any(sign in text for sign in ",;|\t".replace(delimiter, "")):
        options["delimiter"] = delimiter
    table, error, faults = read_back(path, **options)
    if error is not None:
        return [f"refused: {str(error)[:300]}"]
    return faults or lost_rows(table, offers) or other_cells(table, offers)


def _packed(chance: random.Random, folder: Path, raw: bytes) -> Path:
    """Write bytes into a file that may be compressed."""
    suffix = chance.choice(("", "", "", "", ".gz", ".bz2", ".zip"))
    path = folder / f"catalog.csv{suffix}"
    if suffix == ".gz":
        raw = gzip.compress(raw, 1)
    elif suffix == ".bz2":
        raw = bz2.compress(raw, 1)
    elif suffix == ".zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as file:
            file.writestr("catalog.csv", raw)
        raw = held.getvalue()
    path.write_bytes(raw)
    return path


def _plain(chance: random.Random) -> tuple[Offers, list[str]]:
    """A catalog whose cells hold no signs of CSV, and its lines."""
    offers = draw_offers(chance, chance.randint(*_ROWS))
    return offers, csv_text(offers, ",", "\n", lambda _: False).splitlines(keepends=True)


def _one_fault(chance: random.Random, folder: Path) -> list[str]:
    """One row that is not well-formed: refused, or no row is lost."""
    offers, lines = _plain(chance)
    row = chance.randrange(1, len(lines))
    line = lines[row].rstrip("\n")
    cells = line.split(",")
    place = chance.randrange(len(line) + 1)
    column = chance.randrange(len(cells))
    cell = cells[column]
    quoted = [f'"{one}"' for one in cells]
    made: list[str] = [
        # a stray quote, anywhere or where it opens a cell
        line[:place] + '"' + line[place:],
        ",".join([*cells[:column], '"' + cell, *cells[column + 1 :]]),
        ",".join([*cells[:column], cell + '"', *cells[column + 1 :]]),
        # text after a closing quote; quotes escaped as other programs do; a quote too many
        ",".join([*cells[:column], f'"{cell}"x', *cells[column + 1 :]]),
        ",".join([*quoted[:column], f'"{cell[:2]}\\"{cell[2:]}"', *quoted[column + 1 :]]),
        ",".join([*quoted[:column], f'"{cell}""', *quoted[column + 1 :]]),
        ",".join([*quoted[:column], f'"{cell[:2]}"{cell[2:]}"', *quoted[column + 1 :]]),
        # cells too many and too few
        line + ",", line + ",more", ",".join(cells[:-1]), cells[0],
    ]  # fmt: skip
    lines[row] = chance.choice(made) + "\n"
    path = folder / "catalog.csv"
    path.write_text("".join(lines), encoding="utf-8")
    options = {"delimiter": ","} if chance.random() < 0.5 else {}
    table, error, faults = read_back(path, **options)
    if faults or error is not None:
        return faults or _named_line(error)
    return lost_rows(table, offers, changed=1)


def _stray_quotes(chance: random.Random, folder: Path) -> list[str]:
    """Two rows with a quote that opens at the start of a cell and closes in the other's middle."""
    offers, lines = _plain(chance)
    first, second = sorted(chance.sample(range(1, len(lines)), 2))
    for row in (first, second):
        cells = lines[row].split(",")
        column = chance.randrange(1, len(cells) - 1)
        cells[column] = chance.choice(('"' + cells[column], f'{cells[column]}" wide'))
        lines[row] = ",".join(cells)
    path = folder / "catalog.csv"
    path.write_text("".join(lines), encoding="utf-8")
    table, error, faults = read_back(path)
    if faults or error is not None:
        return faults
    return lost_rows(table, offers, changed=0)


def _named_line(error: LinkageError) -> list[str]:
    text = str(error)
    named = "line" in text or "row" in text or "column" in text
    return [] if named else [f"an error without a place: {text[:200]}"]


def _cut(chance: random.Random, folder: Path) -> list[str]:
    """A file that ends too early: its whole lines are read, or it is refused."""
    _, lines = _plain(chance)
    raw = "".join(lines).encode()
    kept = raw[: chance.randrange(len(lines[0]), len(raw) + 1)]
    path = folder / "catalog.csv"
    path.write_bytes(kept)
    table, error, faults = read_back(path)
    if faults or error is not None:
        return faults
    whole = kept.count(b"\n") - 1
    wanted = (whole, whole + (not kept.endswith(b"\n")))
    return [] if table.num_rows in wanted else [f"{whole} whole rows, {table.num_rows} read"]


def _other_content(chance: random.Random, folder: Path) -> list[str]:
    """Content that is no text in the expected encoding: refused."""
    _, lines = _plain(chance)
    raw = "".join(lines).encode()
    place = chance.randrange(len(raw))
    made = chance.choice(
        (
            b"", b"\n", b" \r\n ", raw[:place] + b"\0" + raw[place:], raw.decode().encode("utf-32"),
            raw[:place].decode(errors="ignore").encode() + b"\xff\xfe\xe9" + raw[place:],
            b"PAR1" + chance.randbytes(50), b"\x89PNG\r\n\x1a\n" * 4,
            chance.randbytes(300) + b"\0", lines[0].encode(), b"id\n", b",,,\n1,2,3,4\n",
            b"id,id\n1,2\n", b"id,title\n1,a\n1,b\n", b"id,title\n,a\n2,b\n",
        )
    )  # fmt: skip
    path = folder / "catalog.csv"
    path.write_bytes(made)
    table, error, faults = read_back(path)
    if faults or error is not None:
        return faults
    return [f"{made[:40]!r}... was read as {table.num_rows} rows of {table.column_names[:5]}"]


def _random_bytes(chance: random.Random, folder: Path) -> list[str]:
    """A file with random bytes: read or refused, whatever they make of it."""
    offers = draw_offers(chance, chance.randint(*_ROWS), odd=0.3)
    raw = csv_text(offers, chance.choice(",;\t"), "\n", lambda _: False).encode()
    path = folder / chance.choice(("catalog.csv", "catalog", "catalog.tsv", "catalog.jsonl"))
    path.write_bytes(damage_bytes(chance, raw))
    _, _, faults = read_back(path)
    return faults


_WAYS = (
    _well_formed, _well_formed, _well_formed, _one_fault, _one_fault, _one_fault, _stray_quotes,
    _cut, _other_content, _random_bytes, _random_bytes,
)  # fmt: skip
