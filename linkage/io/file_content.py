"""The bytes of a file, unpacked, and the bytes of a text as UTF-8."""

from __future__ import annotations

import codecs
import io
import re
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from linkage.config.file_kinds import packed_kind, wide_encoding
from linkage.config.memory_limit import check_text_size
from linkage.errors import InputError, nearest_hint, shorten

__all__ = [
    "JSON_SUFFIXES",
    "PARQUET_SUFFIXES",
    "is_stream",
    "line_at",
    "name_of",
    "read_unpacked",
    "utf8_content",
]

PARQUET_SUFFIXES = {".parquet", ".pq"}
JSON_SUFFIXES = {".jsonl", ".ndjson", ".json"}
_SUFFIXES = {".csv", ".tsv", ".tab", ".psv", ".txt", *PARQUET_SUFFIXES, *JSON_SUFFIXES}
_COMPRESSIONS = {".gz", ".bz2", ".zst", ".zip"}
_EXCEL_SUFFIXES = {".xlsx", ".xlsm", ".xls"}

#: How compressed files begin; Arrow's names of what they were compressed with.
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
#: What every workbook holds, and other zip files do not.
_WORKBOOK = "[Content_Types].xml"
#: Bytes that are unpacked at a time.
_PIECE = 1 << 24
#: Bytes that are control characters in Latin-1, and letters and signs in Windows-1252.
_C1 = re.compile(rb"[\x80-\x9f]")
#: Encodings of more than one byte a character, tried for a hint in this order.
_WIDE = ("shift_jis", "gb18030", "euc_kr")


def is_stream(path: Path) -> bool:
    """Return whether a path is standard input (``-``), a pipe, or a shell's ``<(...)``."""
    try:
        return str(path) == "-" or (path.exists() and not (path.is_file() or path.is_dir()))
    except OSError:  # a name that is too long
        return False


def name_of(path: Path) -> str:
    """Return what messages call a file."""
    return "standard input" if str(path) == "-" else str(path)


def read_unpacked(path: Path, allowed: int | None = None) -> tuple[bytes, str]:
    """Read a file, and decompress it: gzip, bzip2, zstd, or a zip file of one table.

    Args:
        path: The file; ``-`` is standard input.
        allowed: The memory limit in bytes: no more is unpacked than a run could work on within it.

    Returns:
        The bytes, and the suffix of their format: that of the name or, if it has none, as the
        content tells.

    Raises:
        InputError: If it is missing, empty, damaged, a workbook, or a zip file of several files.
        ConfigError: If it is too large for the memory limit.

    """
    where = name_of(path)
    suffix = "" if str(path) == "-" else _checked_suffix(path)
    inner = ""
    try:
        if is_stream(path):
            with sys.stdin.buffer if str(path) == "-" else path.open("rb") as stream:
                raw = _read_within(stream, where, allowed)
        else:
            # A Parquet file is held to its decoded cells, which are more.
            check_text_size(where, path.stat().st_size, allowed)
            raw = path.read_bytes()
        if raw.startswith(_ZIP):
            raw, inner = _only_member(raw, where, allowed)
        for magic, name in _COMPRESSED.items():
            if raw.startswith(magic):
                with pa.input_stream(pa.BufferReader(raw), compression=name) as stream:
                    raw = _read_within(stream, where, allowed)
                break
    except PermissionError as error:
        raise InputError(f"{where} cannot be read: permission denied.") from error
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise InputError(f"{where} cannot be read: {error}") from error
    if not raw:
        raise InputError(f"{where} is empty (0 bytes).", hint="Give a file with a header and rows.")
    if raw.startswith(_OLD_EXCEL):
        raise _excel_error(where)
    return raw, _known(inner, where) or suffix or _suffix_of_content(raw)


def _read_within(stream: Any, where: str, allowed: int | None) -> bytes:
    """Return all bytes of a stream; stops at the first piece beyond what the limit allows."""
    pieces, size = [], 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        size += len(piece)
        check_text_size(where, size, allowed, unpacked=True)
    return b"".join(pieces)


def _only_member(raw: bytes, where: str, allowed: int | None) -> tuple[bytes, str]:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        names = packed.namelist()
        if _WORKBOOK in names:
            raise _excel_error(where)
        # macOS adds a folder of its own, and hidden files.
        tables = [
            name
            for name in names
            if not name.endswith("/")
            and not name.startswith("__MACOSX/")
            and not Path(name).name.startswith(".")
        ]
        if len(tables) != 1:
            shown = ", ".join(tables[:5]) + (", ..." if len(tables) > 5 else "")
            raise InputError(
                f"{where} holds {len(tables):,} files" + (f" ({shown})." if tables else "."),
                hint="Give a zip file of one table, or unpack it.",
            )
        with packed.open(tables[0]) as stream:
            return _read_within(stream, where, allowed), Path(tables[0]).suffix.lower()


