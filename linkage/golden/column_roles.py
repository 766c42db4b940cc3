"""What a column is to a shop, by the words of its name: the title, the brand, the trade number."""

from __future__ import annotations

from collections.abc import Iterable

from features.header_words import header_words

__all__ = ["column_of", "has_role"]

#: Words of names by role, the surest first.
_WORDS = {
    "title": "title titel titre titulo título titolo tytuł judul productname produktname name nom "
    "nombre nome bezeichnung",
    "description": "description beschreibung descripcion descripción descrizione descrição opis "
    "desc body text",
    "brand": "brand marke marque marca merk marka vendor manufacturer hersteller maker",
    "gtin": "gtin gtin8 gtin12 gtin13 gtin14 ean ean13 upc isbn isbn10 isbn13 barcode",
    "mpn": "mpn model modelno partno partnumber",
    "category": "category kategorie catégorie categoria categoría kategoria type producttype",
    "currency": "currency currencies währung waehrung devise moneda valuta",
    "image": "image images img imageurl picture photo bild foto",
    "link": "link url",
    "availability": "availability verfügbarkeit disponibilité",
    "condition": "condition zustand état estado",
    "color": "color colour farbe couleur colore kleur kolor cor",
    "size": "size sizes größe groesse taille talla tamaño taglia tamanho maat rozmiar",
    "material": "material matériau materiale",
    "pattern": "pattern muster motif",
}
_ROLES = {role: words.split() for role, words in _WORDS.items()}


def has_role(column: str, role: str) -> bool:
    """Whether a column is named as one of a role is."""
    return bool(header_words(column) & set(_ROLES[role]))


def column_of(role: str, columns: Iterable[str]) -> str | None:
    """The column of a role: the one with the surest word in its name, of several the first."""
    names = [(name, header_words(name)) for name in columns]
    for word in _ROLES[role]:
        for name, words in names:
            if word in words:
                return name
    return None
