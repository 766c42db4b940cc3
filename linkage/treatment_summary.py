"""What was done with the texts of many sources, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["treatment_lines"]

#: Sources that are told one by one.
_MOST_TOLD = 3


def treatment_lines(treatments: Sequence[Mapping[str, Any]]) -> list[str]:
    """The treatment of each column: source by source, or counted where there are many.

    Args:
        treatments: as :meth:`features.treatment.Treatment.to_dict` gives them.
    """
    lines = []
    for column in dict.fromkeys(one["column"] for one in treatments):
        own = [one for one in treatments if one["column"] == column]
        if len(own) <= _MOST_TOLD:
            lines += [one["reason"] for one in own]
            continue
        masked = [one for one in own if not one["disciplined"]]
        mentions = sum(one["masked"] for one in masked)
        lines.append(
            f"{column}: left as it is in {len(own) - len(masked):,} sources whose variants share "
            f"texts or state no variant; {mentions:,} mentions of ignored values masked in "
            f"{len(masked):,} others"
        )
    return lines
