"""Words in column headers that hint at the kind of the column.

English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Indonesian, Turkish, Russian,
Chinese, Japanese. A hint decides only between kinds that the values allow.
"""

from __future__ import annotations

import re

__all__ = ["HINTS", "NOT_PRICE", "SIZES", "header_hints", "header_words"]

HINTS: dict[str, frozenset[str]] = {
    "price": frozenset(
        "price prices pricing cost msrp rrp uvp amount preis vk ek prix precio "
        "precios prezzo preco preço prijs cena harga fiyat цена стоимость 价格 價格 価格 "
        "listprice saleprice unitprice retailprice betrag montant importe".split()
    ),
    "identifier": frozenset(
        "id ids identifier key code codes sku skus gtin gtin8 gtin12 gtin13 gtin14 "
        "ean ean13 upc isbn isbn10 isbn13 issn asin mpn model modelno modelnumber "
        "modelnr partno partnumber article articleno artikelnummer artnr artikelnr "
        "art nummer ref reference referencia référence codice código codigo kod phone "
        "telephone tel telefon téléphone telefono mobile fax zip zipcode postcode "
        "postal plz cap cep ssn serial barcode hash md5 sha1 sha256 checksum uuid "
        "guid артикул код телефон 型号 型番 货号 number no".split()
    ),
    "image": frozenset(
        "image images img imageurl imagehash photo photos picture pictures pic bild "
        "bilder foto fotos imagen imagem immagine afbeelding zdjecie zdjęcie gambar "
        "resim thumbnail thumb phash dhash ahash whash hash perceptual изображение "
        "фото 图片 图像 画像".split()
    ),
    "date": frozenset(
        "date dates datum fecha data tanggal tarih дата 日期 日付 birthday birthdate dob "
        "released created updated published timestamp".split()
    ),
    "year": frozenset(
        "year yr jahr année annee año anno ano jaar rok tahun yıl год 年 年份".split()
    ),
    "text": frozenset(
        "title titles titel titre titulo título titolo judul tytuł tytul description "
        "descriptions desc beschreibung descripcion descripción descrizione descrição "
        "deskripsi opis açıklama описание 描述 标题 标题 説明 text body summary details note "
        "notes comment comments bezeichnung produktname productname prodname".split()
    ),
    "name": frozenset(
        "brand brands marke marque marca merk marka merek brend бренд 品牌 ブランド "
        "manufacturer maker hersteller fabricant fabricante produttore fabrikant "
        "producent vendor seller merchant supplier author authors autor auteur autore "
        "editor editors publisher institution artist actor director surname lastname "
        "firstname forename givenname vorname nachname nom apellido cognome suburb "
        "company firma designer label".split()
    ),
    "category": frozenset(
        "category categories kategorie catégorie categoria categoría categorie "
        "kategori kategoria type typ tipo genre colour color farbe couleur color cor "
        "kleur kolor warna renk colore цвет 颜色 色 size sizes größe groesse taille "
        "talla tamaño taglia tamanho maat rozmiar ukuran beden размер 尺码 尺寸 gender "
        "geschlecht sexe material style department section group currency condition "
        "state status season language country city venue class".split()
    ),
}
NOT_PRICE = frozenset("currency currencies valid until date type".split())
SIZES = frozenset(
    "size sizes größe groesse taille talla tamaño taglia tamanho maat rozmiar ukuran beden".split()
)


def header_words(name: str) -> frozenset[str]:
    """Words of a header, split at blanks, punctuation and capitals, and the whole header as one."""
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.findall(r"[^\W_]+", parted.lower())
    return frozenset(words) | {re.sub(r"[\W_]+", "", name.lower())}


def header_hints(words: frozenset[str]) -> frozenset[str]:
    """Names of the hints (keys of `HINTS`) that the words of a header give."""
    return frozenset(hint for hint, known in HINTS.items() if words & known)
