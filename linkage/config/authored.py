"""The configuration as its author writes it, in TOML or in Python.

It is validated whole: a :class:`~linkage.errors.ConfigError` lists every fault at once. What it
means for a given table (columns found, ``auto`` decided) is resolved in
:mod:`linkage.config.resolved`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Self

from features.kinds import Kind, parse_kind
from linkage.config.golden import GoldenConfig
from linkage.config.match_definition import MatchDefinition, Rule, is_concept
from linkage.config.memory_size import parse_memory
from linkage.config.schema import LABEL_FILES, OWN_TRAINING, check
from linkage.config.toml_reader import read_toml
from linkage.config.toml_writer import to_toml
from linkage.errors import ConfigError, nearest_hint

__all__ = [
    "BlockingConfig",
    "CatalogConfig",
    "Config",
    "EmbeddingConfig",
    "GoldenConfig",
    "LimitsConfig",
    "LinkageConfig",
    "MatchDefinition",
    "Rule",
    "TrainingConfig",
]


@dataclass(frozen=True)
class CatalogConfig:
    """What the columns of the catalog are, apart from its attributes."""

    # The column named "id", if there is one; otherwise one that holds ids, or the rows' numbers.
    id: str | None = None
    # Most catalogs have no column that names the seller or feed.
    source: str | None = None
    # UTF-8, the only encoding that can be recognised when it is wrong.
    encoding: str | None = None
    # Of a CSV file; both are found out by its first lines.
    delimiter: str | None = None
    skip_rows: int | None = None
    # Sources do repeat offers, so that two rows of one may match unless the user rules it out.
    distinct_sources: bool = False
    images: str | None = None  # Paths of images start from the folder of the catalog's file.
    right_id: str | None = None  # Of two tables: the right one's ids are named as the left one's.
    right: dict[str, str] | None = None  # Columns, right = left: found by name and content.

    @property
    def ids(self) -> tuple[str | None, str | None]:
        """The columns of ids of the left and of the right table, None where they are found out."""
        return self.id, self.right_id or self.id


@dataclass(frozen=True)
class BlockingConfig:
    """Which pairs are compared."""

    # 20 a record, widened where further neighbours still score as matches.
    candidates: str | int = "auto"
    # Nothing is refused unless the user says what may be lost.
    recall_floor: float | None = None


@dataclass(frozen=True)
class TrainingConfig:
    """Labels, and what the threshold aims at."""

    # Without labels the engine learns without supervision.
    labels: str | None = None
    # Labels that only choose the threshold. Without them held-out folds of the labels do.
    validation: str | None = None
    # Boosters trained on each fold, with different random seeds: steadier scores for more time.
    # The five folds are averaged already; three seeds did not raise F1 on the benchmarks.
    seeds: int = 1
    # Neither precision nor recall: the threshold of best F1, which favours no kind of error.
    precision: float | None = None
    recall: float | None = None
    # Synonyms raise F1, and are learned only where pairs of the catalog show them.
    synonyms: bool = True
    context: bool = True  # Features that compare a pair with other candidates raise F1.


@dataclass(frozen=True)
class LimitsConfig:
    """What a run may use, and how large a cluster may grow."""

    # Hardly a product has more offers; larger clusters are most likely merged by mistake.
    max_cluster_size: int = 500
    # Half the memory of a common laptop of 16 GB.
    memory: str | int = "8GB"

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        return parse_memory(self.memory)


@dataclass(frozen=True)
class EmbeddingConfig:
    """Which model turns text into vectors."""

    # Chosen by quality: static for fast, minilm above.
    model: str = "auto"


@dataclass(frozen=True)
class LinkageConfig:
    """How two tables are linked."""

    # One-to-one assignment only where the scores show that both tables list products once.
    one_to_one: str = "auto"


_SECTION_TYPES: dict[str, type[Any]] = {
    "catalog": CatalogConfig,
    "blocking": BlockingConfig,
    "training": TrainingConfig,
    "limits": LimitsConfig,
    "embedding": EmbeddingConfig,
    "linkage": LinkageConfig,
    "golden": GoldenConfig,
}


def _default_match() -> dict[str, MatchDefinition]:
    # The same sellable product: what a catalog is deduplicated for, unless the user says more.
    return {"exact": MatchDefinition("exact")}


@dataclass(frozen=True)
class Config:
    """A whole configuration; every part has a default.

    Sections may be given as their classes or as plain dicts.

    Attributes:
        catalog: What the columns are, apart from attributes.
        attributes: Column = kind; columns left out are not compared. Empty: kinds are inferred.
        match: The match definitions by name; ``exact`` alone if none is given.
        blocking: Which pairs are compared.
        training: Labels, and what the threshold aims at.
        limits: Memory, and how large a cluster may grow.
        embedding: Which model turns text into vectors.
        linkage: How two tables are linked.
        golden: How golden records are put together.
        quality: ``auto``, ``fast``, ``balanced`` or ``best``: which families of evidence to use.
        seed: Of every random choice.
        threads: How many; None for all cores.

    Raises:
        ConfigError: With every fault listed.

    Example:
        >>> config = Config(match={"variant": {"ignore": ["color", "size"]}})
        >>> config.match["variant"].ignore
        ('color', 'size')

    """

    catalog: CatalogConfig = field(default_factory=CatalogConfig)
    attributes: dict[str, Kind] = field(default_factory=dict)
    match: dict[str, MatchDefinition] = field(default_factory=_default_match)
    blocking: BlockingConfig = field(default_factory=BlockingConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    embedding: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    linkage: LinkageConfig = field(default_factory=LinkageConfig)
    golden: GoldenConfig = field(default_factory=GoldenConfig)
    # Balanced up to 50,000 records, where it takes a minute or two; fast above.
    quality: str = "auto"
    # Any number does; a fixed one makes runs repeat.
    seed: int = 0
    # All cores: a run is usually the only one on its machine.
    threads: int | None = None

    def __post_init__(self) -> None:
        for entry in fields(self):
            if getattr(self, entry.name) is None and entry.default is not None:
                usual = entry.default if entry.default is not MISSING else entry.default_factory()  # type: ignore[misc, operator]
                object.__setattr__(self, entry.name, usual)
        plain = self.to_dict()
        faults = check(plain)
        if faults:
            raise ConfigError(faults)
        for name, value in _build(plain).items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], *, where: str = "configuration") -> Self:
        """Build a configuration from nested plain values, as TOML gives them.

        Args:
            raw: The sections; absent ones have their defaults.
            where: What messages call it.

        Returns:
            The configuration.

        Raises:
            ConfigError: With every fault listed.

        """
        faults = check(raw)
        if faults:
            raise ConfigError(faults, where=where)
        return cls(**_build(raw))

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a configuration file.

        Args:
            path: A TOML file; files and folders named in it are relative to its own folder.

        Returns:
            The configuration.

        Raises:
            ConfigError: If it cannot be read, or with every fault listed.

        """
        path = Path(path)
        raw = read_toml(path)
        config = cls.from_dict(raw, where=str(path))
        named = (("training", "labels"), ("training", "validation"), ("catalog", "images"))
        for section, key in named:
            if getattr(getattr(config, section), key) is not None:
                raw[section][key] = str(path.parent / raw[section][key])
        for table in raw.get("match", {}).values():
            table.update({k: str(path.parent / table[k]) for k in LABEL_FILES if k in table})
        return cls.from_dict(raw, where=str(path))

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as nested plain values; :meth:`from_dict` reads them back."""
        plain = {entry.name: _plain(getattr(self, entry.name)) for entry in fields(self)}
        return {name: value for name, value in plain.items() if value not in (None, {})}

    def to_toml(self) -> str:
        """Return the configuration as TOML; :meth:`from_toml` reads it back."""
        return to_toml(self.to_dict())

    def column_faults(self, columns: Iterable[str]) -> list[str]:
        """Return one sentence for each configured column that the tables lack.

        Args:
            columns: The columns the tables have.

        Returns:
            The faults, each with its dotted path and the nearest column; empty if all is well.

        """
        present = list(columns)
        return [
            f"{path}: the catalog has no column '{name}'. " + nearest_hint(name, present, "columns")
            for path, name in self.named_columns()
            if name not in present and not (path.endswith(".ignore") and is_concept(name, present))
        ]

    def named_columns(self) -> list[tuple[str, str]]:
        """Return the columns that the configuration names: dotted path of the place, and name.

        Those of the right table alone (``catalog.right``) are left out.
        """
        named: list[tuple[str, str]] = []
        for key in ("id", "source"):
            if getattr(self.catalog, key) is not None:
                named.append((f"catalog.{key}", getattr(self.catalog, key)))
        named += [(f"attributes.{_key(name)}", name) for name in self.attributes]
        for definition in self.match.values():
            path = f"match.{definition.name}"
            named += [(f"{path}.ignore", name) for name in definition.ignore]
            for verb, rules in (("must", definition.must), ("cannot", definition.cannot)):
                named += [(f"{path}.{verb}", rule.column) for rule in rules]
        return named + self.golden.named_columns()

    def check_columns(self, columns: Iterable[str]) -> None:
        """Refuse a configuration that names columns the tables lack.

        Args:
            columns: The columns the tables have.

        Raises:
            ConfigError: With every such column listed, and the nearest one there is.

        """
        faults = self.column_faults(columns)
        if faults:
            raise ConfigError(faults)


def _build(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Turn checked plain values into the values of Config's fields."""
    built: dict[str, Any] = {
        name: kind(**raw[name]) for name, kind in _SECTION_TYPES.items() if name in raw
    }
    attributes = raw.get("attributes", {})
    built["attributes"] = {name: parse_kind(str(kind)) for name, kind in attributes.items()}
    definitions = {
        name: MatchDefinition(
            name=name,
            ignore=tuple(table.get("ignore", ())),
            ignore_text=tuple(table.get("ignore_text", ())),
            must=_rules(table.get("must", ()), "equal"),
            cannot=_rules(table.get("cannot", ()), "differ"),
            **{key: table[key] for key in (*OWN_TRAINING, "output") if key in table},
        )
        for name, table in raw.get("match", {}).items()
    }
    built["match"] = definitions or _default_match()
    built.update({name: raw[name] for name in ("quality", "seed", "threads") if name in raw})
    one_to_one = raw.get("linkage", {}).get("one_to_one")
    if isinstance(one_to_one, bool):
        built["linkage"] = LinkageConfig("yes" if one_to_one else "no")
    return built


def _rules(tables: Iterable[Mapping[str, str]], usual: str) -> tuple[Rule, ...]:
    return tuple(Rule(table["column"], table.get("when", usual)) for table in tables)


def _plain(value: Any) -> Any:
    if isinstance(value, MatchDefinition):
        own = {name: getattr(value, name) for name in OWN_TRAINING}
        plain = value.lists() | {name: item for name, item in own.items() if item is not None}
        return plain if value.output else plain | {"output": False}
    if is_dataclass(value):
        parts = {entry.name: getattr(value, entry.name) for entry in fields(value)}
        return {name: _plain(part) for name, part in parts.items() if part is not None}
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Kind):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _key(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'
