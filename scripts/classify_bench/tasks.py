"""Classification tasks made of the benchmark tables, and their splits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["CONFIRMING", "DEVELOPING", "TASKS", "BenchTask", "split_task"]

_TEST_SHARE = 0.2


@dataclass(frozen=True)
class BenchTask:
    """A table, its target, and the columns that may be read of it.

    Attributes:
        name: Of the task.
        file: The table, relative to the folder of data.
        target: The column to predict.
        columns: The columns to predict it from; columns that repeat the target in another
            grouping are left out.

    """

    name: str
    file: str
    target: str
    columns: tuple[str, ...]


_COLOURS = (
    "graphical_appearance_name", "colour_group_name", "perceived_colour_value_name",
    "perceived_colour_master_name",
)  # fmt: skip

#: The tasks that design choices were made on.
DEVELOPING = (
    BenchTask(
        "hm-described-type", "hm-described/records.csv", "product_type_name",
        ("prod_name", *_COLOURS, "detail_desc"),
    ),
    BenchTask(
        "amazon-category", "walmart-amazon/right.csv", "category",
        ("title", "brand", "modelno", "price"),
    ),
    BenchTask(
        "drycker-varugrupp", "drycker-sv/records.csv", "varugrupp",
        (
            "namn", "namn2", "ursprung", "ursprunglandnamn", "producent", "leverantor",
            "alkoholhalt", "ravarorbeskrivning", "ekologisk", "sortiment", "forpackning",
            "forslutning", "volymiml", "argang", "provadargang", "prisinklmoms", "prisperliter",
            "pant", "saljstart",
        ),
    ),
    BenchTask(
        "lego-sets-theme", "lego-sets/left.csv", "theme",
        ("name", "year", "category", "pieces", "minifigs", "age_from", "price"),
    ),
    BenchTask(
        "fittings-type", "home-fittings-titled/records.csv", "type",
        ("title", "colour", "size", "volume", "options", "price"),
    ),
)  # fmt: skip
#: The tasks that were looked at once, afterwards.
CONFIRMING = (
    BenchTask(
        "hm-variants-type", "hm-variants/records.csv", "product_type_name",
        ("prod_name", *_COLOURS),
    ),
    BenchTask(
        "hm-variants-department", "hm-variants/records.csv", "department_name",
        ("prod_name", "product_type_name", *_COLOURS),
    ),
    BenchTask(
        "hm-described-section", "hm-described/records.csv", "section_name",
        ("prod_name", *_COLOURS, "detail_desc"),
    ),
    BenchTask("lego-prints-category", "lego-prints/records.csv", "category", ("name", "material")),
    BenchTask(
        "menswear-category", "menswear-suffix/records.csv", "category",
        ("title", "description", "size", "price_usd"),
    ),
)  # fmt: skip
TASKS = {task.name: task for task in (*DEVELOPING, *CONFIRMING)}


def split_task(task: BenchTask, data: Path, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the training and the test rows of a task, a fifth of those with a target for test.

    Args:
        task: The task.
        data: The folder of the benchmark data.
        seed: Of the split.

    Returns:
        Two frames of strings with ``id``, the columns and the target.

    """
    frame = pd.read_csv(data / task.file, dtype=str, keep_default_na=False, na_values=[""])
    known = frame[["id", *task.columns, task.target]].dropna(subset=[task.target])
    test = np.random.default_rng(seed).random(len(known)) < _TEST_SHARE
    return known[~test].reset_index(drop=True), known[test].reset_index(drop=True)
