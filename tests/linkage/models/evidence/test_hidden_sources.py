"""Hidden sources: the style of records, the evidence that it gives, saving."""

import json

import numpy as np
import pyarrow as pa
import pytest

from features.kinds import Kind
from features.records import Records
from linkage.models.evidence.hidden_sources import AcrossSources, HiddenSources, style_of


def records(**columns: list[str | None]) -> Records:
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    n = table.num_rows
    ids = np.array([f"r{k}" for k in range(n)], dtype=object)
    return Records(ids, table, np.zeros(n, np.int8), dict.fromkeys(columns, Kind.TEXT))


def by_missing(column: str, rows: Records) -> HiddenSources:
    """Sources of which the second one leaves a column empty."""
    cells = style_of(rows, [column]).toarray()
    empty = np.array([value is None for value in rows.values(column).to_pylist()])
    at = next(k for k in range(cells.shape[1]) if (cells[:, k] == empty).all())
    weights = np.zeros(cells.shape[1])
    weights[at] = 20.0
    return HiddenSources((column,), weights, -10.0)


def test_style_has_the_shape_of_values_not_their_letters() -> None:
    rows = records(phone=["310/246-1501", "212/779-7777", "310-246-1501", None])
    style = style_of(rows, ["phone"]).toarray()
    same, other = style[0] @ style[1], style[0] @ style[2]
    assert same < style[0] @ style[0]
    half = len(style[0]) // 2
    shapes = style[:, half:-1]  # the last features are emptiness and length
    np.testing.assert_allclose(shapes[0], shapes[1])
    assert not np.allclose(shapes[0], shapes[2])
    assert other > 0


def test_pairs_of_one_source_lose_and_pairs_across_gain_a_little() -> None:
    rows = records(price=["1", "2", None, None])
    sources = by_missing("price", rows)
    across = AcrossSources(sources, rows).compare(np.array([0, 0, 2]), np.array([1, 2, 3]))[:, 0]
    np.testing.assert_allclose(across, [0, 1, 0], atol=1e-3)
    evidence = sources.evidence(across)
    assert evidence[1] == pytest.approx(np.log(2), abs=1e-3)
    assert evidence[0] < -5
    assert evidence[2] < -5
    assert np.isfinite(sources.evidence(np.zeros(1)))[0]


def test_saved_sources_tell_the_same() -> None:
    rows = records(price=["1", None, "3.50", None], name=["A-1", "b 2", "C-3", "d 4"])
    generator = np.random.default_rng(0)
    weights = generator.normal(size=style_of(rows, ["price", "name"]).shape[1])
    sources = HiddenSources(("price", "name"), weights, 0.25)
    again = HiddenSources.from_dict(json.loads(json.dumps(sources.to_dict())))
    np.testing.assert_array_equal(again.of_second(rows), sources.of_second(rows))
