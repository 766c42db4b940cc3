"""Parts of the benchmark of scale: runs of the engine and of a peer, judging, the page."""

from __future__ import annotations
