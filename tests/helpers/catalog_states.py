"""Runs against a catalog's state, and what it holds after them."""

from __future__ import annotations

import pandas as pd

from linkage import Config, Linker, Result
from linkage.io.decision_tables import decision_table
from linkage.state.catalog_state import CatalogState
from linkage.state.changes import changes, replayed
from linkage.state.decisions import add_decisions
from linkage.state.run_records import begin_run


def run(state: CatalogState, table: pd.DataFrame, right: pd.DataFrame | None = None) -> Result:
    return Linker(Config(quality="fast", threads=1)).match(table, right, state=state.path)


def ids(result: Result) -> pd.Series:
    return result.clusters.set_index("id")["cluster_id"]


def events(state: CatalogState, since: int | None = None) -> pd.DataFrame:
    with state.reading() as connection:
        return changes(connection, since)


def check_replay(state: CatalogState) -> None:
    with state.reading() as connection:
        found = connection.execute(
            "SELECT a.definition, a.record, a.cluster FROM assignment a JOIN record r "
            "USING (record) WHERE r.retired_run IS NULL"
        ).fetchall()
        log = replayed(connection)
    assert {(d, r): c for d, by in log.items() for r, c in by.items()} == {
        (d, r): c for d, r, c in found
    }


def decide(state: CatalogState, **columns: object) -> list[int]:
    with state.writing() as connection:
        table = decision_table(pd.DataFrame([columns]))
        return add_decisions(connection, table, begin_run(connection, "decide", 0))


def current_clusters(state: CatalogState) -> pd.Series:
    """The id of the cluster of each record, by its id, of a state of one definition."""
    with state.reading() as connection:
        found = connection.execute("SELECT id, cluster_id FROM current ORDER BY id").df()
    return found.set_index("id")["cluster_id"]
