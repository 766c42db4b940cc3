"""The configuration resolved for given records: columns found, every ``auto`` decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from features.kinds import Kind
from features.records import Records
from linkage.config.authored import Config, MatchDefinition
from linkage.errors import ConfigError
from linkage.runtime import available_threads

__all__ = ["ResolvedConfig", "resolve_config", "resolve_quality"]

#: Records up to which ``auto`` is ``balanced``, which then takes a minute or two. For a hundred
#: thousand rows it takes three minutes, and ``fast`` twenty seconds.
_BALANCED_RECORDS = 50_000


@dataclass(frozen=True)
class ResolvedConfig:
    """The configuration that a run follows.

    Attributes:
        authored: The configuration it follows from.
        id_column: The column of ids.
        source_column: The column of sources, if there is one.
        attributes: The compared columns with their kinds.
        match: The match definitions, strictest (the least ignored) first.
        quality: ``fast``, ``balanced`` or ``best``.
        threads: How many.
        memory_bytes: The memory limit.

    """

    authored: Config
    id_column: str
    source_column: str | None
    attributes: dict[str, Kind]
    match: tuple[MatchDefinition, ...]
    quality: str
    threads: int
    memory_bytes: int

    @property
    def written(self) -> tuple[MatchDefinition, ...]:
        """The match definitions whose results are written, strictest first."""
        return tuple(definition for definition in self.match if definition.output)

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration in the authored structure, with every ``auto`` replaced."""
        plain = self.authored.to_dict()
        plain["catalog"] = {**plain.get("catalog", {}), "id": self.id_column}
        plain["attributes"] = {name: kind.value for name, kind in self.attributes.items()}
        plain["quality"] = self.quality
        plain["threads"] = self.threads
        plain["limits"] = {**plain["limits"], "memory": self.memory_bytes}
        return plain


def resolve_config(config: Config, records: Records) -> ResolvedConfig:
    """Return the configuration resolved for given records.

    Args:
        config: As authored.
        records: The records, with the kinds of their attributes.

    Returns:
        The configuration that a run follows.

    Raises:
        ConfigError: With every configured column that the records lack, and every definition
            that ignores all there is to compare.

    """
    faults = config.column_faults(records.table.column_names)
    for definition in config.match.values():
        if set(records.kinds) <= set(definition.ignore):
            faults.append(
                f"match.{definition.name}.ignore: ignoring {', '.join(definition.ignore)} leaves "
                f"nothing to compare; the attributes are {', '.join(records.kinds)}."
            )
    if faults:
        raise ConfigError(faults)
    columns = records.table.column_names
    definitions = [definition.resolved(columns) for definition in config.match.values()]
    definitions.sort(key=lambda definition: len(definition.ignores))
    return ResolvedConfig(
        authored=config,
        id_column=config.catalog.id or "id",
        source_column=config.catalog.source,
        attributes=dict(records.kinds),
        match=tuple(definitions),
        quality=resolve_quality(config.quality, records.n),
        threads=config.threads or available_threads(),
        memory_bytes=config.limits.memory_bytes,
    )


def resolve_quality(quality: str, n_records: int) -> str:
    """Return ``fast``, ``balanced`` or ``best``, with ``auto`` decided by the number of records."""
    if quality != "auto":
        return quality
    return "balanced" if n_records <= _BALANCED_RECORDS else "fast"
