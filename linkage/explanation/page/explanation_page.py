"""An explanation as a self-contained HTML file."""

from __future__ import annotations

from linkage.explanation.data.findings import ClusterFindings, PairFindings
from linkage.explanation.page.cluster_page import cluster_page
from linkage.explanation.page.pair_page import pair_page
from linkage.report.page.page import Markup

__all__ = ["explanation_page", "notebook_html"]

_FOOTER = (
    "Written by linkage explain. Log-odds are natural logarithms of the odds of a match: 0 is even "
    "odds, 2.2 is 90 %, 4.6 is 99 %."
)


def explanation_page(findings: PairFindings | ClusterFindings) -> str:
    """The page of a pair or of a record's clusters, as one HTML file."""
    if isinstance(findings, PairFindings):
        return pair_page(findings, _FOOTER).render()
    return cluster_page(findings, _FOOTER).render()


def notebook_html(findings: PairFindings | ClusterFindings, height: int = 720) -> str:
    """The page in a frame of its own, for a notebook's cell.

    Args:
        findings: what to show.
        height: of the frame, in pixels.
    """
    frame = Markup(
        '<iframe srcdoc="{}" title="explanation" sandbox="allow-scripts" '
        'style="width:100%;height:{}px;border:0"></iframe>'
    )
    return str(frame.format(explanation_page(findings), height))
