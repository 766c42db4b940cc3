"""Files of models and of stages: hashed when written, checked when read."""

__all__: list[str] = []
