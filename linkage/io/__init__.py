"""Files in and out: tables, ids and labels are read; CSV, Parquet and JSON are written."""

__all__: list[str] = []
