"""Runs the command line: ``python -m linkage``."""

from __future__ import annotations

from linkage.cli.app import main

__all__: list[str] = []

main()
