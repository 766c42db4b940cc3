"""The report of a result: its data, its page, and the summary that a notebook shows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkage.report.data.contents import ReportData
    from linkage.results.run_account import DefinitionAccount, RunAccount
    from linkage.results.run_tables import RunTables

__all__ = ["gather_report", "report_or_warning", "run_report", "short_summary"]

_LARGEST = 5_000_000
#: Characters of a value and bytes of all pictures where values are so many and so long that the
#: page would grow too large otherwise.
_LESS = ((120, 600_000), (30, 0))


def gather_report(result: RunTables) -> ReportData:
    """Return the content of the report of a result."""
    from linkage.report.data.gather import report_data

    return report_data(result)


def run_report(result: RunTables) -> str:
    """Return the report of a result as one HTML file of at most 5 MB."""
    from linkage.report.data.gather import report_data
    from linkage.report.data.records import CHARACTERS, PICTURE_BYTES
    from linkage.report.page.run_page import run_page

    page = ""
    for characters, picture_bytes in ((CHARACTERS, PICTURE_BYTES), *_LESS):
        page = run_page(report_data(result, characters, picture_bytes))
        if len(page.encode("utf-8")) <= _LARGEST:
            break
    return page


def report_or_warning(result: RunTables) -> str | None:
    """Return the report of a result; None, with a warning, where that fails.

    A fault in a report must never cost the results that it is about.
    """
    try:
        return run_report(result)
    except Exception as error:
        warnings.warn(
            f"report.html could not be made ({type(error).__name__}: {error}); the results are "
            "complete without it.",
            stacklevel=3,
        )
        return None


def short_summary(run: RunAccount) -> str:
    """Return the key figures of a run as a small table, in markup that fits any notebook.

    Args:
        run: What ``run.json`` holds.

    """
    from linkage.report.page.page import Markup, join

    records = run["records"]
    total = f"{records['left']:,} records"
    if records["right"]:
        total = f"{records['left']:,} and {records['right']:,} records"
    heads = ("match", "clusters", "alone", "matching pairs", "candidate pairs", "largest")
    cell = Markup("<td>{}</td>")
    rows = [
        join([cell.format(name), *(cell.format(f"{count:,}") for count in _counts(account))])
        for name, account in run["definitions"].items()
    ]
    seconds = sum(step["seconds"] for step in run["steps"])
    page = Markup("<p>{} in {:.1f} s</p><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>")
    return str(
        page.format(
            total,
            seconds,
            join(Markup("<th>{}</th>").format(head) for head in heads),
            join(Markup("<tr>{}</tr>").format(row) for row in rows),
        )
    )


def _counts(account: DefinitionAccount) -> tuple[int, ...]:
    """The figures of a definition in the order of the table's headings."""
    return (
        account["clusters"],
        account["singletons"],
        account["matches"],
        account["candidates"],
        account["largest_cluster"],
    )
