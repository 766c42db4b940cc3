"""Small task folders, with columns of names that no code has seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from catalogs import two_tables

#: Columns of the tables, and the kinds that a task file gives them.
TITLE, PRICE, EXTRA = "Bezeichnung (kurz)", "vk|preis", "Nur Links"
ATTRIBUTES = {TITLE: "text", PRICE: "number", EXTRA: "category"}


def write_table(frame: pd.DataFrame, folder: Path, stem: str, parquet: bool = False) -> None:
    if parquet:
        frame.to_parquet(folder / f"{stem}.parquet", index=False)
    else:
        frame.to_csv(folder / f"{stem}.csv", index=False)


def describe(folder: Path, **values: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "task.json").write_text(json.dumps(values), encoding="utf-8")
    return folder


def linkage_task(
    folder: Path,
    *,
    parquet: bool = False,
    splits: tuple[str, ...] = ("train", "valid", "test"),
    truth: bool = True,
    test_labels: bool = True,
    **values: Any,
) -> Path:
    """Two tables of which one has a column of its own, with splits and truth as asked for."""
    given = {"name": "anything", "kind": "linkage", "attributes": ATTRIBUTES, **values}
    describe(folder, **{name: value for name, value in given.items() if value is not None})
    left, right = two_tables(common=60, alone=15)
    left = left.set_axis(["id", TITLE, PRICE], axis=1)
    left[EXTRA] = np.where(np.arange(len(left)) % 3, "neu", "alt")
    write_table(left, folder, "left", parquet)
    write_table(right.set_axis(["id", TITLE, PRICE], axis=1), folder, "right", parquet)
    for name, pairs in labelled_pairs(left["id"], right["id"]).items():
        if name in splits:
            if name == "test" and not test_labels:
                pairs = pairs.drop(columns="label")
            write_table(pairs, folder, name, parquet)
    if truth:
        write_table(true_matches(left["id"], right["id"]), folder, "truth", parquet)
    return folder


def true_matches(left: pd.Series, right: pd.Series) -> pd.DataFrame:
    """Ids that end alike are one product."""
    both = left[("r" + left.str[1:]).isin(right)]
    return pd.DataFrame({"left_id": both, "right_id": "r" + both.str[1:]}).reset_index(drop=True)


def labelled_pairs(left: pd.Series, right: pd.Series) -> dict[str, pd.DataFrame]:
    """Each match with three pairs that are none, two thirds of them in train."""
    matches = true_matches(left, right).assign(label=1)
    rng = np.random.default_rng(3)
    others = pd.DataFrame(
        {
            "left_id": np.repeat(matches["left_id"].to_numpy(), 3),
            "right_id": rng.choice(right, 3 * len(matches)),
            "label": 0,
        }
    )
    others = others[others["left_id"].str[1:] != others["right_id"].str[1:]].drop_duplicates()
    split = pd.Series(np.arange(len(matches)) % 6, index=matches["left_id"])
    names = np.array(["train", "train", "train", "train", "valid", "test"])
    pairs = pd.concat([matches, others], ignore_index=True)
    where = names[split.loc[pairs["left_id"]].to_numpy()]
    return {name: pairs[where == name].reset_index(drop=True) for name in set(names)}


def one_table_task(
    folder: Path, *, kind: str = "dedupe", truth: bool = True, **values: Any
) -> Path:
    """One table in which two shops list the same products; a variants task ignores the shop."""
    ignored = {"ignore": [EXTRA]} if kind == "variants" else {}
    describe(folder, **{"kind": kind, "attributes": ATTRIBUTES, **ignored, **values})
    left, right = two_tables(common=60, alone=15)
    records = pd.concat([left, right], ignore_index=True).set_axis(["id", TITLE, PRICE], axis=1)
    records[EXTRA] = np.where(records["id"].str[0] == "l", "laden", "markt")
    write_table(records, folder, "records")
    if truth:
        clusters = pd.DataFrame({"id": records["id"], "entity_id": "e" + records["id"].str[1:]})
        write_table(clusters, folder, "clusters")
    return folder
