"""Units of measure: what people write, and how much of a dimension's base unit it is."""

from __future__ import annotations

import unicodedata

__all__ = [
    "BOX_WORDS",
    "COUNT_BEFORE_PACK",
    "DIMENSIONS",
    "DIMENSION_CODE",
    "JOINED_PACKS",
    "PACK_WORDS",
    "PARTS_OF_WHOLE",
    "UNIT",
    "UNITS",
]

# Dimension -> spellings of one unit, lower case, with their factor to the base unit (factor 1).
UNITS: dict[str, dict[str, float]] = {
    "mass": {
        "g gr gm gms gram grams gramm gramme grammes gramos grammi г гр грамм": 1.0,
        "mg milligram milligrams мг": 1e-3,
        "mcg µg μg ug": 1e-6,
        "kg kgs kilo kilos kilogram kilograms kilogramm кг": 1e3,
        "oz ounce ounces onz": 28.349523125,
        "lb lbs pound pounds": 453.59237,
    },
    "volume": {
        "ml mls milliliter milliliters millilitre millilitres cc cm3 cm³ ccm мл см3": 1.0,
        "cl": 10.0,
        "dl": 100.0,
        "l lt ltr ltrs liter liters litre litres litro litros litri л литр литра литров": 1e3,
        "fl floz fluid fluidounce fluidounces": 29.5735295625,
        "pt pint pints": 473.176473,
        "qt quart quarts": 946.352946,
        "gal gallon gallons": 3785.411784,
        "cuft ft3 ft³": 28316.846592,
        "m3 m³ м3": 1e6,
    },
    "length": {
        "mm millimeter millimeters millimetre millimetres мм": 1.0,
        "cm cms centimeter centimeters centimetre centimetres см": 10.0,
        "m mtr mtrs meter meters metre metres metro metros metri м метр метра метров": 1e3,
        "km kilometer kilometers kilometre kilometres": 1e6,
        "in inch inches zoll pouce pouces pulgada pulgadas pollici cale дюйм дюйма дюймов": 25.4,
        "ft foot feet": 304.8,
        "yd yds yard yards": 914.4,
        "mi mile miles": 1609344.0,
        "mil mils": 0.0254,
        "nm": 1e-6,
    },
    "area": {
        "cm2 cm² см2": 100.0,
        "m2 m² м2 sqm qm": 1e6,
        "sqft ft2 ft²": 92903.04,
        "mm2 mm²": 1.0,
    },
    "data": {
        "byte bytes": 1.0,
        "kb kilobyte kilobytes": 1e3,
        "mb mo megabyte megabytes мб": 1e6,
        "gb go gig gigabyte gigabytes gbyte gib гб": 1e9,
        "tb to terabyte terabytes tib тб": 1e12,
    },
    "speed": {
        "kbps kbit": 1e3,
        "mbps mbit mbits": 1e6,
        "gbps gbit gbits gbe": 1e9,
    },
    "frequency": {"hz hertz гц": 1.0, "khz кгц": 1e3, "mhz мгц": 1e6, "ghz ггц": 1e9},
    "power": {
        "w watt watts вт ватт": 1.0,
        "mw": 1e-3,
        "kw kilowatt kilowatts квт": 1e3,
        "hp": 745.6998715822702,
    },
    "apparent power": {"va": 1.0, "kva": 1e3},
    "voltage": {"v volt volts vdc vac вольт": 1.0, "kv": 1e3, "mv": 1e-3},
    "current": {"a amp amps ampere amperes": 1.0, "ma milliamp milliamps": 1e-3},
    "charge": {"mah мач": 1.0, "ah ач": 1e3},
    "energy": {"wh": 1.0, "kwh": 1e3},
    "time": {
        "s sec secs second seconds": 1.0,
        "ms msec": 1e-3,
        "ns": 1e-9,
        "min mins minute minutes": 60.0,
        "h hr hrs hour hours": 3600.0,
        "d day days": 86400.0,
        "wk week weeks": 604800.0,
        "mo. mth month months": 2629746.0,
        "yr yrs year years": 31556952.0,
    },
    "pixels": {"px pixel pixels": 1.0, "mp mpx mpix megapixel megapixels": 1e6},
    "lines": {"p i": 1.0},
    "density": {"dpi ppi": 1.0},
    "ratio": {"x": 1.0},
    "share": {"percent pct": 1.0},
    "count": {
        "ct count pc pcs pce piece pieces stk stück stueck pk pks pkt pack packs pck er "
        "ea each unit units st sheets sheet tablets tablet tabs tab capsules capsule caps pair "
        "pairs paar set sets pezzi pezzo pièces pièce piezas pieza uds unidades unidad unità "
        "unités unité port ports bags bag rolls roll cans can bottles bottle sachets sachet buc "
        "szt sztuk sztuki pz pzs vnt ks kus kusů darab adet kpl styk stuks stuk komada kom "
        "шт штук штуки таб пак packung packungen flasche flaschen dose dosen bouteille "
        "bouteilles bottiglia bottiglie botella botellas lata latas tabletten kapseln comprimés "
        "comprimidos compresse gélules blatt rollen beutel 個 个 枚 本 袋 箱 缶 罐 瓶 粒 錠 片 支 "
        "包 盒 件 只 条 條 張 张 卷 개 병 매 정": 1.0
    },
    "sound": {"db decibel decibels": 1.0},
    "light": {"lm lumen lumens": 1.0},
    "rotation": {"rpm": 1.0},
    "pressure": {"psi": 1.0, "bar": 14.503773773, "kpa": 0.14503773773},
    "temperature": {"celsius fahrenheit": 1.0},
    "yarn": {"den denier": 1.0, "gsm": 1.0},
    "dose": {"iu ui ie": 1.0, "spf": 1.0},
}
DIMENSIONS: tuple[str, ...] = tuple(UNITS)
"""Names of the dimensions; ``Quantities.dimension`` holds positions in it."""

