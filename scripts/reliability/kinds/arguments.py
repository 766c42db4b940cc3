"""Command lines: any command with any of its options, right values and odd ones."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import click
import pyarrow.csv as pa_csv
import typer

from linkage.cli.app import app
from reliability.commands import Ended, command_faults, left_behind, run_command
from reliability.fixture import Fixture

__all__ = ["argument_case", "draw_arguments"]

#: Commands and how often each is drawn; the rest of those there are take too long.
_COMMANDS = {
    "profile": 6, "dedupe": 4, "link": 2, "group": 2, "train": 3, "score": 4, "evaluate": 4,
    "explain": 3, "challenge": 1,
}  # fmt: skip
_FILES = (
    "catalog.csv", "right.csv", "labels.csv", "pairs.csv", "truth.csv", "config.toml", "model",
    "results", "model/model.json", "results/run.json", "results/clusters.csv", "missing",
    "missing/x",
    ".", "..", "", "-", "/dev/null", "/dev/full", "/proc/self/mem", "x" * 300, "x/" * 3000,
    "a\x00b",
    "\ud8ff", "\x1b[31m", "~", "*", "catalog.csv/x", "/", "results/", "NAME=labels.csv",
    "exact=labels.csv", "foo=truth.csv", "=", "http://example.com/a.csv", "loop",
)  # fmt: skip
_NUMBERS = (
    "0", "1", "-1", "2", "7", "1.5", "0.9", "nan", "inf", "-inf", "1e400", "", "x", "١", "1_0",
    str(2**31), str(2**63), str(10**30), "9" * 5000, "1000000",
)  # fmt: skip
_WORDS = (
    "id", "title", "price", "colour", "size", "quantity", "nothing", "", " ", "fast", "auto",
    "o0", "o1",
    "o99", "left:o0", "utf-8", "utf-16", "latin-1", "punycode", "unicode_escape",
    "raw_unicode_escape",
    "rot13", "base64", "zlib", "idna", "utf-7", ",", ";", "tab", "\\t", "ab", '"', "\n", "é",
    "\ud800",
    "\x00", "test", "valid", "pair-split", "cluster-no-labels", "exact", "x" * 5000, "%s", "{}",
    "--",
)  # fmt: skip
#: What an option or argument usually gets, by its name.
_USUAL = {
    "catalog": "catalog.csv", "left": "catalog.csv", "right": "right.csv", "labels": "labels.csv",
    "validation": "labels.csv", "pairs": "pairs.csv", "truth": "truth.csv", "config": "config.toml",
    "folder": "results", "first": "o0", "second": "o1", "id_column": "id", "right_id": "id",
    "ignore": "colour", "quality": "fast", "threads": "1", "seed": "3", "precision": "0.9",
    "recall": "0.9", "encoding": "utf-8", "delimiter": ",", "skip_rows": "0", "suite": ".",
    "html": "page.html", "json": "data.json", "definition": "exact", "split": "test",
    "tasks": "none", "protocols": "pair-split", "seeds": "1",
}  # fmt: skip


def argument_case(chance: random.Random, folder: Path, fixture: Fixture) -> list[str]:
    """A command line, run."""
    fixture.copied(
        folder, "catalog.csv", "right.csv", "labels.csv", "pairs.csv", "truth.csv", "config.toml",
        "model", "results",
    )  # fmt: skip
    (folder / "loop").symlink_to("loop")
    arguments = draw_arguments(chance)
    held = {path: _digest(path) for path in folder.glob("*.*") if path.is_file()}
    out = Path("/dev/full") if chance.random() < 0.05 else None
    ended = run_command(arguments, out=out)
    faults = command_faults(ended, arguments)
    replaced = [path.name for path, digest in held.items() if _digest(path) != digest]
    # A file that is an output, and no input, may be replaced if that is asked for.
    outputs = _outputs(arguments) if "--force" in arguments else set()
    faults += [f"{name} is not what it was" for name in replaced if name not in outputs]
    kept = left_behind(folder, stages="--resume" in arguments)
    faults += [f"left behind: {name}" for name in kept]
    return faults + _lost(folder, arguments, ended)


def draw_arguments(chance: random.Random) -> list[str]:
    """Draw a command line."""
    if chance.random() < 0.03:
        return chance.choices((*_COMMANDS, *_WORDS, *_FILES, "--help", "--version", "-h"), k=3)
    name = chance.choices(list(_COMMANDS), list(_COMMANDS.values()))[0]
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group) or hasattr(group, "commands")
    command = group.commands[name]
    oddness = chance.choice((0.0, 0.05, 0.3))
    made = [name]
    for parameter in command.params:
        made += _given(chance, parameter, oddness, named=name)
    return made


def _given(
    chance: random.Random, parameter: click.Parameter, oddness: float, named: str
) -> list[str]:
    """A parameter as it stands on a command line; nothing where it is left out."""
    key = str(parameter.name)
    is_argument = parameter.param_type_name == "argument"
    needed = parameter.required or key in ("quality", "threads")
    if key in ("right", "more", "second") and is_argument:
        needed = named in ("link", "explain") and chance.random() < 0.8
    if chance.random() >= ((0.98 if oddness else 1.0) if needed else 0.12):
        return []
    if getattr(parameter, "is_flag", False):
        return [] if key in ("help", "verbose") else [parameter.opts[0]]
    value = _value(chance, key, oddness)
    return [value] if is_argument else [parameter.opts[0], value]


def _value(chance: random.Random, key: str, oddness: float) -> str:
    if key == "quality":  # others take too long
        return chance.choice(("fast", "fast", "Fast", "", "fest")) if oddness else "fast"
    if chance.random() >= oddness:
        if key == "output":
            return chance.choice(("out", "out.csv", "new/out.csv", "results"))
        if key == "model":
            return chance.choice(("model", "model", "new_model"))
        return _USUAL.get(key, "catalog.csv")
    return chance.choice(chance.choice((_FILES, _FILES, _NUMBERS, _WORDS)))


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""


def _outputs(arguments: list[str]) -> set[str]:
    """Names of files that a command was told to write, and was not told to read."""
    options = ("-o", "--output", "--html", "--json", "--model")
    named = {arguments[k + 1] for k, one in enumerate(arguments[:-1]) if one in options}
    return {Path(one).name for one in named if arguments.count(one) == 1}


def _lost(folder: Path, arguments: list[str], ended: Ended) -> list[str]:
    """Rows that a run lost that ended well."""
    made = folder / "out" / "clusters.csv"
    if ended.code or not made.is_file() or arguments[1:2] != ["catalog.csv"]:
        return []
    wanted = _rows(folder / "catalog.csv")
    if arguments[0] == "link":
        wanted += _rows(folder / "right.csv") if arguments[2:3] == ["right.csv"] else 0
    if arguments[0] not in ("dedupe", "group", "link") or "--skip-rows" in arguments:
        return []
    found = _rows(made)
    return [f"{wanted} rows and {found} in clusters.csv"] if found != wanted else []


def _rows(path: Path) -> int:
    # newlines_in_values: cells of the catalog may hold them.
    options = pa_csv.ParseOptions(newlines_in_values=True)
    return int(pa_csv.read_csv(path, parse_options=options).num_rows)
