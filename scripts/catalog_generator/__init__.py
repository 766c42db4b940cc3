"""A generator of product catalogs with known truth: many sellers, families, variants and noise."""

from __future__ import annotations

from .catalog import Catalog, Options, make_catalog, write_catalog

__all__ = ["Catalog", "Options", "make_catalog", "write_catalog"]
