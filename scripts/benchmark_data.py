"""Where the benchmark data lies."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["data_folder"]


def data_folder() -> Path:
    """Folder of the benchmark data: ``LINKAGE_DATA``, by default beside the repository."""
    default = Path(__file__).resolve().parent.parent / "../shared/data"
    return Path(os.environ.get("LINKAGE_DATA", default))
