"""Every command of the page on match definitions runs, and writes what the page shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from linkage.cli import app as cli
from linkage.evaluation.metrics import evaluate_clusters

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "match-definitions.md"
ROWS = "400"


def blocks() -> Iterator[tuple[str, str, str]]:
    """Language, content and the line before each code block of the page."""
    text = PAGE.read_text(encoding="utf-8")
    for match in re.finditer(r"([^\n]*)\n\n```(\w*)\n(.*?)```", text, re.DOTALL):
        yield match[2], match[3], match[1]


def run(command: str) -> None:
    words = shlex.split(command)
    if words[0] == "scripts/make_catalog.py":
        words[words.index("--rows") + 1] = ROWS
        subprocess.run([sys.executable, str(ROOT / words[0]), *words[1:]], check=True)
        return
    assert words[0] == "linkage", command
    quick = ["--quality", "fast"] if words[1] in ("dedupe", "group") else []
    with pytest.raises(SystemExit) as caught:
        cli.main([*words[1:], *quick])
    assert not caught.value.code, command


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which all commands of the page were run, in its order."""
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for language, content, before in blocks():
            if language == "toml":
                (name,) = re.findall(r"`([\w.]+\.toml)`", before)
                Path(name).write_text(content, encoding="utf-8")
            elif language == "sh":
                for command in content.strip().splitlines():
                    run(command)
            elif language == "python":
                exec(compile(content, str(PAGE), "exec"), {})
    return folder


def test_the_page_has_its_examples() -> None:
    languages = [language for language, _, _ in blocks()]
    assert languages.count("toml") == 3
    assert languages.count("sh") >= 5
    assert "python" in languages


def test_files_have_the_columns_that_the_page_shows(ran: Path) -> None:
    shown = [c.splitlines()[0] for language, c, _ in blocks() if language == "csv"]
    headers = {
        (ran / folder / name).read_text(encoding="utf-8").splitlines()[0]
        for folder in ("output", "groups", "ruled")
        for name in ("clusters.csv", "groups.csv")
    }
    assert shown
    assert set(shown) <= headers


@pytest.mark.parametrize("folder", ["output", "ruled"])
def test_clusters_of_both_definitions_nest(ran: Path, folder: str) -> None:
    clusters = pd.read_csv(ran / folder / "clusters.csv", dtype=str)
    assert (clusters.groupby("exact_id")["variant_id"].nunique() == 1).all()
    assert clusters["variant_id"].nunique() < clusters["exact_id"].nunique() < len(clusters)
    groups = pd.read_csv(ran / folder / "groups.csv", dtype=str)
    assert set(groups["definition"]) == {"variant"}
    assert "colour x size" in set(groups["theme"])
    same = pd.read_parquet(ran / folder / "groups.parquet")
    assert same["theme"].tolist() == groups["theme"].fillna("").tolist()


def test_the_rules_of_the_page_hold_and_help(ran: Path) -> None:
    offers = pd.read_csv(ran / "shop" / "catalog.csv", dtype=str)
    ruled = pd.read_csv(ran / "ruled" / "clusters.csv", dtype=str).merge(offers, on="id")
    assert not ruled.duplicated(["exact_id", "seller"]).any()
    known = ruled[ruled["mpn"].notna()].assign(mpn=ruled["mpn"].str.replace("-", "").str.lower())
    assert (known.groupby("exact_id")["mpn"].nunique() == 1).all()
    assert (known.groupby("mpn")["variant_id"].nunique() == 1).all()
    plain = pd.read_csv(ran / "output" / "clusters.csv", dtype=str)
    for name, file in (("exact", "truth.csv"), ("variant", "truth_variant.csv")):
        truth = pd.read_csv(ran / "shop" / file, dtype=str).set_index("id")["entity_id"]
        with_rules, without = (
            evaluate_clusters(frame[f"{name}_id"], truth[frame["id"]]).pairwise.f1
            for frame in (ruled, plain)
        )
        assert with_rules >= without - 0.01
