"""The errors that the engine raises on purpose: one base class and its subclasses.

Every message says what happened, which value was got and what to do. The command line prints
``str(error)``; a program catches :class:`LinkageError`, or the subclass it can handle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = [
    "BlockingError",
    "ConfigError",
    "InputError",
    "LabelError",
    "LinkageError",
    "ModelError",
    "OutputError",
    "TargetError",
    "nearest",
    "nearest_hint",
    "shorten",
]

_SHOWN_CHARACTERS = 80
#: Faults of a configuration that a message lists; a file of other content has one on each line.
_SHOWN_FAULTS = 10


class LinkageError(Exception):
    """Something that the engine refuses to do, with the reason.

    Args:
        message: What happened and the value got; a whole sentence or more.
        hint: What to do about it; printed on its own line.

    Attributes:
        message: As given.
        hint: As given, or an empty string.
        exit_code: What the command line exits with.

    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class InputError(LinkageError):
    """A table that cannot be read or used as it is."""


class ConfigError(LinkageError):
    """A configuration with faults: the first ten are listed, ``faults`` has all.

    Args:
        faults: One sentence for each fault, each beginning with its dotted path.
        where: The file or place the configuration came from.
        hint: What to do about it.

    """

    exit_code = 2

    def __init__(
        self, faults: str | Sequence[str], *, where: str = "configuration", hint: str = ""
    ) -> None:
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        self.where = where
        if len(self.faults) == 1:
            message = f"{where}: {self.faults[0]}"
        else:
            lines = "".join(f"\n  - {fault}" for fault in self.faults[:_SHOWN_FAULTS])
            more = len(self.faults) - _SHOWN_FAULTS
            rest = f"\n  and {more:,} more" if more > 0 else ""
            message = f"{where}: {len(self.faults):,} faults{lines}{rest}"
        super().__init__(message, hint=hint)


class LabelError(LinkageError):
    """Labels that contradict each other, the records or the format."""


class TargetError(LinkageError):
    """A precision or a recall that no threshold keeps, as far as is known."""


class ModelError(LinkageError):
    """A saved model that cannot be loaded, or not for these records."""


class OutputError(LinkageError):
    """Results that cannot be written where they should go."""


class BlockingError(LinkageError):
    """A blocking plan that loses more matches than allowed."""


def nearest(name: str, valid: Iterable[str], limit: int = 3) -> list[str]:
    """Return the valid names most like a name, best first.

    Args:
        name: The name that was not found.
        valid: The names that would have been.
        limit: How many to return at most.

    Returns:
        Names whose similarity is high enough to be a likely typing error; may be empty.

    """
    from rapidfuzz import fuzz, process

    found = process.extract(
        name,
        list(valid),
        scorer=fuzz.ratio,
        processor=lambda text: str(text).strip().casefold().replace("-", "_"),
        score_cutoff=60,
        limit=limit,
    )
    return [match for match, _, _ in found]


def nearest_hint(name: str, valid: Iterable[str], what: str = "names") -> str:
    """Return "did you mean ..." for a name that is not valid, or the valid names when few.

    Args:
        name: The name that was not found.
        valid: The names that would have been.
        what: What the names are, in the plural.

    Returns:
        A sentence for the ``hint`` of an error.

    """
    names = list(valid)
    close = nearest(name, names)
    if len(close) == 1:
        return f"Did you mean '{close[0]}'?"
    if close:
        return "Did you mean one of " + ", ".join(f"'{match}'" for match in close) + "?"
    if not names:
        return f"There are no {what}."
    listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"The {what} are: {listed}."


def shorten(value: object, limit: int = _SHOWN_CHARACTERS) -> str:
    """Return a value as it is shown in a message: quoted, on one line, cut to a length.

    Args:
        value: Any value.
        limit: Length in characters from which text is cut.

    Returns:
        The value's ``repr``, cut.

    """
    if isinstance(value, str) and len(value) > limit:
        return repr(value[:limit]) + f"... ({len(value):,} characters)"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers of thousands of digits, and deep nesting
        return f"a value of type {type(value).__name__} that is too large to be shown"
    return text if len(text) <= limit + 20 else text[: limit + 20] + "..."
