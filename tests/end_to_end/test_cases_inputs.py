"""Whole commands and calls over the forms that catalogs, labels and pairs come in."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from linkage import Config, Linker
from linkage.cli.app import main

_BRANDS = "Alder Birch Cedar Hazel Larch Maple".split()
_THINGS = "kettle toaster lamp mixer".split()
#: What exporters write for a missing value; here they are ids.
_NULL_WORDS = ("NA", "None", "null", "nan")


def offers(ids: list[object], name: str = "id", seed: int = 0) -> pd.DataFrame:
    """Offers in pairs of one product: rows 2k and 2k + 1."""
    chance = random.Random(seed)
    rows = []
    for product in range(len(ids) // 2):
        brand, thing = chance.choice(_BRANDS), chance.choice(_THINGS)
        model = f"{brand[:2].upper()}{chance.randrange(100, 999)}{product}"
        price = chance.uniform(10, 90)
        rows.append((f"{brand} {thing} {model} white", brand, f"{price:.2f}"))
        rows.append((f"{thing} {brand.upper()} {model}, white", brand.upper(), f"{price + 1:.2f}"))
    frame = pd.DataFrame(rows, columns=["title", "brand", "price"])
    frame.insert(0, name, ids)
    return frame


def partners(ids: list[object]) -> pd.DataFrame:
    """Labelled pairs: the two offers of a product match, those of two products do not."""
    matches = [(ids[k], ids[k + 1], 1) for k in range(0, len(ids), 2)]
    others = [(ids[k], ids[(k + 3) % len(ids)], 0) for k in range(0, len(ids), 2)]
    return pd.DataFrame(matches + others, columns=["left_id", "right_id", "label"])


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as done:
        main([*map(str, arguments), "--threads", "1"] if arguments[0] != "evaluate" else
             [*map(str, arguments)])  # fmt: skip
    return int(done.value.code or 0)


def test_null_words_are_ids_in_labels_pairs_and_truths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [*_NULL_WORDS, *(f"k{k}" for k in range(36))]
    offers(ids).to_csv(tmp_path / "shop.csv", index=False)
    partners(ids).to_csv(tmp_path / "labels.csv", index=False)
    catalog, out, model = tmp_path / "shop.csv", tmp_path / "out", tmp_path / "model"
    labels = ("--labels", tmp_path / "labels.csv", "--quality", "fast")
    assert run("dedupe", catalog, *labels, "-o", out) == 0
    assert run("train", catalog, *labels, "--model", model) == 0
    pairs = ("--pairs", tmp_path / "labels.csv", "--model", model, "-o", tmp_path / "s.csv")
    assert run("score", catalog, *pairs) == 0
    capsys.readouterr()
    for truth in (tmp_path / "labels.csv", out / "clusters.csv", out / "clusters.parquet"):
        assert run("evaluate", out, "--truth", truth) == 0
        assert "1.0000" in capsys.readouterr().out


def test_null_words_as_entities_are_missing_unless_they_are_ids(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [f"k{k}" for k in range(40)]
    offers(ids).to_csv(tmp_path / "shop.csv", index=False)
    assert run("dedupe", tmp_path / "shop.csv", "--quality", "fast", "-o", tmp_path / "out") == 0
    (tmp_path / "truth.csv").write_text("id,entity_id\nk0,a\nk1,NA\nk2,NA\n")
    assert run("evaluate", tmp_path / "out", "--truth", tmp_path / "truth.csv") == 1
    assert "2 rows have no entity" in capsys.readouterr().err


def test_own_columns_of_the_names_of_results_are_kept(tmp_path: Path) -> None:
    frame = offers([f"k{k}" for k in range(40)], "sku").rename(columns={"brand": "confidence"})
    frame["id"] = range(40)
    frame["catalog_confidence"] = "kept"
    frame.to_csv(tmp_path / "shop.csv", index=False)
    arguments = ("--id", "sku", "--quality", "fast", "--with-columns", "-o", tmp_path / "out")
    assert run("dedupe", tmp_path / "shop.csv", *arguments) == 0
    written = pd.read_csv(tmp_path / "out" / "clusters.csv", dtype=str)
    assert written["id"].tolist() == frame["sku"].tolist()
    assert written["catalog_id"].tolist() == frame["id"].astype(str).tolist()
    assert written["catalog_catalog_confidence"].tolist() == frame["confidence"].tolist()
    assert set(written["catalog_confidence"]) == {"kept"}
    assert written["confidence"].astype(float).between(0, 1).all()


def test_a_catalog_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = offers([f"k{k}" for k in range(40)])
    text = "Export\n\n" + frame.to_csv(index=False, sep="#")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    options = ("--delimiter", "#", "--skip-rows", 2, "--quality", "fast", "-o", tmp_path / "out")
    assert run("dedupe", "-", *options) == 0
    assert len(pd.read_parquet(tmp_path / "out" / "clusters.parquet")) == 40


@pytest.mark.parametrize("form", [pd.DataFrame.copy, pa.Table.from_pandas])
@pytest.mark.parametrize("first", [1000, "k"])
def test_every_method_takes_the_configured_id_and_gives_ids_back_as_they_were(
    form: Callable[[pd.DataFrame], object], first: object
) -> None:
    ids = [first + k if isinstance(first, int) else f"{first}{k}" for k in range(40)]
    frame = offers(ids, "sku")
    frame["seen"] = pd.Timestamp("2024-05-01")
    table = form(frame)
    config = Config(catalog={"id": "sku"}, quality="fast", threads=1)
    labels = partners(ids)
    linker = Linker(config).fit(table, labels=labels)  # type: ignore[arg-type]
    scored = linker.score(table, None, labels)  # type: ignore[arg-type]
    assert scored["left_id"].tolist() == labels["left_id"].tolist()
    suggested = linker.suggest(3, table)  # type: ignore[arg-type]
    assert set(suggested["left_id"]) <= set(ids)
    result = linker.match(table)  # type: ignore[arg-type]
    merged = frame.merge(result.clusters, left_on="sku", right_on="id", validate="one_to_one")
    assert len(merged) == 40
    assert set(merged["cluster_id"]) <= set(map(str, ids)), "clusters are named by text"
    assert len(frame.merge(result.pairs, left_on="sku", right_on="left_id")) == len(result.pairs)
    assert result.explain(ids[0], ids[1]).to_dict()


def test_ids_of_two_tables_keep_their_own_types() -> None:
    frame = offers([f"k{k}" for k in range(80)])
    left = frame[::2].assign(id=range(40))
    right = frame[1::2]
    result = Linker(Config(quality="fast", threads=1)).match(left, right)
    assert result.pairs["left_id"].dtype.kind == "i"
    assert set(result.pairs["right_id"]) <= set(right["id"])
    found = result.clusters[result.clusters["source"] == "left"]
    assert len(left.merge(found, on="id")) == 40
