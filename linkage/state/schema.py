"""The tables of a state file, described in ``docs/state.md``."""

from __future__ import annotations

__all__ = ["CAUSES", "KINDS", "SCHEMA", "SCHEMA_VERSION"]

SCHEMA_VERSION = 1

#: Kinds of events.
KINDS = (
    "created", "grew", "shrank", "merged", "split", "moved", "retired", "decided", "undone",
)  # fmt: skip
#: Causes of events.
CAUSES = (
    "new record", "changed record", "deleted record", "new evidence", "another model", "a person",
)  # fmt: skip


def _enum(values: tuple[str, ...]) -> str:
    return f"ENUM ({', '.join(repr(value) for value in values)})"


#: Statements that make an empty state. Ids stand once, in ``record`` and ``cluster``; all else
#: refers to them by number. There are no keys: their indexes would be larger than the tables.
SCHEMA = (
    f"CREATE TYPE event_kind AS {_enum(KINDS)}",
    f"CREATE TYPE event_cause AS {_enum(CAUSES)}",
    "CREATE TABLE meta (key VARCHAR, value VARCHAR)",
    "CREATE TABLE run (run INTEGER, kind VARCHAR, made TIMESTAMP, version VARCHAR, "
    "records INTEGER)",
    "CREATE TABLE definition (definition UTINYINT, name VARCHAR, authored VARCHAR, "
    "threshold DOUBLE)",
    "CREATE TABLE record (record INTEGER, side UTINYINT, id VARCHAR, fingerprint UBIGINT, "
    "first_run INTEGER, changed_run INTEGER, retired_run INTEGER)",
    "CREATE TABLE model (file VARCHAR, content BLOB)",
    "CREATE TABLE pair (definition UTINYINT, left_record INTEGER, right_record INTEGER, "
    "score FLOAT)",
    "CREATE TABLE cluster (cluster INTEGER, definition UTINYINT, id VARCHAR, first_run INTEGER, "
    "split_from INTEGER, merged_into INTEGER, retired_run INTEGER)",
    "CREATE TABLE assignment (definition UTINYINT, record INTEGER, cluster INTEGER)",
    "CREATE TABLE decision (decision INTEGER, left_id VARCHAR, right_id VARCHAR, answer VARCHAR, "
    'definition VARCHAR, who VARCHAR, "when" VARCHAR, why VARCHAR, run INTEGER, '
    "undone_run INTEGER, left_fingerprint UBIGINT, right_fingerprint UBIGINT)",
    "CREATE TABLE event (event INTEGER, run INTEGER, definition UTINYINT, kind event_kind, "
    "old INTEGER, new INTEGER, records INTEGER[], cause event_cause, left_record INTEGER, "
    "right_record INTEGER, score FLOAT, decision INTEGER)",
    # Records by the names that decisions and changes have for them: of two tables with their table.
    "CREATE VIEW named AS SELECT record, side, id, fingerprint, retired_run, "
    "CASE WHEN (SELECT max(side) FROM record) = 0 THEN id "
    "WHEN side = 0 THEN 'left:' || id ELSE 'right:' || id END AS name FROM record",
    # The clusters of the records that the catalog has now.
    "CREATE VIEW current AS SELECT d.name AS definition, r.side, r.id, r.name, c.id AS cluster_id "
    "FROM assignment a JOIN named r USING (record) JOIN cluster c USING (cluster) "
    "JOIN definition d ON d.definition = a.definition WHERE r.retired_run IS NULL",
    # What each id of a cluster, of whatever run, is called now.
    "CREATE VIEW alias AS WITH RECURSIVE walk AS (SELECT cluster, id, cluster AS now FROM cluster "
    "UNION SELECT w.cluster, w.id, c.merged_into FROM walk w JOIN cluster c ON c.cluster = w.now "
    "WHERE c.merged_into IS NOT NULL) SELECT w.id, c.id AS now_id, "
    "c.retired_run IS NOT NULL AS retired FROM walk w "
    "JOIN cluster c ON c.cluster = w.now WHERE c.merged_into IS NULL",
)
