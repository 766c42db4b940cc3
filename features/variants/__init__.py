"""What variants differ in: how texts mention it, and masks that take it out of them."""

__all__: list[str] = []
