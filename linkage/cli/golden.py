"""What ``linkage golden`` does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.table import Table

from linkage.cli.plain_console import PlainConsole
from linkage.cli.progress import StepDisplay
from linkage.cli.run_inputs import named_inputs
from linkage.cli.run_options import RunOptions
from linkage.cli.terminal_text import say
from linkage.config.authored import Config
from linkage.errors import ConfigError, nearest_hint
from linkage.evaluation.definitions import parse_truths
from linkage.golden.evaluation import AttributeAccuracy, evaluate_golden
from linkage.golden.exports.products import products
from linkage.golden.exports.shops import SHOPS, export_notes, export_writer, parents_and_children
from linkage.golden.folder import write_golden
from linkage.golden.golden import Golden, golden_records
from linkage.golden.pins import Pin, read_pins
from linkage.golden.source import GoldenSource
from linkage.io.csv_writer import unguarded
from linkage.io.destination.claims import claim_files, claim_folder
from linkage.io.destination.folder_kinds import GOLDEN
from linkage.io.destination.protected import Input
from linkage.io.output import plain_json, write_file
from linkage.io.reading import read_plain_table
from linkage.results.run_folder import RunFolder

__all__ = ["run_golden"]


def run_golden(
    folder: Path,
    options: RunOptions,
    *,
    output: Path | None,
    definition: str | None,
    pins: Path | None,
    shop: str | None,
    truths: list[str],
    catalogs: Sequence[Path],
    as_json: bool,
) -> None:
    """Put the clusters of a run together into golden records; write, export or evaluate them."""
    if shop is not None and shop not in SHOPS:
        raise ConfigError(
            f"--as must be one of {', '.join(SHOPS)}, got {shop!r}.",
            where="command line",
            hint=nearest_hint(shop, SHOPS, "shops"),
        )
    if output is None and (shop is not None or not truths):
        raise ConfigError("-o is missing: where does it go?", where="command line")
    truth_files = parse_truths(truths, definition)
    run = RunFolder.open(folder)
    read = [one["path"] for one in run.run.get("catalogs", ())]
    inputs = named_inputs(results=folder, configuration=options.config, pins=pins)
    inputs += [Input("catalog", Path(path)) for path in (*catalogs, *read) if path is not None]
    inputs += [Input("truth", path) for path in truth_files.values()]

    def make(names: Sequence[str] | None) -> tuple[GoldenSource, list[Golden]]:
        return _golden(run, options, names, pins, catalogs)

    names = None if definition is None else [definition]
    if shop is not None:
        assert output is not None
        with claim_files(output, force=options.force, inputs=inputs):
            source, _ = make([])
            parents, children = parents_and_children(source, definition)
            found = _of_definitions(source, list(dict.fromkeys((parents, children))), _pins(pins))
            made = products(found[0], found[-1])
            write_file(output, export_writer(made, shop), force=options.force)
        if not options.quiet:
            n = sum(len(one.children) for one in made)
            lines = [f"{len(made):,} products, {n:,} children: {output}", *export_notes(made, shop)]
            say("\n".join(lines))
    elif output is None:
        _, found = make(names)
    else:
        with claim_folder(output, force=options.force, kind=GOLDEN, inputs=inputs):
            source, found = make(names)
            account = {"results": str(folder), "golden": plain_json(source.golden)}
            write_golden(output, found, account, force=options.force, safe_csv=options.safe_csv)
        if not options.quiet:
            counts = [f"{one.definition}: {one.table.num_rows:,} golden records" for one in found]
            say("\n".join([*counts, f"golden records: {output}"]))
    if truth_files:
        _print_accuracy(_evaluated(found, truth_files, options), as_json=as_json)


def _golden(
    run: RunFolder,
    options: RunOptions,
    names: Sequence[str] | None,
    pins: Path | None,
    catalogs: Sequence[Path],
) -> tuple[GoldenSource, list[Golden]]:
    """The golden records of some definitions, of all if they are not named."""
    given = None if options.config is None else Config.from_toml(options.config)
    with StepDisplay(quiet=options.quiet, verbose=options.verbose) as display:
        display("read")
        config, _ = run.model()
        if given is not None:
            config = replace(config, golden=given.golden)
        clusters = run.frame("clusters")
        source = GoldenSource.of(
            run.catalogs(config, catalogs),
            clusters,
            clusters["id"].to_numpy(object),
            run.run,
            config,
        )
        with options.naming_the_file():
            wanted = source.definitions if names is None else list(names)
            return source, _of_definitions(source, wanted, _pins(pins))


def _of_definitions(
    source: GoldenSource, names: Sequence[str], pins: Sequence[Pin]
) -> list[Golden]:
    several = len(names) > 1
    return [golden_records(source, name, pins=pins, several=several) for name in names]


def _pins(path: Path | None) -> list[Pin]:
    return [] if path is None else read_pins(path)


def _evaluated(
    found: Sequence[Golden], truths: Mapping[str, Path], options: RunOptions
) -> dict[str, list[AttributeAccuracy]]:
    """The accuracy of the attributes, by match definition."""
    by_name = {one.definition: one for one in found}
    out = {}
    for name, path in truths.items():
        if not name and len(found) > 1:
            raise ConfigError(
                f"the run has several match definitions: {', '.join(by_name)}.",
                where="command line",
                hint=f"Name the one that the truth is of: --truth {found[0].definition}=FILE.",
            )
        golden = found[0] if not name else by_name.get(name)
        if golden is None:
            raise ConfigError(
                f"there are no golden records of a match definition '{name}'.",
                where="command line",
                hint=nearest_hint(name, by_name, "definitions"),
            )
        table = read_plain_table(path, encoding=options.encoding, id_columns=("id", "cluster_id"))
        out[golden.definition] = evaluate_golden(golden, unguarded(table, path), str(path))
    return out


def _print_accuracy(found: Mapping[str, Sequence[AttributeAccuracy]], *, as_json: bool) -> None:
    if as_json:
        plain: dict[str, Any] = {n: [one.to_dict() for one in rows] for n, rows in found.items()}
        say(json.dumps(plain_json(plain), indent=2, allow_nan=False))
        return
    for name, rows in found.items():
        shown = Table(title=f"{name}. Cells of golden records", title_justify="left")
        shown.add_column("attribute")
        for heading in ("true cells", "coverage", "accuracy"):
            shown.add_column(heading, justify="right")
        total = AttributeAccuracy(
            "all", *(sum(getattr(r, k) for r in rows) for k in ("cells", "covered", "correct"))
        )
        for row in (*rows, total):
            shares = [f"{s:.4f}" if s == s else "" for s in (row.coverage, row.accuracy)]
            shown.add_row(row.attribute, f"{row.cells:,}", *shares)
        PlainConsole().print(shown)
