"""Plain data of an explanation as HTML and in the terminal."""

__all__: list[str] = []
