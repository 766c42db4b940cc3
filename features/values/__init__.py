"""Values parsed out of text: numbers, units, quantities, dates, identifiers and other facts."""

__all__: list[str] = []
