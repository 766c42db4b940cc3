"""Commands that take the options of :class:`RunOptions` without repeating them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any, get_type_hints

from linkage.cli.run_options import RunOptions

__all__ = ["shared_options"]

_OPTIONS = {
    field.name: inspect.Parameter(
        field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hint
    )
    for field, hint in zip(
        fields(RunOptions), get_type_hints(RunOptions, include_extras=True).values(), strict=True
    )
}


def shared_options(
    *, only: Sequence[str] = (), first: Sequence[str] = (), without: Sequence[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds shared options to a command.

    The command has a last parameter ``options``; typer sees the shared options in its place, after
    the command's own parameters. ``--help`` lists them in this order.

    Args:
        only: The options to add, in their order; all of :class:`RunOptions` if empty.
        first: Options that come before the others.
        without: Options to leave out.

    Returns:
        The decorator.

    """
    chosen = [
        _OPTIONS[name]
        for name in dict.fromkeys((*first, *(only or _OPTIONS)))
        if name not in without
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.name != "options"]

        @wraps(command)
        def with_options(**values: Any) -> None:
            shared = {one.name: values.pop(one.name) for one in chosen}
            command(**values, options=RunOptions(**shared))

        # What inspect.signature returns, and typer reads.
        with_options.__signature__ = signature.replace(parameters=[*own, *chosen])  # type: ignore[attr-defined]
        return with_options

    return decorate
