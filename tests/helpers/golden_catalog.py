"""A catalog written by hand: pairs of offers, and what they are to each other.

Each pair: what the second offer is to the first (``same`` sellable product, ``variant`` in colour,
size or quantity, ``other`` product), then both offers as title | brand | colour | size.
"""

from __future__ import annotations

import pandas as pd

__all__ = ["golden_catalog"]

_PAIRS = """
# apparel
same: Crewneck T-Shirt Red XL | Norvik | red | XL
  ~ Norvik Crewneck T-Shirt, red, X-Large | Norvik | Red | X-Large
variant: Pima Polo Shirt Navy M | Norvik | navy | M
  ~ Pima Polo Shirt, burgundy, L | Norvik | burgundy | L
same: Harbour Hoodie Grey 2XL | Saltmarsh | grey | 2XL
  ~ Saltmarsh Harbour Hoodie Gray XXL | Saltmarsh | gray | XXL
variant: Trailhead Fleece Jacket Black S | Saltmarsh | black | S
  ~ Trailhead Fleece Jacket Green S | Saltmarsh | green | S
same: Meadow Wrap Dress Blk Small | Ottilie | black | S
  ~ Ottilie Meadow Wrap Dress Black S | Ottilie | black | small
variant: Linen Camp Shirt White L | Ottilie | white | L
  ~ Linen Camp Shirt White M | Ottilie | white | M
same: Redmond Oxford Shirt White M | Redmond | white | M
  ~ Redmond Oxford Shirt, white, medium | Redmond | white | M
variant: Redmond Twill Chinos Khaki L | Redmond | khaki | L
  ~ Redmond Twill Chinos Navy XL | Redmond | navy | XL
same: Goldfish Swim Shorts Orange S | Goldfish | orange | S
  ~ Goldfish Swim Shorts Orange Small | Goldfish | orange | S
variant: Cable Knit Cardigan Cream S | Saltmarsh | cream | S
  ~ Cable Knit Cardigan Brown L | Saltmarsh | brown | L
# shoes
same: Runner 3 Trainers White EU 42 | Velstride | white | 42
  ~ Velstride Runner 3 Trainers White 42 | Velstride | white | EU 42
variant: Summit Hiking Boots Brown EU 43 | Velstride | brown | 43
  ~ Summit Hiking Boots Black EU 41 | Velstride | black | 41
same: Pier Loafers Tan EU 40 | Castellan | tan | 40
  ~ Castellan Pier Loafers Tan 40 | Castellan | tan | EU 40
variant: Court Classic Sneakers White EU 39 | Castellan | white | 39
  ~ Court Classic Sneakers White EU 44 | Castellan | white | 44
same: Moorland Chelsea Boots Black EU 38 | Castellan | black | 38
  ~ Moorland Chelsea Boots Blk 38 | Castellan | black | EU 38
variant: Beachcomber Sandals Red EU 37 | Velstride | red | 37
  ~ Beachcomber Sandals Blue EU 37 | Velstride | blue | 37
# electronics
same: Samsung S21 128GB Black | Samsung | black | 128GB
  ~ Mobile phone Galaxy S21 128GB 8GB RAM black | Samsung | black | 128 GB
variant: Nordlys Phone A12 64GB Black | Nordlys | black | 64GB
  ~ Nordlys Phone A12 128GB White | Nordlys | white | 128GB
other: Nordlys Phone A12 64GB Blue | Nordlys | blue | 64GB
  ~ Nordlys Phone A12s 64GB Blue | Nordlys | blue | 64GB
same: Kestrel Tablet T8 256GB Silver | Kestrel | silver | 256GB
  ~ Kestrel T8 Tablet 256 GB silver | Kestrel | silver | 256 GB
variant: Kestrel Portable SSD Vault 1TB Grey | Kestrel | grey | 1TB
  ~ Kestrel Portable SSD Vault 2TB Grey | Kestrel | grey | 2TB
same: Kestrel Portable SSD Anchor 1TB Black | Kestrel | black | 1TB
  ~ Kestrel Anchor Portable SSD 1000 GB black | Kestrel | black | 1000 GB
other: Tonwerk Headphones TW-W55 Black | Tonwerk | black |
  ~ Tonwerk Headphones TW-W120 Black | Tonwerk | black |
same: Tonwerk Speaker BX-330 White | Tonwerk | white |
  ~ Tonwerk BX330 Speaker, white | Tonwerk | white |
variant: Tonwerk Soundbar SB-900 Black | Tonwerk | black |
  ~ Tonwerk Soundbar SB-900 Silver | Tonwerk | silver |
same: Blackberry Messenger Keypad Case Silver | Blackberry | silver |
  ~ Blackberry Keypad Case Messenger silver | Blackberry | silver |
other: Lumora Desk Lamp LX-20 White | Lumora | white |
  ~ Lumora Desk Lamp LX-45 White | Lumora | white |
variant: Lumora Clip Lamp CL-7 Red | Lumora | red |
  ~ Lumora Clip Lamp CL-7 Green | Lumora | green |
# groceries with packs
variant: Fizzwell Cola 6 x 330 ml | Fizzwell | | 6 x 330 ml
  ~ Fizzwell Cola 330 ml | Fizzwell | | 330 ml
same: Fizzwell Lemonade 0.5 L | Fizzwell | | 0.5 L
  ~ Fizzwell Lemonade 500 ml | Fizzwell | | 500 ml
same: Fizzwell Tonic Water 6 x 200 ml | Fizzwell | | 6 x 200 ml
  ~ Fizzwell Tonic Water 6x200ml | Fizzwell | | 6x200ml
variant: Bergamo Espresso Beans 250 g | Bergamo | | 250 g
  ~ Bergamo Espresso Beans 1 kg | Bergamo | | 1 kg
same: Bergamo Decaf Ground Coffee 500 g | Bergamo | | 500 g
  ~ Bergamo Decaf Ground Coffee 0.5 kg | Bergamo | | 0.5 kg
variant: Dovecote Honey Jar 340 g | Dovecote | | 340 g
  ~ Dovecote Honey Jar 720 g | Dovecote | | 720 g
same: Dovecote Rolled Oats 2 kg | Dovecote | | 2 kg
  ~ Dovecote Rolled Oats 2000 g | Dovecote | | 2000 g
variant: Ashgrove Green Tea 50 bags | Ashgrove | | 50 bags
  ~ Ashgrove Green Tea 100 bags | Ashgrove | | 100 bags
same: Ashgrove Rooibos Infusion 40 bags | Ashgrove | | 40 bags
  ~ Rooibos Infusion 40 bags Ashgrove | Ashgrove | | 40 bags
variant: Orchard Apple Juice 12 x 1 L | Ashgrove | | 12 x 1 L
  ~ Orchard Apple Juice 1 L | Ashgrove | | 1 L
other: Fizzwell Ginger Beer 330 ml | Fizzwell | | 330 ml
  ~ Fizzwell Bitter Orange 330 ml | Fizzwell | | 330 ml
other: Bergamo Filter Papers No 4 | Bergamo | |
  ~ Bergamo Milk Frother Jug | Bergamo | |
# furniture
same: Halden Side Table Oak 120 x 60 cm | Halden | oak | 120 x 60 cm
  ~ Halden Side Table Oak 120x60cm | Halden | oak | 120x60cm
variant: Halden Writing Desk Walnut 140 x 70 cm | Halden | walnut | 140 x 70 cm
  ~ Halden Writing Desk White 120 x 60 cm | Halden | white | 120 x 60 cm
same: Fjord Bookcase White 80 cm | Halden | white | 80 cm
  ~ Halden Fjord Bookcase white 800 mm | Halden | white | 800 mm
variant: Kilim Wool Rug Red 170 x 120 cm | Tessuto | red | 170 x 120 cm
  ~ Kilim Wool Rug Red 200 x 140 cm | Tessuto | red | 200 x 140 cm
same: Berber Hallway Runner Beige 200 x 80 cm | Tessuto | beige | 200 x 80 cm
  ~ Tessuto Berber Hallway Runner beige 200x80cm | Tessuto | beige | 200x80cm
variant: Lagoon Three-Piece Sofa Grey | Tessuto | grey |
  ~ Lagoon Three-Piece Sofa Teal | Tessuto | teal |
other: Halden Bar Stool Birk Black | Halden | black |
  ~ Halden Coat Rack Gren Black | Halden | black |
variant: Velvet Footstool Pouf Pink | Tessuto | pink |
  ~ Velvet Footstool Pouf Navy | Tessuto | navy |
# cosmetics shades
same: Foundation Silkveil Ivory 30ml | Amarelle | ivory | 30ml
  ~ Amarelle Silkveil Foundation ivory 30 ml | Amarelle | ivory | 30 ml
variant: Foundation Dewdrop Sand 30ml | Amarelle | sand | 30ml
  ~ Foundation Dewdrop Honey 30ml | Amarelle | honey | 30ml
same: Lipstick Velour Crimson | Amarelle | crimson |
  ~ Amarelle Velour Lipstick, crimson | Amarelle | crimson |
variant: Lip Gloss Mirror Plum | Amarelle | plum |
  ~ Lip Gloss Mirror Coral | Amarelle | coral |
same: Night Cream Lumina 50 ml | Corvaine | | 50 ml
  ~ Corvaine Lumina Night Cream 5 cl | Corvaine | | 5 cl
variant: Hand Balm Verbena 50 ml | Corvaine | | 50 ml
  ~ Hand Balm Verbena 75 ml | Corvaine | | 75 ml
other: Sun Milk Solar SPF 30 200 ml | Corvaine | | 200 ml
  ~ Sun Milk Solar SPF 50 200 ml | Corvaine | | 200 ml
same: Eyeshadow Palette Dusk Smoky | Amarelle | |
  ~ Amarelle Dusk Eyeshadow Palette Smoky | Amarelle | |
variant: Nail Lacquer Enamel Ruby 10 ml | Amarelle | ruby | 10 ml
  ~ Nail Lacquer Enamel Mint 10 ml | Amarelle | mint | 10 ml
# jewellery
other: Ring Solitaire (Silver) | Aurelio | gold |
  ~ Ring Signet Family Crest | Aurelio | gold |
variant: Bracelet Tidewater Gold | Aurelio | gold |
  ~ Bracelet Tidewater Silver | Aurelio | silver |
same: Pendant Compass Rose Silver | Aurelio | silver |
  ~ Aurelio Compass Rose Pendant, silver | Aurelio | silver |
"""


def golden_catalog() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The catalog, and its pairs: ``left_id, right_id, relation``."""
    offers, pairs = [], []
    for line in _PAIRS.replace("\n  ~", " ~").strip().splitlines():
        if line.startswith("#"):
            continue
        relation, both = line.split(": ", 1)
        ids = []
        for offer in both.split("~"):
            cells = [cell.strip() or None for cell in offer.split("|")]
            ids.append(f"g{len(offers):03d}")
            offers.append((ids[-1], *cells))
        pairs.append((*ids, relation))
    return (
        pd.DataFrame(offers, columns=["id", "title", "brand", "colour", "size"]),
        pd.DataFrame(pairs, columns=["left_id", "right_id", "relation"]),
    )
