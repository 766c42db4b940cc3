"""Suggested labels and a precision target: from suggestion to a run that keeps its word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linkage import Config, Linker
from linkage.cli.app import main
from linkage.errors import TargetError

MAKERS = ("Asola", "Brenta", "Corvik", "Delmor", "Esbo")
THINGS = ("kettle", "toaster", "lamp", "drill", "heater", "fan", "scale", "mixer")
COLOURS = ("red", "white", "black")
SELLERS = 4


def catalog(products: int, offers: int = 2, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Offers without trade numbers, words missing here and there; each product has siblings."""
    rng = np.random.default_rng(seed)
    rows = []
    for product in range(products):
        words = [
            MAKERS[product % len(MAKERS)],
            THINGS[product // 3 % len(THINGS)],
            f"{'ABCDEFGH'[product % 8]}{100 + 7 * product}",
            COLOURS[product % len(COLOURS)],
        ]
        for offer in range(offers):
            kept = [word for word in words if rng.random() > 0.12]
            price = f"{20 + product * 3 % 70}.90"
            seller = f"shop {offer % SELLERS}"
            rows.append((product, seller, " ".join(kept or words), words[0], price))
    frame = pd.DataFrame(rows, columns=["entity", "seller", "title", "brand", "price"])
    frame = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    frame.insert(0, "id", [f"o{k}" for k in range(len(frame))])
    return frame.drop(columns="entity"), frame.set_index("id")["entity"]


def answered(suggested: pd.DataFrame, truth: pd.Series) -> pd.DataFrame:
    same = truth[suggested["left_id"]].to_numpy() == truth[suggested["right_id"]].to_numpy()
    return suggested.assign(label=same.astype(int))


def precision_and_recall(clusters: pd.DataFrame, truth: pd.Series) -> tuple[float, float]:
    found = clusters.set_index("id")["cluster_id"]
    ids = truth.index.to_numpy()
    a, b = np.triu_indices(len(ids), 1)
    cluster, entity = found[ids].to_numpy(), truth[ids].to_numpy()
    joined, same = cluster[a] == cluster[b], entity[a] == entity[b]
    return float(same[joined].mean()), float(joined[same].mean())


def run(arguments: list[str]) -> int:
    """Exit code of the command line."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def config(**training: float) -> Config:
    return Config.from_dict({"quality": "fast", "threads": 1, "training": training})


def test_suggested_labels_keep_a_precision_and_cost_little_recall(tmp_path: Path) -> None:
    table, truth = catalog(240)
    aimed = config(precision=0.95)
    suggested = Linker(aimed).suggest(200, table)
    assert list(suggested) == ["left_id", "right_id", "score", "weight"]
    table.to_csv(tmp_path / "offers.csv", index=False)
    answered(suggested, truth).to_csv(tmp_path / "labels.csv", index=False)
    out = tmp_path / "out"
    status = run(
        ["dedupe", str(tmp_path / "offers.csv"), "--labels", str(tmp_path / "labels.csv"),
         "--precision", "0.95", "--quality", "fast", "--threads", "1", "-o", str(out)]
    )  # fmt: skip
    assert status == 0
    clusters = pd.read_csv(out / "clusters.csv", dtype=str)
    precision, recall = precision_and_recall(clusters, truth)
    best = Linker(config()).match(table, labels=answered(suggested, truth))
    assert precision >= 0.93
    assert recall >= precision_and_recall(best.clusters, truth)[1] - 0.1


def test_a_precision_that_nothing_vouches_for_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, _ = catalog(120)
    table.to_csv(tmp_path / "offers.csv", index=False)
    status = run(
        ["dedupe", str(tmp_path / "offers.csv"), "--precision", "0.98", "--quality", "fast",
         "--threads", "1", "-o", str(tmp_path / "out")]
    )  # fmt: skip
    assert status == 1
    assert "cannot be promised without labels" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_labels_of_coin_tosses_promise_no_precision() -> None:
    table, _ = catalog(200)
    suggested = Linker(config()).suggest(200, table)
    tossed = suggested.assign(label=np.random.default_rng(0).integers(0, 2, len(suggested)))
    with pytest.raises(TargetError, match=r"cannot be (kept|promised)"):
        Linker(config(precision=0.98)).fit(table, labels=tossed)


def test_labels_across_sellers_alone_are_named() -> None:
    table, truth = catalog(150, offers=6)
    seller = table.set_index("id")["seller"]
    suggested = Linker(config()).suggest(600, table)
    labels = answered(suggested, truth).drop(columns=["weight", "score"])
    across = seller[labels["left_id"]].to_numpy() != seller[labels["right_id"]].to_numpy()
    notes = Linker(config()).fit(table, labels=labels[across]).fitted_["exact"].model.training.notes
    assert any("equal values of 'seller'" in note for note in notes)
    whole = Linker(config()).fit(table, labels=labels).fitted_["exact"].model.training.notes
    assert not any("'seller'" in note for note in whole)
