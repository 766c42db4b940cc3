"""The options that commands share, and the configuration that follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkage.errors import ConfigError, nearest_hint

if TYPE_CHECKING:
    from linkage.config.authored import Config

__all__ = ["RunOptions"]


_TASK, _INPUT, _RUN = "What to find", "Input", "Run"  # panels of --help


@dataclass(frozen=True)
class RunOptions:
    """The options that several commands share; None, False or empty where not given.

    A field is the one declaration of its option: :func:`linkage.cli.shared_options.shared_options`
    adds it to the signature of a command. The order of the fields is that of ``--help``.
    """

    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="TOML.", rich_help_panel=_TASK),
    ] = None
    labels: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FILE",
            help="Pairs (left_id, right_id, label), groups (labeling_set_id, label) or clusters "
            "(id, cluster_id) to learn from; of the strictest match definition, or of the one "
            "named; may be repeated.",
            rich_help_panel=_TASK,
        ),
    ] = None
    validation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FILE",
            help="More labels, not learned from, that choose the threshold.",
            rich_help_panel=_TASK,
        ),
    ] = None
    model: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Use a trained model.", rich_help_panel=_TASK),
    ] = None
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Also find variants: rows that match once this column is ignored, or colour, "
            "size or quantity that only titles state; may be repeated.",
            rich_help_panel=_TASK,
        ),
    ] = None
    precision: Annotated[
        float | None,
        typer.Option(metavar="P", help="Aim at this precision.", rich_help_panel=_TASK),
    ] = None
    recall: Annotated[
        float | None,
        typer.Option(metavar="R", help="Aim at this recall.", rich_help_panel=_TASK),
    ] = None
    id_column: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help='Unique ids ("id").', rich_help_panel=_INPUT),
    ] = None
    right_id: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Unique ids of the right table (those of --id).",
            rich_help_panel=_INPUT,
        ),
    ] = None
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help='Of text files ("utf-8").', rich_help_panel=_INPUT),
    ] = None
    delimiter: Annotated[
        str | None,
        typer.Option(
            metavar="SIGN", help="Of CSV catalogs (, ; | tab; found out).", rich_help_panel=_INPUT
        ),
    ] = None
    skip_rows: Annotated[
        int | None,
        typer.Option(metavar="N", help="Lines before their header.", rich_help_panel=_INPUT),
    ] = None
    quality: Annotated[
        str | None,
        typer.Option(
            metavar="auto|fast|balanced|best", help="Evidence used.", rich_help_panel=_RUN
        ),
    ] = None
    seed: Annotated[int | None, typer.Option(metavar="N", rich_help_panel=_RUN)] = None
    threads: Annotated[
        int | None, typer.Option(metavar="N", help="All cores if not given.", rich_help_panel=_RUN)
    ] = None
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="State of the catalog: ids of clusters last, decisions hold; made if new.",
            rich_help_panel=_RUN,
        ),
    ] = None
    force: Annotated[
        bool, typer.Option("--force", help="Replace earlier results.", rich_help_panel=_RUN)
    ] = False
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on where a killed run with this output was; keep its stages for the next.",
            rich_help_panel=_RUN,
        ),
    ] = False
    with_columns: Annotated[
        bool,
        typer.Option(
            "--with-columns", help="The catalog's columns in clusters.csv.", rich_help_panel=_RUN
        ),
    ] = False
    safe_csv: Annotated[
        bool,
        typer.Option(
            "--safe-csv",
            help="An apostrophe before cells of CSV files that spreadsheets may run as formulas.",
            rich_help_panel=_RUN,
        ),
    ] = False
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Without report.html.", rich_help_panel=_RUN)
    ] = False
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only errors.", rich_help_panel=_RUN)
    ] = False
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every step.", rich_help_panel=_RUN)
    ] = False
    debug: Annotated[
        bool, typer.Option("--debug", help="Tracebacks for errors.", rich_help_panel=_RUN)
    ] = False

    def to_config(self, *, only_groups: bool = False) -> Config:
        """Return the configuration of the file, if there is one, overruled by the options.

        Args:
            only_groups: Whether only definitions that ignore something are written: those of the
                file, and the one of ``--ignore``. The others are answered inside.

        Returns:
            The configuration.

        Raises:
            ConfigError: With every fault listed.

        """
        from linkage.config.authored import Config

        authored = Config.from_toml(self.config) if self.config else Config()
        return self.over(authored, only_groups=only_groups)

    @contextmanager
    def naming_the_file(self) -> Iterator[None]:
        """Let faults of a configuration that only the tables show name its file, if it has one."""
        try:
            yield
        except ConfigError as error:
            if self.config is None or error.where != "configuration":
                raise
            raise ConfigError(error.faults, where=str(self.config), hint=error.hint) from error

    def over(self, authored: Config, *, only_groups: bool = False) -> Config:
        """Return a configuration with the values that options give in place of its own."""
        from linkage.config.authored import Config

        raw = authored.to_dict()
        if self.precision is not None or self.recall is not None:
            # The two aims exclude each other, so that one on the command line replaces both.
            raw["training"] = {
                name: value
                for name, value in raw.get("training", {}).items()
                if name not in ("precision", "recall")
            }
        overrules: dict[str, dict[str, Any]] = {
            "catalog": {
                "id": self.id_column,
                "right_id": self.right_id,
                "encoding": self.encoding,
                "delimiter": self.delimiter,
                "skip_rows": self.skip_rows,
            },
            "training": {
                "precision": self.precision,
                "recall": self.recall,
            },
        }
        for section, values in overrules.items():
            given = {name: value for name, value in values.items() if value is not None}
            if given:
                raw[section] = {**raw.get(section, {}), **given}
        for name in ("seed", "threads", "quality"):
            if getattr(self, name) is not None:
                raw[name] = getattr(self, name)
        own = raw["match"]
        if self.ignore:
            variant = {**own.get("variant", {}), "ignore": list(self.ignore)}
            raw["match"] = {**own, "variant": variant}
        if only_groups:
            # A model answers what it was trained for.
            _write_groups_only(raw, own, with_exact=self.model is None)
        self._add_labels(raw)
        return Config.from_dict(raw, where="command line" if not self.config else str(self.config))

    def _add_labels(self, raw: dict[str, Any]) -> None:
        """Put the files of labels into a plain configuration, in place of those it names."""
        for key, given in (("labels", self.labels), ("validation", self.validation)):
            for text in given or ():
                name, file = _named_file(text)
                matches = raw.setdefault("match", {"exact": {}})
                # Files of the strictest definition may stand in [training] or in its own table.
                first = _strictest(matches)
                if name is not None and name not in matches:
                    raise ConfigError(
                        f"--{key} {text}: there is no match definition '{name}'.",
                        where="command line",
                        hint=nearest_hint(name, matches, "definitions"),
                    )
                if name in (None, first):
                    matches[first] = {k: v for k, v in matches[first].items() if k != key}
                    raw["training"] = {**raw.get("training", {}), key: file}
                else:
                    matches[name] = {**matches[name], key: file}

    def refuse_with_model(self) -> None:
        """Refuse options whose values a trained model already fixes.

        Raises:
            ConfigError: If there is a model and one of them.

        """
        fixed = {
            "--config": self.config,
            "--labels": self.labels,
            "--validation": self.validation,
            "--ignore": self.ignore,
            "--quality": self.quality,
            "--precision": self.precision,
            "--recall": self.recall,
        }
        given = [name for name, value in fixed.items() if value not in (None, [])]
        if self.model is not None and given:
            raise ConfigError(
                f"{', '.join(given)} cannot go with --model: the model was trained with its own.",
                where="command line",
                hint="Leave it out, or train another model.",
            )


def _write_groups_only(
    raw: dict[str, Any], own: Mapping[str, Mapping[str, Any]], *, with_exact: bool
) -> None:
    """Have only what ignores something written, in a plain configuration.

    Groups begin with the records that match in everything, and what tells these apart is what
    groups are learned from best.

    Args:
        raw: The configuration, with the definition of ``--ignore``.
        own: The definitions that its author named.
        with_exact: Whether one that ignores nothing is added where there is none.

    """
    from linkage.config.schema import LABEL_FILES

    looser = {name for name, table in raw["match"].items() if _ignored(table)}
    if not looser:
        raise ConfigError(
            "nothing is ignored, so that there are no variants to group.",
            where="command line",
            hint="Give --ignore COLUMN, such as --ignore color --ignore size, or a [match.NAME]"
            " with ignore or ignore_text in the configuration.",
        )
    first = _strictest(own)
    if looser & own.keys() and first not in looser:
        # Plain labels are of the strictest definition of those that the author named.
        training = raw.get("training", {})
        files = {key: training.pop(key) for key in LABEL_FILES if key in training}
        raw["match"][first] = {**files, **raw["match"][first]}
    if with_exact and looser == raw["match"].keys() and "exact" not in looser:
        raw["match"]["exact"] = {}
    raw["match"] = {
        name: table if name in looser else {**table, "output": False}
        for name, table in raw["match"].items()
    }


def _ignored(table: Mapping[str, Any]) -> int:
    """Return how much a match definition ignores."""
    return len(table.get("ignore", ())) + len(table.get("ignore_text", ()))


def _strictest(matches: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of the definition written that ignores least."""
    written = [name for name, table in matches.items() if table.get("output", True)]
    return min(written, key=lambda name: _ignored(matches[name]))


def _named_file(text: str) -> tuple[str | None, str]:
    """Split ``NAME=FILE``; an existing file whose name contains ``=`` is taken as a file."""
    name, sign, file = text.partition("=")
    if not sign or not name.isidentifier() or Path(text).exists():
        return None, text
    return name, file
