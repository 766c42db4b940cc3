"""Words and phrases that make another product."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import oracles
import pyarrow as pa
import pytest

from features.compare.comparer import Comparer
from features.kinds import Kind
from features.prepare import prepare
from features.text.sets import SparseSets
from features.text.tokens import build_vocabulary, tokenise
from features.values.marks import MARKS, _data, mark_sets, word_marks

#: Spellings of the same mark in a title, by sort; each line is another mark.
MARKED = {
    "conditions": [
        "{} new/{} neu/nuovo {}/{} nuevo/{} neuf/{} novo/{} новый",
        "{} refurbished/renewed {}/{} generalüberholt/{} reconditionné/{} ricondizionato"
        "/{} reacondicionado/{} odnowiony/{} yenilenmiş/{} восстановленный",
        "{} used/{} gebraucht/{} pre-owned/second hand {}/{} d'occasion/{} usato/{} begagnad"
        "/{} tweedehands/{} б-у",
        "{} open box/{} B-Ware/{} ex-display",
        "{} for parts/{} defekt/{} faulty",
    ],
    "accessories": [
        "case for {}/cover for {}/Hülle für {}/coque pour {}/funda para {}/custodia per {}"
        "/hoes voor {}/skal för {}/{} kılıf/чехол для {}",
        "compatible with {}/kompatibel mit {}/passend für {}/compatible avec {}/uyumlu {}",
        "replacement for {}/Ersatz für {}/ricambio {}/repuesto para {}/замена {}",
        "{} without charger/{} ohne Netzteil/{} sans chargeur/{} sin cargador/{} zonder lader",
        "{} body only/{} nur Gehäuse/{} boîtier nu/{} solo cuerpo",
        "{} kit/{} bundle/{} zestaw",
    ],
    "versions": [
        "{} 2nd gen/{} Gen 2/{} gen2/{} Mk II/{} mark 2/{} v2/{} II/{} 2. Generation"
        "/{} 2e génération/{} 2ª generación/{} version 2",
        "{} 3rd generation/{} Gen 3/{} mk3/{} Mk III/{} III/{} V3",
        "{} vol. 2/{} Volume 2/{} Band 2/{} tome 2/{} Vol. II/{} vol2",
        "{} season 2/{} Staffel 2/{} saison 2/{} temporada 2/{} сезон 2",
        "{} part 2/{} Teil 2/{} partie 2/{} часть 2",
        "{} Pro/{} professional",
        "{} Mini", "{} Max", "{} Plus", "{} Lite", "{} Deluxe", "{} student/{} academic",
    ],
}  # fmt: skip


def marks_of(*texts: str) -> dict[str, SparseSets]:
    table = tokenise(pa.array(texts))
    vocabulary, (words,) = build_vocabulary([table])
    return mark_sets(table.indptr, words, word_marks(vocabulary))


def terms(sets: SparseSets) -> list[set[int]]:
    return [set(sets.ids[a:b].tolist()) for a, b in zip(sets.indptr, sets.indptr[1:], strict=False)]


@pytest.mark.parametrize("sort", MARKED)
def test_spellings_of_a_mark_are_one_and_others_are_others(sort: str) -> None:
    groups = []
    for line in MARKED[sort]:
        found = marks_of(*(text.format("Fixor Printer HM514") for text in line.split("/")))
        of_sort = terms(found[sort])
        assert all(one == of_sort[0] and one for one in of_sort), line
        assert all(one.counts.sum() == 0 for name, one in found.items() if name != sort), line
        groups.append(of_sort[0])
    assert all(not a & b for a, b in combinations(groups, 2))


@pytest.mark.parametrize(
    "text",
    ["Fixor Printer HM514", "shoes for men", "Apple iPhone 12", "water 1.5 l x 2", "set of 2",
     "mark", "volume", "16gb v", "5 v 2 a", "10 band radio", "4 season tent", "version 2021",
     "case of 12", "open the box", "200 gen"],
)  # fmt: skip
def test_plain_products_have_no_mark(text: str) -> None:
    assert all(one.counts.sum() == 0 for one in marks_of(text).values())


def test_new_and_the_first_generation_say_nothing() -> None:
    found = marks_of("new printer", "printer 1st gen", "printer mk1", "printer Gen. I")
    assert [terms(found["conditions"])[0], *terms(found["versions"])[1:]] == [{0}] * 4


def test_words_are_tokens() -> None:
    words = [
        word
        for table in _data().values()
        for some in table.values()
        for word in some.replace("_", " ").split()
    ]
    assert tokenise(pa.array(words)).clean_strings().to_pylist() == words


@pytest.mark.parametrize("cheap", [True, False])
def test_features_tell_agreement_contradiction_and_one_side_alone(cheap: bool) -> None:
    titles = [f"Fixor HM514 {x}" for x in ("", "refurbished", "renewed", "used", "new")]
    records = oracles.make_records({"title": titles}, {"title": Kind.TEXT})
    comparer = Comparer(prepare(records), cheap=cheap)
    row = {title: k for k, title in enumerate(records.table["title"].to_pylist())}
    order = [row[title] for title in titles]
    pairs = [(1, 2), (1, 3), (0, 1), (0, 4), (4, 1), (0, 0)]
    left, right = (np.array([order[p[side]] for p in pairs], np.int32) for side in (0, 1))
    found = comparer.compare(left, right)
    columns = [comparer.names.index(f"conditions:{m}") for m in ("agreement", "coverage")]
    nan = np.nan
    np.testing.assert_array_equal(
        found[:, columns], [[1, 1], [0, 0], [nan, 0], [nan, nan], [0, 0], [nan, nan]]
    )
    assert {f"{sort}:{m}" for sort in MARKS for m in ("agreement", "coverage")} <= set(
        comparer.names
    )


def test_many_marks_of_a_record() -> None:
    text = " ".join(f"vol {k} part {k} season {k}" for k in range(1, 99))
    assert marks_of(text, text)["versions"].counts.tolist() == [3 * 98, 3 * 98]
