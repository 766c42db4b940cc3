"""Pins: values that a person sets, whatever the records state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from linkage.errors import InputError, nearest_hint, shorten
from linkage.io.csv_writer import unguarded
from linkage.io.inputs import plain_table
from linkage.io.reading import read_plain_table

__all__ = ["Pin", "check_pins", "read_pins"]

_NEEDED = ("cluster_id", "attribute", "value")


@dataclass(frozen=True)
class Pin:
    """A value that a person sets.

    Attributes:
        cluster: name of the cluster.
        attribute: the column.
        value: of the golden record.
        who, why: who set it, and the reason, if they are given.
        definition: the match definition whose cluster it is; None for the one that is asked for.
        place: where messages say it stands.
    """

    cluster: str
    attribute: str
    value: str
    who: str | None = None
    why: str | None = None
    definition: str | None = None
    place: str = ""


def read_pins(given: Any) -> list[Pin]:
    """Pins of a table or of the path of one.

    Args:
        given: a file of any kind that catalogs may be of, or a table, with the columns
            ``cluster_id, attribute, value`` and, if they are known, ``who, why, definition``.

    Raises:
        InputError: a column, or a cell that is needed, is missing; names file, row and column.
    """
    if isinstance(given, str | Path):
        where = str(given)
        table = unguarded(read_plain_table(given, id_columns=_NEEDED), given)
    else:
        where = "the pins"
        table = plain_table(given, where, _NEEDED)
    missing = [name for name in _NEEDED if name not in table.column_names]
    if missing:
        raise InputError(
            f"{where} has no column '{missing[0]}'. "
            + nearest_hint(missing[0], table.column_names, "columns"),
            hint="Pins have the columns cluster_id, attribute, value; and who, why, definition.",
        )
    return [_pin(row, f"{where}, row {k}") for k, row in enumerate(_rows(table), start=1)]


def check_pins(
    pins: list[Pin],
    definition: str,
    *,
    several: bool,
    clusters: Mapping[str, int],
    attributes: Collection[str],
) -> dict[str, dict[int, Pin]]:
    """The pins of a match definition, by attribute and position of the cluster.

    Args:
        pins: those of all definitions.
        definition: its name.
        several: whether golden records of several definitions are made.
        clusters: positions of the clusters by name.
        attributes: those that have a single value or several, and so can be pinned.

    Raises:
        InputError: a pin names a cluster or an attribute that is not there, or contradicts another.
    """
    found: dict[str, dict[int, Pin]] = {}
    for pin in pins:
        if pin.definition is None and several:
            raise InputError(
                f"{pin.place}: of which match definition is cluster {shorten(pin.cluster)}?",
                hint="Name it in a column 'definition', or choose one with --definition.",
            )
        if (pin.definition or definition) != definition:
            continue
        at = clusters.get(pin.cluster)
        if at is None:
            raise InputError(
                f"{pin.place}, column cluster_id: there is no cluster {shorten(pin.cluster)} of "
                f"'{definition}'.",
                hint="Clusters are named as in clusters.csv.",
            )
        if pin.attribute not in attributes:
            raise InputError(
                f"{pin.place}, column attribute: {shorten(pin.attribute)} is none that a golden "
                f"record of '{definition}' has, or one that is kept as offers or listed.",
                hint=nearest_hint(pin.attribute, attributes, "attributes"),
            )
        earlier = found.setdefault(pin.attribute, {}).setdefault(at, pin)
        if earlier.value != pin.value:
            raise InputError(
                f"{pin.place}: {pin.attribute} of {shorten(pin.cluster)} is pinned to "
                f"{shorten(pin.value)}, and in {earlier.place} to {shorten(earlier.value)}.",
                hint="Keep one of them.",
            )
    return found


def _rows(table: pa.Table) -> list[dict[str, str | None]]:
    rows: list[dict[str, str | None]] = table.to_pylist()
    return rows


def _pin(row: dict[str, str | None], place: str) -> Pin:
    for name in _NEEDED:
        if not row[name]:
            raise InputError(
                f"{place}, column {name}: the cell is empty.",
                hint="A pin names a cluster, an attribute and its value.",
            )
    cluster, attribute, value = (str(row[name]) for name in _NEEDED)
    who, why, definition = (row.get(name) for name in ("who", "why", "definition"))
    return Pin(cluster, attribute, value, who, why, definition, place)
