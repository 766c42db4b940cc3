"""What text states, against plain Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import oracles
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.text.sets import SparseSets
from features.text.statistics import Statistics
from features.text.tokens import build_vocabulary, tokenise
from features.values.facts import CodeSets, code_sets, fact_sets
from features.values.lexicon import COLOURS, EDITIONS
from features.values.text_quantities import STEP
from features.values.units import DIMENSION_CODE
from features.values.word_facts import word_facts

ROLES = {
    "w55": "number",
    "dscw55": "code",
    "12345": "code",
    "1080p": "quantity",
    "128gb": "quantity",
    "2019": "year",
    "1899": "code",
    "2040": "code",
    "7": "number",
    "3.5": "number",
    "1.234.567": "number",
    "camera": "",
    "gb": "",
    "中": "",
}


def test_roles_of_words() -> None:
    vocabulary, _ = build_vocabulary([tokenise(pa.array([" ".join(ROLES)]))])
    assert vocabulary.words() == list(ROLES)
    facts = word_facts(vocabulary)
    for k, (word, role) in enumerate(ROLES.items()):
        found = {
            "code": facts.is_code[k],
            "number": facts.is_number[k],
            "year": facts.is_year[k],
            "quantity": facts.dimension[k] >= 0,
        }
        assert [name for name, so in found.items() if so] == ([role] if role else []), word


def test_values_of_words() -> None:
    words = ["7", "3.5", "1.2.3", "w7", "128gb", "kg", "x"]
    facts = word_facts(build_vocabulary([tokenise(pa.array([" ".join(words)]))])[0])
    nan = np.nan
    np.testing.assert_equal(facts.plain_number, [7, 3.5, nan, nan, nan, nan, nan])
    np.testing.assert_equal(facts.amount[:5], [nan, nan, nan, nan, 128e9])
    assert facts.dimension[4] == DIMENSION_CODE["data"]
    assert (facts.unit_factor[5], facts.unit_dimension[5]) == (1000, DIMENSION_CODE["mass"])
    assert np.all(np.isnan(facts.unit_factor[:5]))


def test_an_empty_vocabulary_has_no_facts() -> None:
    facts = word_facts(build_vocabulary([])[0])
    assert len(facts.is_code) == len(facts.colour) == 0
    sets = fact_sets(np.zeros(3, np.int64), np.zeros(0, np.int32), facts)
    assert all(one.counts.tolist() == [0, 0] for one in sets.values())


def facts_of(*cells: str | None) -> dict[str, SparseSets]:
    table = tokenise(pa.array(cells, pa.string()))
    vocabulary, (words,) = build_vocabulary([table])
    return fact_sets(table.indptr, words, word_facts(vocabulary))


WORDS = "black noir navy red pro academic 2019 1999 12 7.5 w5 500ml 3 kg dscw55 camera".split()


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), min_size=1, max_size=5))
def test_facts_of_records(rows: list[list[str]]) -> None:
    sets = facts_of(*map(" ".join, rows))
    for name, lexicon in (("colours", COLOURS), ("editions", EDITIONS)):
        groups = [{lexicon[word] for word in row if word in lexicon} for row in rows]
        assert sets[name].counts.tolist() == list(map(len, groups))
        ids = [set(row) for row in oracles.rows_of(sets[name].indptr, sets[name].ids)]
        for a in range(len(rows)):
            assert [len(ids[a] & b) for b in ids] == [len(groups[a] & b) for b in groups]
    assert sets["years"].counts.tolist() == [len({"2019", "1999"} & set(row)) for row in rows]
    numbers = [len({"12", "7.5", "w5", "3"} & set(row)) for row in rows]
    assert sets["numbers"].counts.tolist() == numbers


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("tee xl", "tee extra large", True),
        ("tee xl", "tee x-large", True),
        ("tee xxl", "tee 2xl", True),
        ("tee xxl", "tee xx large", True),
        ("tee xs", "tee Extra Small", True),
        ("tee l", "tee extra large", False),
        ("tee medium", "tee m", True),
        ("extra medium", "m", True),
        ("tee xl", "tee l", False),
    ],
)
def test_apparel_sizes(left: str, right: str, equal: bool) -> None:
    sets = facts_of(left, right)["sizes"]
    a, b = oracles.rows_of(sets.indptr, sets.ids)
    assert len(a) == len(b) == 1
    assert (a == b) == equal


def test_a_modifier_in_another_row_makes_no_size() -> None:
    sets = facts_of("extra", "large", "l")["sizes"]
    none, large, also = oracles.rows_of(sets.indptr, sets.ids)
    assert none == []
    assert large == also


def quantities(*cells: str | None) -> list[list[int]]:
    sets = facts_of(*cells)["quantities"]
    return oracles.rows_of(sets.indptr, sets.ids)


def test_quantities_are_read_glued_and_apart() -> None:
    glued, apart, base, other, none, null = quantities(
        "milk 1.5kg", "milk 1.5 kg", "1500 g", "2 kg", "kg 5", None
    )
    assert glued == apart == base != other
    assert none == null == []
    assert glued[0] // STEP == DIMENSION_CODE["mass"]


def test_nearly_equal_quantities_are_neighbours() -> None:
    ounces, millilitres, more = quantities("16.9 floz", "500 ml", "520 ml")
    assert abs(ounces[0] - millilitres[0]) <= 1
    assert abs(more[0] - millilitres[0]) > 1


def test_huge_and_tiny_amounts_stay_in_their_dimension() -> None:
    for cell in ("9" * 400 + " kg", "0." + "0" * 300 + "1 kg"):
        for term in quantities(cell)[0]:
            assert term // STEP == DIMENSION_CODE["mass"]
    assert quantities("0 kg") == [[]]


def codes_of(cells: list[str | None], whole: bool) -> tuple[CodeSets, list[set[str]]]:
    table = tokenise(pa.array(cells, pa.string()))
    vocabulary, (words,) = build_vocabulary([table])
    facts = word_facts(vocabulary)
    found = code_sets([table], [words], facts, [whole], Statistics())
    is_code = dict(zip(vocabulary.words(), facts.is_code.tolist(), strict=True))
    expected = [oracles.codes(oracles.tokens(cell), is_code, whole) for cell in cells]
    return found, expected


def texts_of(codes: CodeSets) -> list[set[str]]:
    bounds = pairwise(codes.offsets)
    texts = [bytes(codes.text[start:stop]).decode() for start, stop in bounds]
    assert len(set(texts)) == len(texts), "a code is numbered once"
    return [{texts[k] for k in row} for row in oracles.rows_of(codes.sets.indptr, codes.sets.ids)]


@given(
    st.lists(st.none() | st.text("ab12- ._é中,", max_size=20), min_size=1, max_size=5),
    st.booleans(),
)
def test_codes_are_those_of_plain_python(cells: list[str | None], whole: bool) -> None:
    found, expected = codes_of(cells, whole)
    assert texts_of(found) == expected


@pytest.mark.parametrize(
    ("cell", "whole", "codes"),
    [
        ("Sony DSC-W55 camera", False, {"dscw55"}),
        ("Sony DSCW55", False, {"dscw55"}),
        ("WH-1000XM4", False, {"wh1000xm4", "1000xm4"}),
        ("state-of-the-art", False, set()),
        ("one-2-three-4-five-6-seven-8-nine", False, set()),
        ("型号DSC55手机", False, {"dsc55"}),
        ("iPhone 2019 128GB 12", False, set()),
        ("AB 12/34", True, {"ab1234"}),
        ("AB CD", True, set()),
    ],
)
def test_examples_of_codes(cell: str, whole: bool, codes: set[str]) -> None:
    assert texts_of(codes_of([cell], whole)[0]) == [codes]


def test_codes_of_several_columns_are_one_set_and_rare_ones_weigh_more() -> None:
    titles = tokenise(pa.array(["a dsc-w55", "a dscw55", "wx100", None]))
    models = tokenise(pa.array(["DSC W55", None, None, "wx100"]))
    vocabulary, words = build_vocabulary([titles, models])
    facts = word_facts(vocabulary)
    codes = code_sets([titles, models], words, facts, [False, True], Statistics())
    assert texts_of(codes) == [{"dscw55"}, {"dscw55"}, {"wx100"}, {"wx100"}]
    assert np.all(codes.sets.weights < 1)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("shirt XL", "shirt extra large", True),
        ("shirt XL", "shirt X-Large", True),
        ("shirt XXL", "shirt 2X Large", True),
        ("shirt XS", "extra small shirt", True),
        ("shirt large", "shirt extra large", False),
        ("shirt L", "shirt Large", True),
        ("shirt M", "shirt medium", True),
        ("shirt S", "shirt M", False),
    ],
)
def test_sizes(left: str, right: str, same: bool) -> None:
    sizes = facts_of(left, right)["sizes"]
    one, other = (sizes.ids[sizes.indptr[k] : sizes.indptr[k + 1]].tolist() for k in (0, 1))
    assert len(one) == len(other) == 1
    assert (one == other) == same


@pytest.mark.parametrize("cell", ["water 1 L", "0.33 l", "500 m rope", "6 x 1 L", "1.5 L bottle"])
def test_units_after_numbers_are_no_sizes(cell: str) -> None:
    assert facts_of(cell, "shirt 2024 L")["sizes"].counts.tolist() == [0, 1]


def test_a_modifier_needs_its_size_in_the_same_record() -> None:
    sizes = facts_of("extra virgin olive oil", "extra", "large")["sizes"]
    assert sizes.counts.tolist() == [0, 0, 1]
    alone = facts_of("large")["sizes"]
    assert sizes.ids.tolist() == alone.ids.tolist()