def _checked_suffix(path: Path) -> str:
    """Return the suffix that tells the format, empty where the content has to tell it."""
    try:
        exists = path.exists()
    except OSError as error:  # such as a name that is too long
        raise InputError(f"{shorten(str(path))} cannot be read: {error.strerror}.") from error
    if not exists:
        siblings = (
            [entry.name for entry in path.parent.iterdir() if entry.is_file()]
            if path.parent.is_dir()
            else []
        )
        hint = nearest_hint(path.name, siblings, "files there") if siblings else ""
        raise InputError(f"{path} does not exist.", hint=hint if "Did" in hint else "")
    if path.is_dir():
        raise InputError(f"{path} is a folder, not a file.", hint="Give a CSV or Parquet file.")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] in _COMPRESSIONS
    if packed:
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    # Of a packed file the name may have dots of its own, such as offers.v2.zip.
    return "" if packed and suffix not in _SUFFIXES else _known(suffix, str(path))


def _known(suffix: str, where: str) -> str:
    if suffix in _EXCEL_SUFFIXES:
        raise _excel_error(where, suffix)
    if suffix and suffix not in _SUFFIXES:
        raise InputError(
            f"{where} has the suffix {suffix!r}, which is no known table format.",
            hint="Give a .csv, .tsv, .txt, .jsonl or .parquet file (also .gz or .zip).",
        )
    return suffix


def _suffix_of_content(raw: bytes) -> str:
    if raw.startswith(b"PAR1"):
        return ".parquet"
    begin = raw[:1000].removeprefix(b"\xef\xbb\xbf").split()
    is_json = begin and (begin[0].startswith((b'{"', b"[{")) or begin[0] in (b"{", b"["))
    return ".jsonl" if is_json else ".csv"


def _excel_error(where: str, suffix: str = "") -> InputError:
    """Return the error of an Excel workbook."""
    what = f"has the suffix {suffix!r}: " if suffix else "is an Excel workbook: "
    return InputError(
        f"{where} {what}Excel workbooks are not read.",
        hint="Save the sheet in Excel as 'CSV UTF-8', or in Python: "
        "pandas.read_excel(FILE, dtype=str).to_parquet('catalog.parquet').",
    )


def utf8_content(raw: bytes, where: str, encoding: str | None = None) -> bytes:
    """Return the bytes of a text as UTF-8.

    Args:
        raw: The bytes of the file.
        where: What messages call it.
        encoding: Its encoding; UTF-8 if not given. Latin-1 is read as Windows-1252, of which it is
            a part, as the WHATWG Encoding Standard has it: exporters name the one and write the
            other.

    Raises:
        InputError: If the bytes are not of the encoding, or it is unknown; names the line.

    """
    if encoding is None and (wide := wide_encoding(raw)):
        raise InputError(
            f"{where} is {wide.upper()}, not UTF-8: its first bytes say so.",
            hint=f"Give --encoding {wide}.",
        )
    if what := packed_kind(raw):
        raise InputError(
            f"{where} is {what}.", hint="Give a CSV, JSON Lines or Parquet file, unpacked."
        )
    given = encoding or "utf-8"
    try:
        name = codecs.lookup(given).name
        if name == "iso8859-1" and _is_windows(raw):
            name = "cp1252"
        if raw.startswith(codecs.BOM_UTF8):
            raw = raw[len(codecs.BOM_UTF8) :]
        if name == "utf-8" and _is_utf8(raw):
            return raw
        text = raw.decode(name)
        return raw if name == "utf-8" else text.encode("utf-8")
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise InputError(
            f"{where}, line {line}: read as {given}, the text holds half a character "
            f"(U+{ord(text[error.start]):04X}, a lone surrogate).",
            hint="Give the file's encoding; it is hardly that one.",
        ) from error
    except UnicodeDecodeError as error:
        other = _likely_encoding(raw) if name == "utf-8" else "utf-8"
        raise InputError(
            f"{where}, line {line_at(raw, error.start)}: byte 0x{raw[error.start]:02x} at byte "
            f"{error.start + 1} is not valid {given} "
            f"(after {shorten(_before(raw, error.start, name), 40)}).",
            hint=f"Give the file's encoding, such as --encoding {other}.",
        ) from error
    except UnicodeError as error:
        raise InputError(f"{where} is not valid {given}: {error}") from error
    except (LookupError, ValueError) as error:
        raise InputError(
            f"{shorten(given)} is no known encoding.",
            hint="Common ones: utf-8, cp1252, latin-1, utf-16, shift_jis, gb18030.",
        ) from error


def _is_utf8(raw: bytes) -> bool:
    """Return whether bytes are UTF-8, without making a text of them, which takes their size."""
    data, ends = pa.py_buffer(raw), pa.py_buffer(np.array([0, len(raw)], np.int64))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, ends, data]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_windows(raw: bytes) -> bool:
    """Return whether bytes hold characters that Windows-1252 has and Latin-1 lacks."""
    return _C1.search(raw) is not None and _decodes(raw, "cp1252")


def _likely_encoding(raw: bytes) -> str:
    """Return an encoding that bytes which are no UTF-8 may be of."""
    if _C1.search(raw) is None:
        return "latin-1"
    return next((name for name in ("cp1252", *_WIDE) if _decodes(raw, name)), "cp1252")


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _before(raw: bytes, position: int, encoding: str) -> str:
    line_start = raw.rfind(b"\n", 0, position) + 1
    return raw[max(line_start, position - 30) : position].decode(encoding, errors="ignore")


def line_at(content: bytes, position: int) -> int:
    """Return the number of the line of a byte, from 1."""
    newlines = content.count(b"\n", 0, position)
    return 1 + (newlines or content.count(b"\r", 0, position))