DIMENSION_CODE = {name: i for i, name in enumerate(DIMENSIONS)}


def as_token(word: str) -> str:
    """The word as tokens have it: in compatibility decomposition, without combining marks."""
    decomposed = unicodedata.normalize("NFKD", word).lower()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


#: Dimension and factor of each unit, as people write it and as tokens have it.
UNIT: dict[str, tuple[int, float]] = {
    spelling: (DIMENSION_CODE[dimension], factor)
    for dimension, rows in reversed(UNITS.items())  # a unit in two rows belongs to the first
    for units, factor in rows.items()
    for unit in units.split()
    for spelling in (unit, as_token(unit))
}
#: Words for items that are sold as one: of the first kind beside a count, of both before "of".
PACK_WORDS = frozenset(
    map(as_token, "pack packs pk pks pck packung packungen paczka упаковка".split())
)
BOX_WORDS = frozenset(
    map(
        as_token,
        "set sets box boxes case lot confezione paquete caja karton paket opakowanie balení "
        "zestaw комплект набор".split(),
    )
)
#: Words for several, which count where a word for a pack follows, and that word joined to them.
_SEVERAL = {
    1: "single", 2: "twin duo double two doppel zweier", 3: "triple trio three tri dreier",
    4: "four quad vierer", 5: "five fünfer", 6: "six sechser", 8: "eight achter", 10: "ten zehner",
    12: "twelve dozen",
}  # fmt: skip
COUNT_BEFORE_PACK = {as_token(w): n for n, words in _SEVERAL.items() for w in words.split()}
JOINED_PACKS = {
    word + pack: n for word, n in COUNT_BEFORE_PACK.items() for pack in ("pack", "packung", "packs")
}
#: Things of which the whole amount is stated, rather than that of one: "40 g, 20 bags".
PARTS_OF_WHOLE = frozenset("sheets sheet port ports bags bag rolls roll blatt rollen".split())
