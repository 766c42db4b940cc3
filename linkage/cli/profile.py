"""What ``linkage profile`` does, once its arguments are parsed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.table import Table
from rich.text import Text

from linkage.cli.commands import set_up_messages
from linkage.cli.plain_console import PlainConsole
from linkage.cli.run_inputs import named_inputs
from linkage.cli.run_options import RunOptions
from linkage.cli.terminal_text import say
from linkage.io.destination.claims import claim_files
from linkage.io.file_content import name_of
from linkage.io.inputs import read_catalog
from linkage.io.output import plain_json, write_file, write_text
from linkage.io.profile import profile_table, suggest_toml
from linkage.io.reading import read_plain_table
from linkage.io.tables.shop_exports import complete_shop_export
from linkage.report.data.profile_data import profile_data
from linkage.report.page.profile_page import profile_page

__all__ = ["run_profile"]


def run_profile(
    catalog: Path,
    output: Path | None,
    html: Path | None,
    options: RunOptions,
    *,
    as_json: bool = False,
) -> None:
    """Print what each column of a catalog holds; write a configuration to edit, and a page."""
    set_up_messages(options)
    with claim_files(output, html, force=options.force, inputs=named_inputs(catalog=catalog)):
        _profile(catalog, output, html, options, as_json=as_json)


def _profile(
    catalog: Path, output: Path | None, html: Path | None, options: RunOptions, *, as_json: bool
) -> None:
    config = options.to_config()
    own = config.catalog
    title = name_of(catalog) if str(catalog) == "-" else catalog.name
    if own.id is None:
        table = read_plain_table(
            catalog, encoding=own.encoding, delimiter=own.delimiter, skip_rows=own.skip_rows
        )
        table = complete_shop_export(table, title, with_ids=True)
    else:
        table = read_catalog(catalog, config, own.id)
    profiles = profile_table(table, options.id_column)
    if html is not None or as_json:
        data = profile_data(table, title, profiles)
        if html is not None:
            write_file(html, write_text(profile_page(data)), force=options.force)
    if output is not None:
        write_file(output, write_text(suggest_toml(profiles)), force=options.force)
    if as_json:
        say(json.dumps(plain_json(data), indent=2, ensure_ascii=False))
        return
    shown = Table(title=f"{title}: {table.num_rows:,} rows", title_justify="left")
    for heading in ("column", "filled", "distinct", "kind", "because", "examples"):
        right = heading in ("filled", "distinct")
        shown.add_column(heading, justify="right" if right else "left", overflow="fold")
    for column in profiles:
        shown.add_row(
            Text(column.name),
            f"{column.fill_rate:.0%}",
            f"{column.distinct:,}",
            Text(column.kind.value if column.kind else "(id)"),
            Text(column.why),
            Text("; ".join(column.examples)),
        )
    # Wide enough for all columns where nobody looks at a terminal.
    PlainConsole(width=None if sys.stdout.isatty() else 160).print(shown)
    if all(column.kind is not None for column in profiles):
        say("No column looks like an id: a run numbers the rows, unless --id names one.")
    if output is not None:
        say(f"configuration to edit: {output}")
    if html is not None:
        say(f"page: {html}")
