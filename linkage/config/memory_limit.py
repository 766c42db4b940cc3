"""The memory limit: estimates of what a run needs, and the refusal of what does not fit.

A file is refused as it is read, by its decoded bytes and rows; the records are refused before
they are prepared. Peak memory is the program with its libraries, then what grows with the records:
their texts and what is prepared of them, their pairs and the features of these. Scored pairs are a
twentieth of it: where the limit is near, those of a finished match definition are kept on disk.
"""

from __future__ import annotations

from features.records import Records
from linkage.config.resolved import ResolvedConfig
from linkage.errors import ConfigError

__all__ = ["check_memory", "check_records", "check_text_size", "is_tight", "needed_memory"]

#: Bytes of the program and its libraries: 30 rows take 390 MB.
_PROGRAM = 430_000_000
#: Bytes for each record and for each byte of its compared texts, of quality fast. Fitted to
#: generated catalogs of 30 to 1,000,000 rows, without labels, two definitions.
_A_RECORD, _A_BYTE = 1_500, 8.0
#: Bytes for each record that is learned from, of which there are at most so many: 100,000 rows took
#: 1.2 GB, 1,000,000 rows 3.7 GB.
_LEARNED_FROM, _A_LEARNED_RECORD = 100_000, 6_000
#: Quality balanced keeps the features of all candidates: bytes for each record and attribute, up to
#: what `linkage.scoring.session` allows them; and more for each byte of text, for its letters.
_A_COMPARED_CELL, _A_SPELLED_BYTE = 2_500, 48.0
#: Bytes of one attribute, whatever the records: words, trees and vocabularies of its features.
_AN_ATTRIBUTE = 4_000_000
#: Bytes that a file takes as it is read, for each of its decoded bytes: itself, its cells, and
#: these once more in canonical order.
_A_READ_BYTE = 3.2
#: Bytes of a record whatever it states: its id and its place in two orders.
_A_READ_RECORD = 200
#: Share of the limit above which memory is tight; the estimate is a rough one.
_TIGHT = 0.6


def needed_memory(records: Records, quality: str = "fast") -> int:
    """Return an estimate of the peak memory of a run, in bytes."""
    text = sum(records.table.column(name).nbytes for name in records.kinds)
    fixed = _PROGRAM + _AN_ATTRIBUTE * len(records.kinds)
    learned = _A_LEARNED_RECORD * min(records.n, _LEARNED_FROM)
    needed = fixed + learned + _A_RECORD * records.n + _A_BYTE * text
    if quality == "fast":
        return int(needed)
    cells = records.n * len(records.kinds)
    return int(needed + _A_COMPARED_CELL * cells + _A_SPELLED_BYTE * text)


def is_tight(records: Records, resolved: ResolvedConfig) -> bool:
    """Return whether a run comes so near the limit that finished results are kept on disk."""
    return needed_memory(records, resolved.quality) > _TIGHT * resolved.memory_bytes


def check_memory(records: Records, resolved: ResolvedConfig) -> None:
    """Refuse a catalog that would take more memory than is allowed.

    Args:
        records: the records.
        resolved: says the limit and the quality.

    Raises:
        ConfigError: with what is needed, what is allowed, and what to do.
    """
    needed = needed_memory(records, resolved.quality)
    if needed > resolved.memory_bytes:
        less = needed_memory(records, "fast")
        fast = (
            f'; quality = "fast" needs about {_gigabytes(less)}'
            if resolved.quality != "fast" and less < needed
            else ""
        )
        raise _too_large(
            f"{records.n:,} records of {len(records.kinds)} attributes", needed,
            resolved.memory_bytes, fast,
        )  # fmt: skip


def check_records(where: str, rows: int, allowed: int | None) -> None:
    """Refuse a file with more rows than the limit allows, whatever they hold.

    Args:
        where: what messages call the file.
        rows: how many it says that it has.
        allowed: the limit in bytes; None for no limit.

    Raises:
        ConfigError: if they are too many.
    """
    needed = int(_PROGRAM + _A_READ_RECORD * rows)
    if allowed is not None and needed > allowed:
        raise _too_large(f"{where} has {rows:,} rows, which", needed, allowed)


def check_text_size(
    where: str, size: int, allowed: int | None, *, share: float = 1.0, unpacked: bool = False
) -> None:
    """Refuse a file whose bytes, decoded, cannot be worked on within the limit.

    Args:
        where: what messages call the file.
        size: decoded bytes so far.
        allowed: the limit in bytes; None for no limit.
        share: the share of the file that they are; the estimate is of the whole.
        unpacked: whether the bytes were unpacked or decoded.

    Raises:
        ConfigError: if they are too many.
    """
    if allowed is None or _PROGRAM + _A_READ_BYTE * size <= allowed:
        return
    whole = size / share
    how = "decoded, " if unpacked else ""
    what = f"{where} holds {how}{_gigabytes(whole)} of text or more, which"
    raise _too_large(what, int(_PROGRAM + _A_READ_BYTE * whole), allowed)


def _too_large(what: str, needed: int, allowed: int, further: str = "") -> ConfigError:
    return ConfigError(
        [
            f"limits.memory: {what} need about {_gigabytes(needed)}, and {_gigabytes(allowed)} are "
            "allowed."
        ],
        hint=f'Set limits.memory = "{_gigabytes(needed * 1.1)}" if the machine has as much'
        f"{further}; or leave out columns that say little, or match parts of the catalog that "
        "share nothing.",
    )


def _gigabytes(size: float) -> str:
    return f"{max(size / 1e9, 0.1):.1f}GB"
