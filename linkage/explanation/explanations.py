"""Explanations as users hold them: plain data that shows itself as a page."""

from __future__ import annotations

from linkage.explanation.data.findings import ClusterFindings, PairFindings
from linkage.explanation.page.explanation_page import explanation_page, notebook_html

__all__ = ["ClusterExplanation", "PairExplanation"]


class PairExplanation(PairFindings):
    """Why two records match, or do not."""

    def to_html(self) -> str:
        """The explanation as a page that opens by itself."""
        return explanation_page(self)

    def _repr_html_(self) -> str:
        return notebook_html(self)


class ClusterExplanation(ClusterFindings):
    """The clusters of a record."""

    def to_html(self) -> str:
        """The explanation as a page that opens by itself."""
        return explanation_page(self)

    def _repr_html_(self) -> str:
        return notebook_html(self)
