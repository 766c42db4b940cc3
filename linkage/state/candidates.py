"""Records of a state that new ones may match: those that share their rarest terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from linkage.state.catalog_state import one_row

if TYPE_CHECKING:
    import duckdb

__all__ = ["likely_matches"]

#: Records that are kept for each new one. Of the new records of ten benchmark tasks that have a
#: partner in the catalog, 14 find it for 92 % in the mean of the six hard ones (84 at worst), 20
#: for 94 (86), 30 for 95 (87), 40 for 96 (88), 60 for 97 (90).
_KEPT = 40
#: Records that the rarest terms of a new one reach before commoner terms reach no more: on 100,000
#: records 2,000 took four times as long as 300.
_REACH = 400
#: Largest number of records with a term that reaches any; it bounds the cost of common terms.
_MOST_RECORDS = 20 * _REACH
#: Characters of a cell that count: words further on in a long text are chance words.
_CHARACTERS = 256
#: Whole words, and their runs of letters and of figures: `wh-1000xm4` shares the runs of
#: `wh1000 xm4`.
_TERMS = (
    "list_distinct(list_concat(regexp_extract_all({text}, '[\\p{{L}}\\p{{N}}]+'), "
    "regexp_extract_all({text}, '\\p{{L}}+|\\p{{N}}+')))"
)


def likely_matches(
    connection: duckdb.DuckDBPyConnection, cells: pa.Table, columns: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of given records and records of the catalog that share rare terms.

    The rarest terms of a record propose; all its terms weigh, each by the logarithm of its inverse
    frequency in the catalog. The stored cells are read once, whatever the number of records.

    Args:
        connection: of a state.
        cells: the compared cells of k records, strings.
        columns: the columns of `cells` and of the state.

    Returns:
        Row of `cells`, int64[m], and number of the record, int64[m]; `_KEPT` a row at most.
    """
    rows = cells.select(list(columns)).append_column("row", pa.array(np.arange(cells.num_rows)))
    connection.register("given", rows)
    total = one_row(connection, "SELECT count(*) FROM cell")
    assert total is not None
    connection.execute(
        f"CREATE TEMP TABLE wanted AS SELECT row, unnest({_terms(columns)}) AS term FROM given"
    )
    connection.execute(
        "CREATE TEMP TABLE posting AS SELECT term, record FROM (SELECT record, "
        f"unnest({_terms(columns)}) AS term FROM cell) WHERE term IN (SELECT term FROM wanted)"
    )
    # Weights are whole numbers: their sums do not depend on the order of rows.
    connection.execute(
        "CREATE TEMP TABLE weight AS SELECT w.row, w.term, n.records, "
        f"(1000 * ln({int(total[0]) + 1} / n.records))::BIGINT AS weight FROM wanted w JOIN "
        "(SELECT term, count(*) AS records FROM posting GROUP BY term) n USING (term)"
    )
    found = connection.execute(
        "WITH reaching AS (SELECT row, term, records, coalesce(sum(records) OVER (PARTITION BY row "
        "ORDER BY records, term ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before "
        "FROM weight), "
        "reached AS (SELECT DISTINCT q.row, p.record FROM reaching q JOIN posting p USING (term) "
        f"WHERE q.before < {_REACH} AND q.records < {_MOST_RECORDS}), "
        "weighed AS (SELECT c.row, c.record, sum(w.weight) AS weight FROM reached c "
        "JOIN posting p ON p.record = c.record JOIN weight w ON w.term = p.term AND w.row = c.row "
        "GROUP BY c.row, c.record) SELECT row, record FROM weighed QUALIFY row_number() OVER "
        f"(PARTITION BY row ORDER BY weight DESC, record) <= {_KEPT} ORDER BY row, record"
    ).fetchnumpy()
    for name in ("wanted", "posting", "weight"):
        connection.execute(f"DROP TABLE {name}")
    connection.unregister("given")
    return np.asarray(found["row"], np.int64), np.asarray(found["record"], np.int64)


def _terms(columns: Sequence[str]) -> str:
    """The expression of the list of a row's terms."""
    quoted = (name.replace('"', '""') for name in columns)
    cells = ", ".join(f'left("{name}", {_CHARACTERS})' for name in quoted)
    return _TERMS.format(text=f"lower(strip_accents(concat_ws(' ', {cells})))")
