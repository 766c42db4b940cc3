"""Names, shares and columns as both the page and the terminal show them."""

from __future__ import annotations

from linkage.explanation.data.findings import ClusterView, RecordView

__all__ = ["percent", "record_name", "shown_columns"]


def record_name(record: RecordView) -> str:
    """A record's id, with its table where there are two."""
    return f"{record.id} ({record.table})" if record.table else record.id


def percent(score: float) -> str:
    """A score in percent, with more digits near 0 and 1, and never rounded to either."""
    if score > 0.9999 or score < 0.0001:
        return "over 99.99 %" if score > 0.5 else "under 0.01 %"
    return f"{100 * score:.1f} %" if 0.001 <= score <= 0.999 else f"{100 * score:.2f} %"


def shown_columns(cluster: ClusterView) -> list[str]:
    """Columns of a cluster's members that have a value other than the record's own id."""
    columns = dict.fromkeys(c for m in cluster.members for c in m.record.values)
    return [
        name
        for name in columns
        if any(m.record.values.get(name) not in (None, m.record.id) for m in cluster.members)
    ]
