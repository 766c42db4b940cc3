"""The command line: commands, their options, and the progress that a terminal shows."""

__all__: list[str] = []
