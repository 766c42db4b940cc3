"""Tests of concepts that titles state: colours, apparel sizes, amounts with a unit."""

import pytest

from features.variants.base_titles import Options, base_titles
from features.variants.concepts import concept_options


def base(title: str, *concepts: str) -> str:
    return base_titles([title], Options(), concept_options(concepts))[0]


@pytest.mark.parametrize("form", ["{} - {}", "{} ({})", "{} [{}]", "{}, {}", "{} {}", "{} | {}"])
@pytest.mark.parametrize(
    ("concept", "value"),
    [
        *(("colour", one) for one in (
            "Red", "rouge", "Grün", "beżowy", "зелёный", "Light Blue", "Light-Blue", "hellblau",
            "bleu foncé", "Sky Blue", "Black & White", "rot und weiß", "Farbe: Schwarz",
        )),
        *(("size", one) for one in (
            "M", "XXL", "X-Large", "extra large", "S/M", "taille M", "Größe 42", "EU 42", "42 EU",
            "Size 9.5", "6-9 months", "Taille 14 ans", "W32/L34", "one size",
        )),
        *(("quantity", one) for one in (
            "500 ml", "0,5 l", "1.5kg", "6 x 330 ml", "6x330ml", "330 ml x 6", "330ml×6",
            "12 Dosen à 330 ml", "50 x 80 cm", "2 m²", "6 pack", "6er-Pack", "pack of 6",
            "lot de 3", "24 pcs", "2 Stück", "64 GB", '55"',
        )),
    ],
)  # fmt: skip
def test_concepts_are_removed_at_the_end_of_titles(form: str, concept: str, value: str) -> None:
    assert base(form.format("Otter Fleece", value), concept) == "otter fleece"


def test_concepts_are_removed_between_delimiters_only() -> None:
    assert base("Tee - Red - Organic", "colour") == "tee organic"
    assert base("Black Forest Cake - 1 kg", "colour", "quantity") == "black forest cake"


def test_other_concepts_stay() -> None:
    assert base("Tee - Red / M", "colour") == "tee m"
    assert base("Tee - Red / M", "size") == "tee red"
    assert base("Mug Red 300 ml", "size") == "mug red 300ml"


def test_words_of_the_name_before_a_delimiter_stay() -> None:
    assert base("Desk Light - Blue", "colour") == "desk light"
    assert base("Whisky 12 years", "size") == "whisky 12 years"


def test_nothing_is_learned_from_concepts() -> None:
    titles = [f"{name} - {end}" for name in ("Tee", "Mug") for end in ("Red", "Blue", "Wool")]
    found = base_titles(titles, Options(), concept_options(["color"]))
    assert found == ["tee", "tee", "tee wool", "mug", "mug", "mug wool"]
