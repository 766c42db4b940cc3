"""A task of a challenge: the files of its folder and its ``task.json``.

The folder comes from outside and is checked: a value of the wrong type is refused with the file and
the key, and only the folder's own name ever becomes a file name.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from features.kinds import Kind, parse_kind
from linkage.errors import ConfigError, InputError, nearest_hint, shorten

__all__ = ["Published", "Task", "TaskKind", "find_tasks", "is_task", "read_task"]

_DESCRIPTION = "task.json"
#: Of a table that is there in several formats, the first of these is read.
_SUFFIXES = (".parquet", ".csv", ".csv.gz", ".tsv")
_SPLITS = ("train", "valid", "test")


class TaskKind(StrEnum):
    """The kind of result that a task asks for."""

    LINKAGE = "linkage"  # the matches between two tables
    DEDUPE = "dedupe"  # the entities of one table
    VARIANTS = "variants"  # the groups of one table once some columns are ignored
    CLASSIFICATION = "classification"  # the classes of rows


#: Tables that a kind of task needs; the others have one, of records.
_TABLES = {TaskKind.LINKAGE: ("left", "right"), TaskKind.CLASSIFICATION: ("train",)}


@dataclass(frozen=True)
class Published:
    """A figure that others have published for a task.

    Attributes:
        system: Whose it is.
        f1: In percent.
        on: What it was measured on, in words; empty where the task does not say.
        source: Where the number is from; empty where the task does not say.

    """

    system: str
    f1: float
    on: str = ""
    source: str = ""


@dataclass(frozen=True)
class Task:
    """A task, with its tables not yet read.

    Attributes:
        name: The name of its folder.
        folder: The folder, absolute.
        kind: What it asks for.
        title: What it is about.
        attributes: Compared columns and their declared kinds; empty where all are to be inferred.
        ignore: Columns that two matching rows may differ in.
        published: What others reached.
        files: The files there are, by role: ``left`` and ``right``, or ``records``; ``train``,
            ``valid``, ``test``, ``truth``, ``clusters``.
        target: The column to predict; empty where the task is none of classification.

    """

    name: str
    folder: Path
    kind: TaskKind
    title: str
    attributes: Mapping[str, Kind]
    ignore: tuple[str, ...]
    published: tuple[Published, ...]
    files: Mapping[str, Path]
    target: str = ""

    @property
    def description(self) -> Path:
        """Its ``task.json``."""
        return self.folder / _DESCRIPTION

    @property
    def is_classification(self) -> bool:
        """Whether classes of rows are asked for."""
        return self.kind is TaskKind.CLASSIFICATION

    @property
    def is_linkage(self) -> bool:
        """Whether it has two tables."""
        return self.kind is TaskKind.LINKAGE


def is_task(folder: Path) -> bool:
    """Whether a folder is a task's: it has a ``task.json``."""
    return (folder / _DESCRIPTION).is_file()


def find_tasks(suite: str | Path, names: Sequence[str] = ()) -> list[Path]:
    """Return the task folders of a suite.

    Args:
        suite: A folder of task folders, or one task folder.
        names: Which of them; all if empty.

    Returns:
        Their folders, by name.

    Raises:
        InputError: If the suite is no folder or holds no task, or a name is not in it.

    """
    suite = Path(suite).resolve()
    if not suite.is_dir():
        what = "is a file, not a folder" if suite.exists() else "does not exist"
        raise InputError(f"{suite} {what}.", hint="Give a folder of task folders, or a task's own.")
    if is_task(suite):
        found = [suite]
    else:
        found = sorted(entry for entry in suite.iterdir() if entry.is_dir() and is_task(entry))
    if not found:
        raise InputError(
            f"{suite} holds no task: neither it nor a folder in it has a {_DESCRIPTION}.",
            hint="A task is a folder with task.json, tables and splits.",
        )
    by_name = {folder.name: folder for folder in found}
    for name in names:
        if name not in by_name:
            raise InputError(
                f"{suite} has no task {shorten(name)}.", hint=nearest_hint(name, by_name, "tasks")
            )
    return [folder for name, folder in by_name.items() if not names or name in names]


def read_task(folder: str | Path) -> Task:
    """Read a task's ``task.json`` and find its files; no table is read.

    Every key is optional but for what the tables themselves cannot tell: ``ignore`` of a variants
    task may be left out (nothing is ignored), ``attributes`` too (all kinds are inferred), and
    ``kind`` follows from the tables that are there. Unknown keys are passed over.

    Args:
        folder: The task's folder.

    Returns:
        The task.

    Raises:
        InputError: If ``task.json`` cannot be read or is no JSON object, or a table is missing.
        ConfigError: With every key of ``task.json`` whose value is wrong; a published figure that
            is no number is left out, with a warning.

    """
    folder = Path(folder).resolve()
    raw = _read_json(folder / _DESCRIPTION)
    faults: list[str] = []
    kind = _kind(raw, folder, faults)
    task = Task(
        name=folder.name,
        folder=folder,
        kind=kind,
        title=_text(raw, "title", faults),
        attributes=_attributes(raw, faults),
        ignore=_names(raw, "ignore", faults),
        published=_published(raw, folder / _DESCRIPTION, faults),
        files=_files(folder, kind),
        target=_target(raw, kind, faults),
    )
    if faults:
        raise ConfigError(faults, where=str(task.description))
    return task


