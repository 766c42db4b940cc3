"""Classification of records: learning the value of a column from the other columns."""

__all__: list[str] = []
