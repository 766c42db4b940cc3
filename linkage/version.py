"""The version of the engine, kept apart so that any module can import it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
