"""Configurations: valid ones, ones with a fault, and files that are no TOML at all."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from linkage.config.authored import Config
from linkage.config.toml_writer import to_toml
from reliability.damage import ODD_VALUES, damage_bytes, damage_json
from reliability.kinds.reading import attempt

__all__ = ["draw_config", "toml_case"]

#: Values that each key may have.
_VALID: dict[str, dict[str, tuple[Any, ...]]] = {
    "catalog": {
        "id": ("id", "sku"), "source": ("shop",), "encoding": ("utf-8", "latin-1"),
        "delimiter": (";", "tab"), "skip_rows": (0, 3), "distinct_sources": (True, False),
        "right_id": ("key",),
    },
    "blocking": {"candidates": ("auto", 1, 50), "recall_floor": (0.5, 1.0)},
    "training": {
        "labels": ("labels.csv",), "seeds": (1, 3), "precision": (0.9, 1), "context": (False,),
        "synonyms": (True,),
    },
    "limits": {"max_cluster_size": (2, 500), "memory": ("8GB", "512 MB", 100_000_000, "2GiB")},
    "embedding": {"model": ("auto", "static")},
    "linkage": {"one_to_one": ("auto", "yes", "no", True)},
}  # fmt: skip
_TOP: dict[str, tuple[Any, ...]] = {
    "quality": ("auto", "fast", "balanced", "best"), "seed": (0, 7), "threads": (1, 2),
}  # fmt: skip
_KINDS = ("text", "name", "category", "number", "price", "date", "identifier", "image")
_COLUMNS = ("title", "brand", "price", "colour", "größe", "a b", "x.y", "=")
_TEXTS = (
    "", "# nothing", "=", "a = ", "[a]\n[a]", 'quality = "fast"\nquality = "fast"',
    "\ufeffseed = 1",
    "seed = 1\x00", "seed = 1_0", "seed = 0x1F", "seed = 2024-02-30", "[[match]]\n", "a.b.c.d = 1",
    'match.exact.must = [{column = "a"}]\n[match.exact]', "quality = '''fast'''", "[catalog",
    "é = 1",
)  # fmt: skip


def draw_config(chance: random.Random) -> dict[str, Any]:
    """Draw a valid configuration as plain values."""
    made: dict[str, Any] = {
        key: chance.choice(values) for key, values in _TOP.items() if chance.random() < 0.3
    }
    for section, keys in _VALID.items():
        if chance.random() < 0.4:
            drawn = {k: chance.choice(v) for k, v in keys.items() if chance.random() < 0.4}
            made |= {section: drawn} if drawn else {}
    columns = chance.sample(_COLUMNS, chance.randrange(4))
    if columns:
        made["attributes"] = {name: chance.choice(_KINDS) for name in columns}
    if chance.random() < 0.4:
        made["match"] = {"exact": {}, "variant": {"ignore": chance.sample(_COLUMNS, 2)}}
    catalog = made.get("catalog", {})
    if catalog.get("distinct_sources"):
        catalog["source"] = "shop"  # which it needs
    return made


def toml_case(chance: random.Random, folder: Path) -> list[str]:
    """A file of configuration."""
    path = folder / "linkage.toml"
    way = chance.random()
    plain = draw_config(chance)
    if way < 0.35:
        path.write_text(to_toml(plain), encoding="utf-8")
        config, error, faults = attempt(lambda: Config.from_toml(path))
        if error is not None:
            return [f"refused: {str(error)[:300]}"]
        return faults or _written_again(config, folder)
    if way < 0.5:
        return _unknown_key(chance, plain, path)
    if way < 0.75:
        plain = damage_json(chance, plain)
        _, _, faults = attempt(lambda: Config.from_dict(plain))
        return faults
    if way < 0.9:
        path.write_bytes(damage_bytes(chance, to_toml(plain).encode()))
    else:
        path.write_bytes(chance.choice((*map(str.encode, _TEXTS), *_extremes(chance))))
    _, _, faults = attempt(lambda: Config.from_toml(path))
    return faults


def _written_again(config: Config, folder: Path) -> list[str]:
    again = folder / "again.toml"
    again.write_text(config.to_toml(), encoding="utf-8")
    read, error, faults = attempt(lambda: Config.from_toml(again))
    if faults or error is not None:
        return faults or [f"written and refused: {str(error)[:300]}"]
    return [] if read == config else ["written and read it is another configuration"]


def _unknown_key(chance: random.Random, plain: dict[str, Any], path: Path) -> list[str]:
    """A key that there is not is refused, and named."""
    name = chance.choice(("qualty", "trainings", "Seed", "zzz", "id"))
    tables = [plain, *(plain[section] for section in _VALID if section in plain)]
    table = chance.choice(tables)
    if name in _VALID["catalog"] and table is plain.get("catalog"):
        return []
    table[name] = chance.choice(("x", 1, True))
    # Keys of the top come before the first table.
    path.write_text(
        to_toml(dict(sorted(plain.items(), key=lambda item: isinstance(item[1], dict))))
    )
    _, error, faults = attempt(lambda: Config.from_toml(path))
    if faults:
        return faults
    named = error is not None and name in str(error)
    return [] if named else [f"the unknown key {name!r} is not named: {str(error)[:200]}"]


def _extremes(chance: random.Random) -> list[bytes]:
    deep = chance.choice((50, 500, 2000, 20_000))
    digits = chance.choice((20, 400, 5000))
    many = chance.choice((10, 3000))
    value = chance.choice([one for one in ODD_VALUES if isinstance(one, str)])
    return [
        b"a = " + b"[" * deep + b"]" * deep,
        b"a = " + b"{b = " * deep + b"1" + b"}" * deep,
        b"[" + b".".join([b"a"] * deep) + b"]",
        b"seed = " + b"9" * digits,
        b"threads = -" + b"1" * digits,
        b"blocking.candidates = 1" + b"0" * digits,
        b"limits.memory = " + b"8" * digits,
        b"limits.memory = '" + b"8" * digits + b"GB'",
        "\n".join(f"key{k} = 1" for k in range(many)).encode(),
        f"quality = {value!r}".encode("utf-8", "surrogatepass"),
        b"\xff\xfe" + 'quality = "fast"'.encode("utf-16-le"),
        b"[match.exact]\nmust = [" + b'{column = "a", when = "equal"},' * many + b"]",
        b"[match.exact]\nignore_text = ['" + b"(" * deep + b")" * deep + b"']",
    ]
