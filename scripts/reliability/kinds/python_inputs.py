"""Calls of the public Python interface with inputs of any make."""

from __future__ import annotations

import datetime as dt
import decimal
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage import Config, Linker, read_labels, read_table
from linkage.io.reading import from_frame
from reliability.damage import ODD_VALUES, damage_json
from reliability.fixture import Fixture
from reliability.kinds.reading import attempt
from reliability.kinds.toml_files import draw_config
from reliability.offers import draw_offers

__all__ = ["python_case"]

_ROWS = (5, 25)


def python_case(chance: random.Random, folder: Path, fixture: Fixture) -> list[str]:
    """A call with odd inputs."""
    call = chance.choices((_match, _fitted, _read, _configure), (2, 2, 8, 5))[0]
    return call(chance, folder, fixture)


def odd_frame(chance: random.Random) -> pd.DataFrame:
    """A data frame of offers with a column, an index or names that few expect."""
    offers = draw_offers(chance, chance.randint(*_ROWS), odd=0.1)
    frame = pd.DataFrame(offers.columns())
    rows = len(frame)
    column = chance.choice(list(frame.columns))
    make = chance.choice(_CELLS)
    change: Callable[[], pd.DataFrame] = chance.choice(
        (
            lambda: frame,
            lambda: frame.assign(**{column: [make(chance) for _ in range(rows)]}),
            lambda: frame.assign(more=[make(chance) for _ in range(rows)]),
            lambda: frame.assign(**{column: frame[column].astype("category")}),
            lambda: frame.assign(**{column: frame[column].astype("string")}),
            lambda: frame.set_axis([*frame.columns[:-1], frame.columns[0]], axis=1),
            lambda: frame.set_axis([0, 1, None, ("a", "b"), 2.5], axis=1),
            lambda: frame.set_axis(pd.MultiIndex.from_product([["a"], frame.columns]), axis=1),
            lambda: frame.set_index("id"),
            lambda: frame.set_index([np.zeros(rows), np.arange(rows)]),
            lambda: frame.assign(id=np.arange(rows) * 1.5),
            lambda: frame.assign(id=np.arange(rows, dtype=np.uint64) + np.uint64(2**63)),
            lambda: frame.assign(id=[2**70 + k for k in range(rows)]),
            lambda: frame.assign(id=[(k,) for k in range(rows)]),
            lambda: frame.assign(id=pd.date_range("2024-01-01", periods=rows)),
            lambda: frame.assign(id=[None, *range(1, rows)]),
            lambda: frame.assign(id="same"),
            lambda: frame.iloc[:0],
            lambda: frame.iloc[:, :0],
            lambda: frame.iloc[:1],
            lambda: frame.drop(columns="id"),
            lambda: frame[["id"]],
        )
    )
    return change()


def odd_table(chance: random.Random) -> Any:
    """A table, or something that is none."""
    if chance.random() < 0.25:
        return chance.choice(
            (*ODD_VALUES, b"x", object(), np.eye(3), pd.Series([1]), {"id": [1]}, int)
        )
    frame = odd_frame(chance)
    if chance.random() < 0.3:
        arrow, _, _ = attempt(partial(_as_arrow, frame))
        return frame if arrow is None else arrow
    return frame


def _as_arrow(frame: pd.DataFrame) -> pa.Table | None:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except Exception:  # what pandas holds and Arrow does not
        return None


def _match(chance: random.Random, _: Path, fixture: Fixture) -> list[str]:
    config = Config(quality="fast", threads=1)
    left = odd_table(chance)
    right = odd_table(chance) if chance.random() < 0.3 else None
    labels = chance.choice((None, None, odd_table(chance), fixture.folder / "labels.csv"))
    result, _, faults = attempt(lambda: Linker(config).match(left, right, labels))
    if result is None or not isinstance(left, pd.DataFrame | pa.Table):
        return faults
    wanted = len(left) + (0 if right is None else len(right))
    rows = len(result.clusters)
    return faults if rows == wanted else [f"{wanted} rows and {rows} in the clusters"]


def _fitted(chance: random.Random, _: Path, fixture: Fixture) -> list[str]:
    linker = Linker.load(fixture.folder / "model")
    catalog = pd.read_csv(fixture.folder / "catalog.csv", dtype=str)
    pairs = chance.choice(
        (
            odd_table(chance),
            pd.DataFrame({"left_id": ["o0"], "right_id": [chance.choice((*ODD_VALUES, "o1"))]}),
            pd.DataFrame({"left_id": ["o0", "o0"], "right_id": ["o1", "o0"]}),
            pd.DataFrame({"left_id": [], "right_id": []}),
        )
    )
    number = chance.choice([one for one in ODD_VALUES if type(one) is int])
    text = chance.choice([one for one in ODD_VALUES if isinstance(one, str)])
    call: Callable[[], Any] = chance.choice(
        (
            lambda: linker.score(catalog, None, pairs),
            lambda: linker.score(odd_table(chance), None, pairs),
            lambda: linker.suggest(number, catalog),
            lambda: linker.suggest(3, catalog, None, pairs),
            lambda: linker.save(text),
            lambda: Linker.load(text),
        )
    )
    return attempt(call)[2]


def _read(chance: random.Random, folder: Path, fixture: Fixture) -> list[str]:
    table = odd_table(chance)
    if isinstance(table, pd.DataFrame | pa.Table):
        return attempt(lambda: from_frame(table))[2]
    path = chance.choice([one for one in ODD_VALUES if isinstance(one, str)])
    reader = chance.choice((read_table, read_labels))
    return attempt(lambda: reader(path))[2]


def _configure(chance: random.Random, folder: Path, fixture: Fixture) -> list[str]:
    plain = draw_config(chance)
    sections = {name: damage_json(chance, value) for name, value in plain.items()}
    if chance.random() < 0.5:
        return attempt(lambda: Config(**sections))[2]
    return attempt(lambda: Config.from_dict(damage_json(chance, plain)))[2]


#: Makers of cells.
_CELLS: tuple[Callable[[random.Random], Any], ...] = (
    lambda c: c.choice((None, "a", 1, 2.5, True, b"x", pd.NA, pd.NaT, np.nan)),
    lambda c: [1, "a"],
    lambda c: {"a": c.random()},
    lambda c: {1, 2},
    lambda c: c.choice((2**70, -(2**70), 10**5000)),
    lambda c: decimal.Decimal(c.choice(("1.10", "NaN", "1E+999"))),
    lambda c: dt.datetime(c.randrange(1, 9999), 1, 1),
    lambda c: dt.date(c.randrange(1, 9999), 1, 1),
    lambda c: dt.timedelta(c.randrange(100)),
    lambda c: complex(1, c.random()),
    lambda c: np.float32(c.random()),
    lambda c: np.arange(c.randrange(3)),
    lambda c: object(),
    lambda c: "\ud800",
    lambda c: c.choice((b"\xff", b"ok")),
    lambda c: c.choice((np.inf, -np.inf, np.nan, 1e308)),
    lambda c: pd.Interval(0, 1),
    lambda c: Path("/tmp"),
    lambda c: range(3),
    lambda c: ...,
)
