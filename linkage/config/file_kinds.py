"""What bytes are that are no text in UTF-8: a packed file, or text in a wide encoding."""

from __future__ import annotations

__all__ = ["other_content", "packed_kind", "wide_encoding"]

_MARKS = {  # UTF-32 first, as its mark begins with that of UTF-16
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
#: How packed files and documents begin.
_BEGINNINGS = {
    b"\x1f\x8b": "packed with gzip",
    b"BZh": "packed with bzip2",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"\xfd7zXZ\0": "packed with xz",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"PK\x03\x04": "a zip file",
    b"PK\x05\x06": "an empty zip file",
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3\0": "a SQLite database",
    b"ARROW1": "an Arrow file",
}


def wide_encoding(raw: bytes) -> str | None:
    """Return the encoding of a text that begins as one of two or four bytes a character does.

    Args:
        raw: Its bytes, with a byte-order mark, or beginning with a character of ASCII.

    """
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return name
    zeros = [byte == 0 for byte in raw[:4]]
    known: dict[tuple[bool, ...], str] = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return known.get(tuple(zeros))


def packed_kind(raw: bytes) -> str | None:
    """Return what a file is by how it begins: packed, or of a kind that is no text."""
    return next((what for sign, what in _BEGINNINGS.items() if raw.startswith(sign)), None)


def other_content(raw: bytes) -> str | None:
    """Return what a file is that is no text in UTF-8; None where nothing says so."""
    encoding = wide_encoding(raw)
    return packed_kind(raw) or (f"text in {encoding.upper()}" if encoding else None)
