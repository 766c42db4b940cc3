"""The command that compiles kernels ahead of the first run."""

from __future__ import annotations

import subprocess
from typing import Any

import pyarrow as pa
import pytest

from features.values.identifiers import parse_identifiers
from linkage.cli import warm_up
from linkage.errors import LinkageError


def test_offers_have_what_catalogs_have() -> None:
    offers = warm_up.made_up_offers(500, seed=3)
    assert len({one["id"] for one in offers}) == len(offers) == 500
    numbers = parse_identifiers(pa.array([one["gtin"] or None for one in offers], pa.string()))
    known = numbers.code >= 0
    assert 0.5 < known.mean() < 0.9
    assert numbers.is_gtin[numbers.code[known]].all(), "with a right check digit"
    assert len({one["gtin"] for one in offers if one["gtin"]}) < known.sum(), "of several sellers"


def test_each_kind_of_run_is_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command[3:])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(warm_up.subprocess, "run", run)
    warm_up.run_warm_up(threads=2)
    assert sorted(command[0] for command in commands) == ["dedupe", "dedupe", "dedupe", "link"]
    assert sum("fast" in command for command in commands) == 2
    assert "kernels are compiled" in capsys.readouterr().out


def test_a_run_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "error: no space left")
    monkeypatch.setattr(warm_up.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(LinkageError, match="no space left"):
        warm_up.run_warm_up(threads=1)