def _read_json(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise InputError(
            f"{path} does not exist.", hint="A task's folder has a task.json."
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid JSON: {error}.") from error
    if not isinstance(raw, dict):
        raise InputError(f"{path} must hold a JSON object, got {shorten(raw)}.")
    return raw


def _kind(raw: Mapping[str, Any], folder: Path, faults: list[str]) -> TaskKind:
    value = raw.get("kind")
    if value is not None:
        kinds = [str(kind) for kind in TaskKind]
        if value in kinds:
            return TaskKind(value)
        hint = nearest_hint(value, kinds, "kinds") if isinstance(value, str) else ""
        faults.append(f"kind: must be one of {', '.join(kinds)}, got {shorten(value)}. {hint}")
    if _file(folder, "records") is None:
        return TaskKind.LINKAGE
    return TaskKind.VARIANTS if raw.get("ignore") else TaskKind.DEDUPE


def _text(raw: Mapping[str, Any], key: str, faults: list[str], path: str = "") -> str:
    value = raw.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    faults.append(f"{path}{key}: must be text, got {shorten(value)}.")
    return ""


def _target(raw: Mapping[str, Any], kind: TaskKind, faults: list[str]) -> str:
    if kind is not TaskKind.CLASSIFICATION:
        return ""
    target = _text(raw, "target", faults)
    if raw.get("target") in (None, ""):
        faults.append("target: it must name the column to predict, and is missing.")
    return target


def _names(raw: Mapping[str, Any], key: str, faults: list[str]) -> tuple[str, ...]:
    value = raw.get(key)
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(dict.fromkeys(value))
    faults.append(f"{key}: must be a list of column names, got {shorten(value)}.")
    return ()


def _attributes(raw: Mapping[str, Any], faults: list[str]) -> dict[str, Kind]:
    value = raw.get("attributes")
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.append(f"attributes: must be an object of column: kind, got {shorten(value)}.")
        return {}
    kinds = {}
    for name, kind in value.items():
        try:
            kinds[name] = parse_kind(kind if isinstance(kind, str) else shorten(kind))
        except ValueError as error:
            faults.append(f"attributes.{name}: {error}.")
    return kinds


def _published(
    raw: Mapping[str, Any], description: Path, faults: list[str]
) -> tuple[Published, ...]:
    value = raw.get("published")
    if value is None:
        return ()
    if not isinstance(value, dict):
        faults.append(f"published: must be an object of system: figure, got {shorten(value)}.")
        return ()
    found = []
    for system, entry in value.items():
        entry = entry if isinstance(entry, dict) else {"f1": entry}
        path = f"published.{system}."
        f1 = entry.get("f1")
        if not isinstance(f1, int | float) or isinstance(f1, bool) or not 0 <= f1 <= 100:
            # It stands beside the results only: no reason not to run the task.
            warnings.warn(
                f"{description}: {path}f1: must be a number from 0 to 100, got {shorten(f1)}; "
                "it is left out.",
                stacklevel=2,
            )
            continue
        on, source = (_text(entry, key, faults, path) for key in ("on", "from"))
        # No system would publish less than one percent: a share is meant.
        found.append(Published(system, float(f1 * 100 if f1 <= 1 else f1), on, source))
    return tuple(found)


def _file(folder: Path, stem: str) -> Path | None:
    for suffix in _SUFFIXES:
        path = folder / f"{stem}{suffix}"
        if path.is_file():
            return path
    return None


def _files(folder: Path, kind: TaskKind) -> dict[str, Path]:
    tables = _TABLES.get(kind, ("records",))
    others = () if kind is TaskKind.CLASSIFICATION else ("truth", "clusters")
    roles = (*tables, *(name for name in _SPLITS if name not in tables), *others)
    files = {role: path for role in roles if (path := _file(folder, role)) is not None}
    missing = [role for role in tables if role not in files]
    if missing:
        raise InputError(
            f"{folder}: a {kind} task needs the tables {' and '.join(tables)}, and there is no "
            f"{' and no '.join(f'{role}.csv or {role}.parquet' for role in missing)}.",
            hint="Is kind in task.json right?",
        )
    return files
