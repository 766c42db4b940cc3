"""Which blocker proposed a candidate pair, read from the bits of the candidates."""

from __future__ import annotations

import numpy as np

from blocking.candidates import Candidates

__all__ = ["proposed_by"]


def proposed_by(candidates: Candidates, name: str) -> np.ndarray:
    """Whether each pair was proposed by the blocker of that name, bool, shape (m,)."""
    bit = np.uint32(1) << np.uint32(candidates.names.index(name))
    return (candidates.blockers & bit) != 0
