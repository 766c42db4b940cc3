"""Tests of main texts without the options that they state."""

import numpy as np
import pyarrow as pa

from features.text.cells import number_cells
from linkage.variants.stripped_titles import strip_options


def read(titles: list[str], **columns: list[str | None]) -> tuple:
    """Titles without options, and the cells of the titles."""
    texts = number_cells(pa.array(titles))
    cells = [(name, number_cells(pa.array(values))) for name, values in columns.items()]
    return strip_options(texts, cells), texts


def test_records_that_state_no_option_lose_those_of_their_title() -> None:
    titles = ["Deer Tee - Red / S", "Deer Tee", "Wolf Tee"]
    found, texts = read(titles, colour=[None, "Red", "Blue"], size=[None, "S", "M"])
    optional = np.array([True, False, False])
    by_words = found.compared_by_words(optional)
    # The title that equals what is left of another is compared by its words, too.
    assert by_words.tolist() == [True, True, False]
    assert found.values(texts, by_words).to_pylist() == ["deer tee", "deer tee", "Wolf Tee"]


def test_options_that_columns_contradict_are_part_of_a_name() -> None:
    titles = ["Ring Solitaire (Silver)", "Ring Twist (Silver)"]
    found, texts = read(titles, colour=["gold", "silver"])
    every = np.ones(2, bool)
    assert found.values(texts, every).to_pylist() == ["ring solitaire silver", "ring twist"]


def test_a_title_states_all_only_if_no_other_options_share_it() -> None:
    titles = ["Tee S", "Tee S", "Cap M", "Cap L"]
    found, _ = read(titles, size=["S", "M", "M", "L"])
    assert found.states_all.tolist() == [False, False, True, True]
