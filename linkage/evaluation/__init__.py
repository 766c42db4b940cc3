"""How well results agree with the truth: metrics, and the evaluation of a run."""

__all__: list[str] = []
