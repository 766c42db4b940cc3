"""Bytes, files and plain values, damaged at random."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

__all__ = ["ODD_VALUES", "damage_bytes", "damage_file", "damage_json"]

#: Values that no key of a plain file expects.
ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, -(2**63), 10**30, 1e308, float("nan"), float("inf"), "",
    "x",
    "0", [], [[]], {}, {"a": 1}, ["x", None], "\ud800", "../../etc", "\x1b[2J", "é" * 400,
)  # fmt: skip


def damage_bytes(chance: random.Random, raw: bytes) -> bytes:
    """Return bytes that are cut short, or of which some are changed, gone, doubled or new."""
    made = bytearray(raw)
    if chance.random() < 0.25:
        return bytes(made[: chance.randrange(len(made) + 1)])
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        place = chance.randrange(len(made) + 1)
        what = chance.randrange(4)
        size = chance.choice((1, 1, 4, 50))
        if what == 0 and place < len(made):
            made[place] = chance.randrange(256)
        elif what == 1:
            del made[place : place + size]
        elif what == 2:
            made[place:place] = chance.randbytes(size)
        else:
            made[place:place] = made[place : place + size]
    return bytes(made)


def damage_json(chance: random.Random, value: Any) -> Any:
    """Return a plain value of which one part, at any depth, is odd, gone or twice there."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        made = dict(value)
        if chance.random() < 0.15:
            del made[key]
        else:
            made[key] = damage_json(chance, value[key])
        return made
    if isinstance(value, list) and value and chance.random() < 0.7:
        place = chance.randrange(len(value))
        made_list = list(value)
        if chance.random() < 0.2:
            del made_list[place]
        elif chance.random() < 0.1:
            made_list.append(made_list[place])
        else:
            made_list[place] = damage_json(chance, value[place])
        return made_list
    if isinstance(value, int | float) and not isinstance(value, bool) and chance.random() < 0.5:
        return chance.choice((-value, value + 1, value * 1e9, value - 1))
    return chance.choice(ODD_VALUES)


def damage_file(chance: random.Random, path: Path) -> str:
    """Damage a file in place; returns what was done, for people."""
    import json

    what = chance.choice(("bytes", "bytes", "json", "json", "gone", "folder", "link"))
    if what == "json":
        try:
            made = damage_json(chance, json.loads(path.read_text(encoding="utf-8")))
        except ValueError:
            what = "bytes"
        else:
            path.write_text(json.dumps(made), encoding="utf-8")
    if what == "bytes":
        path.write_bytes(damage_bytes(chance, path.read_bytes()))
    elif what != "json":
        path.unlink()
        if what == "folder":
            path.mkdir()
        elif what == "link":
            path.symlink_to("/dev/zero" if chance.random() < 0.2 else "/dev/null")
    return f"{path.name}: {what}"
