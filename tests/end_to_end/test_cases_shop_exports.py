"""Whole commands over a shop's product export and over a table without ids."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from typer.testing import CliRunner

from linkage.cli.app import app

NAMES = ("Lake Hoodie", "Pier Tee", "Dune Skirt", "Reef Jacket", "Cove Dress", "Tide Vest")


def export(folder: Path) -> Path:
    """Products of six variants, one of them listed under two handles, and rows of pictures."""
    rows = []
    for number, name in enumerate([*NAMES, NAMES[0]]):
        handle = f"{name.lower().replace(' ', '-')}-{number}"
        common = {"Title": name, "Body (HTML)": f"<p>{name} of cotton.</p>", "Vendor": "Shore"}
        for k, (size, colour) in enumerate((s, c) for s in "SML" for c in ("Navy", "Grey")):
            barcode = f"'40012345{number % len(NAMES):02d}{k:03d}"
            own = {"Option1 Value": size, "Option2 Value": colour, "Variant Barcode": barcode}
            rows.append({"Handle": handle, **own, "Variant Price": "20.00"})
            if k == 0:
                rows[-1] |= common
        rows.append({"Handle": handle, "Image Src": "https://cdn.example/x.jpg"})
    path = folder / "export.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_variants_of_a_handle_are_different_offers(tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = run("dedupe", export(tmp_path), "-o", out)
    assert "note: " in said
    assert "7 of its 49 rows are no offers" in said
    clusters = pd.read_csv(out / "clusters.csv", dtype=str)
    assert len(clusters) == 7 * 6
    handle = clusters["id"].str.split("/").str[0]
    assert not pd.DataFrame({"h": handle, "c": clusters["cluster_id"]}).duplicated().any()
    notes = json.loads((out / "run.json").read_text())["notes"]
    assert any("The ids are made of Handle" in note for note in notes)
    assert "7 of its 49 rows are no offers" in (out / "report.html").read_text(encoding="utf-8")
    same = run("explain", out, "lake-hoodie-0/S/Navy", "lake-hoodie-0/M/Navy")
    assert "cannot Handle equal" in " ".join(same.split()), "the export is read again as it was"


def test_rows_without_ids_are_numbered(tmp_path: Path) -> None:
    titles = [f"{name} {k}" for name in NAMES for k in range(4)]
    path = tmp_path / "offers.csv"
    pd.DataFrame({"title": [*titles, titles[0]], "price": "9.50"}).to_csv(path, index=False)
    out = tmp_path / "out"
    said = run("dedupe", path, "-o", out, "--quality", "fast")
    assert "the rows are numbered from 1 as their ids" in " ".join(said.split())
    clusters = pd.read_csv(out / "clusters.csv", dtype=str)
    assert clusters["id"].tolist() == [str(k + 1) for k in range(len(titles) + 1)]
