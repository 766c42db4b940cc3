"""Pages that show what a run found: plain data first, then one self-contained HTML file.

Importing this package loads nothing that draws.
"""

from __future__ import annotations

from linkage.report.page.page import Page, Section

__all__ = ["Page", "Section"]
