"""Rules that decide beside the score: those that the user declared, and what records contradict."""

from __future__ import annotations

import numpy as np

from linkage.explanation.data import RuleFinding
from linkage.session import Session

__all__ = ["rules_of_pair"]


def rules_of_pair(session: Session, left: int, right: int) -> list[RuleFinding]:
    """The rules of a match definition that apply to a pair.

    Args:
        session: the match definition's.
        left, right: rows of the pair in the session.
    """
    found = []
    if session.grouping is not None:
        apart = session.grouping.apart(np.array([left]), np.array([right]))
        if apart[0]:
            found.append(
                RuleFinding(
                    "cannot",
                    "one source lists both texts, each with a whole set of the same variants: two "
                    "products",
                    declared=False,
                )
            )
    return found
