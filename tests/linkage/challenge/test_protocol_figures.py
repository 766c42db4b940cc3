"""Figures over seeds; those of whole protocols are tested where protocols are run."""

from __future__ import annotations

import pytest

from linkage.challenge.protocol_figures import summarise


def test_means_and_spreads() -> None:
    assert summarise([0.5, 0.7]) == {
        "mean": pytest.approx(0.6),
        "spread": pytest.approx(0.02**0.5),
        "values": [0.5, 0.7],
    }
    assert summarise([0.5])["spread"] is None
    nothing = summarise([float("nan"), None])
    assert (nothing["mean"], nothing["spread"]) == (None, None)
