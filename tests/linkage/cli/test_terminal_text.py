"""What cells hold is shown on a terminal, not obeyed by it."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from linkage.cli.app import app
from linkage.cli.plain_console import PlainConsole
from linkage.cli.terminal_text import MessageFormatter, escaped, say

#: Sequences that set a title, clear the screen, write over the line, ring, and turn directions.
ATTACKS = (
    "\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "\rnothing", "\x08\x08", "\x00", "\x7f",
    "\u202egpj", "\u2066x", "\ud800",
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_unsafe_signs_are_shown_as_json_has_them(attack: str) -> None:
    shown = escaped(f"a{attack}b")
    assert shown.isprintable()
    assert json.loads(f'"{shown}"') == f"a{attack}b"


def test_lines_and_all_scripts_stay() -> None:
    text = "a\tb\nč 日本 עברית العربية 👩‍👧 é"
    assert escaped(text) == text


@pytest.mark.parametrize("attack", ATTACKS)
def test_all_ways_to_print_escape(attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(attack, err=True)
    record = logging.LogRecord("linkage", logging.WARNING, "", 0, "%s", (attack,), None)
    told = capsys.readouterr().err + MessageFormatter("%(message)s").format(record)
    stream = io.StringIO()
    table = Table(title=Text(attack))
    table.add_column(attack)
    table.add_row(Text(f"{attack}{'long ' * 30}", style="red"))
    PlainConsole(file=stream, force_terminal=True, width=60).print(table, attack)
    printed = stream.getvalue()
    assert "\x1b[31m" in printed, "colours of its own stay"
    printed = re.sub(r"\x1b\[[\d;]+m", "", printed)
    for text in (told, printed):
        assert all(sign.isprintable() or sign == "\n" for sign in text)


def catalog(folder: Path, attack: str) -> Path:
    path = folder / "catalog.csv"
    titles = [f"kettle {attack} {k // 2}" for k in range(12)]
    frame = pd.DataFrame({"id": [f"{attack}{k}" for k in range(12)], f"title{attack}": titles})
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("attack", ["\x1b]0;title\x07", "\x9b31m\x1b[2J"])
@pytest.mark.parametrize(
    "command",
    [
        lambda path: ["profile", str(path)],
        lambda path: ["profile", str(path), "--json"],
        lambda path: ["dedupe", str(path), "--id", "title", "-o", str(path.parent / "out")],
        lambda path: ["dedupe", str(path), "--ignore", "none", "-o", str(path.parent / "out")],
    ],
    ids=["profile", "json", "error of ids", "error of columns"],
)
def test_commands_print_nothing_unsafe(
    tmp_path: Path, attack: str, command: Callable[[Path], list[str]]
) -> None:
    from linkage.errors import LinkageError

    done = CliRunner().invoke(app, command(catalog(tmp_path, attack)))
    printed = done.output
    if isinstance(done.exception, LinkageError):  # as `main` prints it
        printed += escaped(f"error: {done.exception}")
    assert all(sign.isprintable() or sign == "\n" for sign in printed)
    assert "\\u" in printed
