"""Results of a run: tables, the account, the folder of files, a summary in words."""

__all__: list[str] = []
