"""What a run found, as tables, a folder of files, and a summary in words."""

__all__: list[str] = []
