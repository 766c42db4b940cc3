"""Configuration: as a user writes it, validated, and resolved against the columns of the tables."""

__all__: list[str] = []
