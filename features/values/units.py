"""Units of measure: what people write, and how much of a dimension's base unit it is."""

from __future__ import annotations

__all__ = ["DIMENSIONS", "DIMENSION_CODE", "PACK_WORDS", "UNIT", "UNITS"]

# Dimension -> spellings of one unit, lower case, with their factor to the base unit (factor 1).
UNITS: dict[str, dict[str, float]] = {
    "mass": {
        "g gr gm gms gram grams gramm gramme grammes gramos grammi": 1.0,
        "mg milligram milligrams": 1e-3,
        "mcg µg μg ug": 1e-6,
        "kg kgs kilo kilos kilogram kilograms kilogramm": 1e3,
        "oz ounce ounces onz": 28.349523125,
        "lb lbs pound pounds": 453.59237,
    },
    "volume": {
        "ml mls milliliter milliliters millilitre millilitres cc cm3 cm³ ccm": 1.0,
        "cl": 10.0,
        "dl": 100.0,
        "l lt ltr ltrs liter liters litre litres litro litros litri": 1e3,
        "floz fl.oz fl.oz. fluidounce fluidounces": 29.5735295625,
        "pt pint pints": 473.176473,
        "qt quart quarts": 946.352946,
        "gal gallon gallons": 3785.411784,
        "cuft ft3 ft³": 28316.846592,
        "m3 m³": 1e6,
    },
    "length": {
        "mm millimeter millimeters millimetre millimetres": 1.0,
        "cm cms centimeter centimeters centimetre centimetres": 10.0,
        "m mtr mtrs meter meters metre metres metro metros metri": 1e3,
        "km kilometer kilometers kilometre kilometres": 1e6,
        "in inch inches zoll pouce pouces pulgadas pollici \" ″ ''": 25.4,
        "ft foot feet ' ′": 304.8,
        "yd yds yard yards": 914.4,
        "mi mile miles": 1609344.0,
        "mil mils": 0.0254,
        "nm": 1e-6,
    },
    "area": {"cm2 cm²": 100.0, "m2 m² sqm qm": 1e6, "sqft ft2 ft²": 92903.04, "mm2 mm²": 1.0},
    "data": {
        "byte bytes": 1.0,
        "kb kilobyte kilobytes": 1e3,
        "mb mo megabyte megabytes": 1e6,
        "gb go gig gigabyte gigabytes gbyte gib": 1e9,
        "tb to terabyte terabytes tib": 1e12,
    },
    "speed": {
        "kbps kbit/s": 1e3,
        "mbps mbit mbits mb/s mbit/s": 1e6,
        "gbps gbit gbits gb/s gbit/s gbe": 1e9,
    },
    "frequency": {"hz hertz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    "power": {
        "w watt watts": 1.0,
        "mw": 1e-3,
        "kw kilowatt kilowatts": 1e3,
        "hp": 745.6998715822702,
    },
    "apparent power": {"va": 1.0, "kva": 1e3},
    "voltage": {"v volt volts vdc vac": 1.0, "kv": 1e3, "mv": 1e-3},
    "current": {"a amp amps ampere amperes": 1.0, "ma milliamp milliamps": 1e-3},
    "charge": {"mah": 1.0, "ah": 1e3},
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
    "share": {"% pct percent": 1.0},
    "count": {
        "ct count pc pcs pce piece pieces stk stück stueck pk pks pkt pack packs pck "
        "ea each unit units st sheets sheet tablets tablet tabs capsules caps pair "
        "pairs paar set sets pezzi pièces piezas uds port ports bags bag rolls roll "
        "cans bottles bottle sachets buc szt pcs.": 1.0
    },
    "sound": {"db decibel decibels": 1.0},
    "light": {"lm lumen lumens": 1.0},
    "rotation": {"rpm": 1.0},
    "pressure": {"psi": 1.0, "bar": 14.503773773, "kpa": 0.14503773773},
    "temperature": {"°c °f": 1.0},
    "yarn": {"den denier": 1.0, "gsm g/m2 g/m²": 1.0},
    "dose": {"iu ui ie": 1.0, "spf": 1.0},
}
DIMENSIONS: tuple[str, ...] = tuple(UNITS)
"""Names of the dimensions; ``Quantities.dimension`` holds positions in it."""

DIMENSION_CODE = {name: i for i, name in enumerate(DIMENSIONS)}
#: Words before or after a count of items that are sold as one.
PACK_WORDS = frozenset("pack packs pk pks pck packung".split())
UNIT: dict[str, tuple[int, float]] = {
    unit: (DIMENSION_CODE[dimension], factor)
    for dimension, rows in reversed(UNITS.items())  # a unit in two rows belongs to the first
    for units, factor in rows.items()
    for unit in units.split()
}
