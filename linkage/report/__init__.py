"""Reports of runs and catalogs: content as plain data (``data``), rendered as HTML (``page``).

Importing this package loads nothing that draws.
"""

from __future__ import annotations

from linkage.report.page.page import Page, Section

__all__ = ["Page", "Section"]
