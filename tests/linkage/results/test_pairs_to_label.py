"""Pairs to label: written where an answer is uncertain, and accepted as labels once filled in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linkage import Config, Linker, Result
from linkage.evaluation import expected_accuracy
from linkage.results.pairs_to_label import pairs_to_label

COLOURS = ("red", "blue", "green", "black")


def catalog(products: int = 60, seed: int = 0) -> pd.DataFrame:
    """Each product is offered twice, in other words."""
    rng = np.random.default_rng(seed)
    words = [f"{a}{b}" for a in ("lam", "tor", "vel", "kus", "dri") for b in ("po", "ni", "sta")]
    rows = []
    for k in range(products):
        name = list(rng.choice(words, 3, replace=False))
        rows += [
            {"title": " ".join([*name, COLOURS[k % 4]]), "code": f"KX{k:03}"},
            {"title": " ".join([*name[::-1], "new"]), "code": f"KX{k:03}"},
        ]
    return pd.DataFrame(rows).assign(id=[f"r{k}" for k in range(2 * products)])


@pytest.fixture(scope="module")
def offers() -> pd.DataFrame:
    return catalog()


@pytest.fixture
def uncertain(offers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> Result:
    """A result of which an F1 of 0.1 is expected."""
    low = {"precision": (0.1, 0.0, 0.0), "recall": (0.1, 0.0, 0.0)}
    monkeypatch.setattr(expected_accuracy, "_OF_PAIRS", low)
    return Linker(Config(threads=1)).match(offers)


def test_an_uncertain_answer_says_so_and_names_pairs(uncertain: Result, tmp_path: Path) -> None:
    account = uncertain.run["definitions"]["exact"]
    assert account["expected"] is not None
    assert account["expected"]["f1"] == pytest.approx(0.1)
    assert any(note.startswith("Uncertain: F1 is estimated at 0.10") for note in account["notes"])
    assert "estimated without labels: F1 0.10" in uncertain.summary()
    folder = uncertain.write(tmp_path / "out")
    pairs = pd.read_csv(folder / "to_label.csv", dtype=str)
    assert len(pairs) == 20
    assert pairs.columns[:4].tolist() == ["left_id", "right_id", "score", "weight"]
    titles = uncertain.tables[0].to_pandas().set_index("id")["title"]
    assert pairs["left_title"].tolist() == titles[pairs["left_id"]].tolist()
    assert pairs["right_title"].tolist() == titles[pairs["right_id"]].tolist()


def test_filled_in_pairs_are_labels(
    uncertain: Result, offers: pd.DataFrame, tmp_path: Path
) -> None:
    folder = uncertain.write(tmp_path / "out")
    pairs = pd.read_csv(folder / "to_label.csv", dtype=str)
    product = {one: int(one[1:]) // 2 for one in offers["id"]}
    same = pairs["left_id"].map(product) == pairs["right_id"].map(product)
    file = tmp_path / "labelled.csv"
    pairs.assign(label=same.astype(int)).to_csv(file, index=False)
    learned = Linker(Config(threads=1)).match(offers, labels=file)
    account = learned.run["definitions"]["exact"]
    assert account["anchor"].startswith("20 labelled pairs")
    assert account["expected"] is None, "labels tell more"
    assert "to_label.csv" not in {one.name for one in learned.write(tmp_path / "more").iterdir()}


def test_two_tables_have_their_own_rows(
    offers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    low = {"precision": (0.1, 0.0, 0.0), "recall": (0.1, 0.0, 0.0)}
    monkeypatch.setattr(expected_accuracy, "_OF_PAIRS", low)
    one, other = offers[::2], offers[1::2].rename(columns={"title": "name"})
    result = Linker(Config(threads=1)).match(one, other.rename(columns={"name": "title"}))
    (pairs,) = pairs_to_label(result).values()
    titles = offers.set_index("id")["title"]
    assert pairs["left_title"].tolist() == titles[pairs["left_id"]].tolist()
    assert pairs["right_title"].tolist() == titles[pairs["right_id"]].tolist()
