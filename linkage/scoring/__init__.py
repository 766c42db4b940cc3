"""A session of records under one match definition: candidates, their features, their scores."""

__all__: list[str] = []
