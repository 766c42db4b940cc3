"""The command line: commands, their options, and what a person sees of their progress."""

__all__: list[str] = []
