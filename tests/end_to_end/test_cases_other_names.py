"""Whole commands over two tables whose columns have other names."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from linkage import Config, Linker
from linkage.cli.app import app
from linkage.errors import InputError

BRANDS = "Arbequa Belloro Cornelo Dalmiro Estrava Fontane".split()
LINES = "Classic Fresh Gold Premium Pure Nature".split()
GOODS = {
    "Shampoo": "Shampoo", "Orange Juice": "Orangensaft", "Almond Drink": "Mandeldrink",
    "Ginger Ale": "Ginger Ale", "Green Tea": "Grüner Tee",
}  # fmt: skip


def tables(rows: int = 60) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Our offers, and theirs of two thirds of them: short titles, half German, other prices."""
    rng = np.random.default_rng(1)
    every = [(b, li, g) for b in BRANDS for li in LINES for g in GOODS]
    chosen = [every[k] for k in rng.permutation(len(every))[:rows]]
    prices = rng.lognormal(2.5, 0.8, rows)
    ours = pd.DataFrame(
        {
            "id": [f"L{k}" for k in range(rows)],
            "title": [f"{b} {li} {g} 250 ml" for b, li, g in chosen],
            "brand": [b for b, _, _ in chosen],
            "price": [f"{price:.2f}" for price in prices],
            "gtin": [f"40012345{13 * k:05d}" for k in range(rows)],
        }
    )
    theirs = pd.DataFrame(
        {
            "id": [f"R{k}" for k in range(rows)],
            "title": [f"{GOODS[g]} {li}" for _, li, g in chosen],
            "price": [f"{1.1 * price:.2f}".replace(".", ",") for price in prices],
            "gtin": ours["gtin"],
        }
    )
    return ours, theirs.iloc[: 2 * rows // 3]


def linked(folder: Path, theirs: pd.DataFrame, *options: str) -> tuple[str, pd.DataFrame]:
    """What the command prints, and the true pairs that share a cluster."""
    ours, _ = tables()
    ours.to_csv(folder / "ours.csv", index=False)
    theirs.to_csv(folder / "theirs.csv", index=False)
    files = [str(folder / name) for name in ("ours.csv", "theirs.csv", "out")]
    done = CliRunner().invoke(app, ["link", *files[:2], "-o", files[2], *options])
    assert done.exit_code == 0, done.output
    clusters = pd.read_csv(folder / "out" / "clusters.csv", dtype=str)
    left, right = (clusters[clusters["source"] == side] for side in ("left", "right"))
    pairs = left.merge(right, on="cluster_id")
    return done.output, pairs[pairs["id_x"].str[1:] == pairs["id_y"].str[1:]]


@pytest.mark.parametrize(
    ("names", "note"),
    [
        ({"gtin": "GTIN", "title": "Title"}, "matched by name: Title = title, GTIN = gtin"),
        ({"gtin": "EAN", "title": "Bezeichnung", "price": "VK Preis"}, "EAN = gtin"),
        ({"gtin": "kod", "title": "nazwa", "price": "cena"}, "kod = gtin"),
    ],
    ids=["capitals", "German", "Polish"],
)
def test_columns_of_other_names(tmp_path: Path, names: dict[str, str], note: str) -> None:
    _, theirs = tables()
    said, pairs = linked(tmp_path, theirs.rename(columns=names))
    assert note in " ".join(said.split())
    assert len(pairs) == len(theirs)
    account = json.loads((tmp_path / "out" / "run.json").read_text())
    assert any(note in one for one in account["notes"])
    done = CliRunner().invoke(app, ["explain", str(tmp_path / "out"), "L1", "R1"])
    assert done.exit_code == 0, done.output


def test_ids_of_other_names(tmp_path: Path) -> None:
    _, theirs = tables()
    other = theirs.rename(columns={"id": "nummer"})
    assert len(linked(tmp_path, other, "--right-id", "nummer")[1]) == len(theirs)
    done = CliRunner().invoke(app, ["explain", str(tmp_path / "out"), "L1", "R1"])
    assert done.exit_code == 0, done.output


def test_columns_named_by_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "shop.toml"
    config.write_text('[catalog]\nright = {a = "title", b = "gtin"}\nright_id = "c"\n')
    _, theirs = tables()
    other = theirs.rename(columns={"title": "a", "gtin": "b", "id": "c"})
    said, pairs = linked(tmp_path, other, "--config", str(config))
    assert "matched by" not in said
    assert len(pairs) == len(theirs)


def test_nothing_in_common_is_refused(tmp_path: Path) -> None:
    ours, theirs = tables()
    ours[["id", "brand"]].to_csv(tmp_path / "ours.csv", index=False)
    theirs[["id", "title"]].to_csv(tmp_path / "theirs.csv", index=False)
    files = [str(tmp_path / name) for name in ("ours.csv", "theirs.csv", "out")]
    done = CliRunner().invoke(app, ["link", *files[:2], "-o", files[2]])
    assert isinstance(done.exception, InputError)
    assert "No column to compare is in both tables" in str(done.exception)
    assert '[catalog] right = {title = "brand"}' in str(done.exception)


def test_frames_with_ids_of_other_names() -> None:
    ours, theirs = tables()
    config = Config(catalog={"id": "offer", "right_id": "sku"}, quality="fast")  # type: ignore[arg-type]
    result = Linker(config).match(
        ours.rename(columns={"id": "offer"}),
        theirs.rename(columns={"id": "sku", "gtin": "EAN"}),
    )
    assert result.run["notes"][0].startswith("columns matched by content: EAN = gtin")
    assert set(result.clusters["id"]) == {*ours["id"], *theirs["id"]}
    assert result.explain("L1", "R1").definitions[0].match
