"""Tests of titles without the options that they state."""

import pytest

from features.variants.base_titles import Options, base_titles, options_of

SIZES = ["XS", "S", "M", "L", "XL"]


def bases(titles: list[str], **columns: list[str]) -> list[str]:
    return base_titles(titles, options_of(columns.items()))


@pytest.mark.parametrize(
    "form",
    [
        "{name} - {value}",
        "{name} ({value})",
        "{name} [{value}]",
        "{name}, {value}",
        "{name} {value}",
    ],
)
def test_options_at_the_end_and_between_delimiters_are_removed(form: str) -> None:
    titles = [form.format(name="Deer Tee", value=value) for value in SIZES]
    assert bases(titles, size=SIZES) == ["deer tee"] * len(SIZES)


def test_several_options_and_their_labels_are_removed() -> None:
    titles = ["Chic Set - Taille 14 ans / Rouge", "Chic Set (Rouge, Taille 8 ans)"]
    found = bases(titles, taille=["14 ans", "8 ans"], couleur=["Rouge"])
    assert found == ["chic set"] * 2


def test_words_inside_of_a_name_stay() -> None:
    titles = ["Black Forest Cake - 1 kg", "Red Velvet Cake - 1 kg"]
    found = bases(titles, colour=["Black", "Red"], weight=["1 kg", "2 kg"])
    assert found == ["black forest cake", "red velvet cake"]


def test_a_title_of_options_alone_keeps_its_words() -> None:
    assert bases(["XL", "M"], size=SIZES) == ["xl", "m"]


def test_numbers_of_a_known_unit_need_not_be_known_values() -> None:
    titles = [f"Galaxy J4 {size} GB" for size in (16, 32, 512)]
    assert bases(titles, storage=["16 GB", "32GB"]) == ["galaxy j4"] * 3


def test_options_are_learned_from_what_alternates() -> None:
    products = ["Ghost Tee", "Deer Tee", "Wolf Tee", "Bear Tee"]
    titles = [f"{name} - {value}" for name in products for value in ("S", "M", "Cropped")]
    assert bases(titles, size=SIZES) == [name.lower() for name in products for _ in range(3)]


def test_ends_of_names_are_not_learned() -> None:
    products = ["Phone 7", "Phone 7 Pro", "Phone 8", "Phone 8 Pro", "Phone 9", "Phone 9 Pro"]
    titles = [f"{name} - {value}" for name in products for value in ("S", "M")]
    assert bases(titles, size=SIZES) == [name.lower() for name in products for _ in range(2)]


def test_without_options_only_the_writing_changes() -> None:
    assert base_titles(["Rug 50 x 80, 2 kg"], Options()) == ["rug 50x80 2kg"]
