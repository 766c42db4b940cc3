"""Claims of places that no file system has: one error, whatever is to be written there."""

from __future__ import annotations

import pytest

from linkage.errors import LinkageError, OutputError
from linkage.io.destination.claims import claim_files, claim_folder
from linkage.models.model_folder import read_model
from linkage.results.run_folder import RunFolder

NAMES = ["é" * 400, "\ud800", "out/" + "x" * 5000]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_cannot_be(name: str) -> None:
    for claim in (claim_folder, claim_files):
        with pytest.raises(OutputError, match="cannot be written: "), claim(name):
            pass
    for reading in (read_model, RunFolder.open):
        with pytest.raises(LinkageError):
            reading(name)
