"""Small word lists that help read product text: colours, sizes, editions and conditions.

They add evidence (features) and never decide alone. Names of colours are in eleven languages, other
lists in English; catalogs in other languages lose these features and nothing else. Words are
written as the tokeniser leaves them: lower-case, without diacritical marks.
"""

from __future__ import annotations

__all__ = [
    "COLOURS",
    "EDITIONS",
    "ROMAN_NUMERALS",
    "SIZES",
    "SIZE_MODIFIERS",
    "SIZE_SYSTEMS",
    "TONES",
]

_COLOUR_GROUPS = {
    "black": "black blk onyx ebony jet schwarz noir noire nero nera negro negra zwart czarny "
    "czarna svart preto preta siyah черныи черная",
    "white": "white wht ivory pearl snow alabaster weiß weiss blanc blanche bianco bianca blanco "
    "blanca wit biały biała vitt branco branca beyaz белыи белая",
    "grey": "grey gry slate gunmetal titanium ash charcoal graphite anthrazit anthracite gray "
    "grau gris grigio grigia grijs szary szara gratt cinza gri серыи серая",
    "silver": "silver slv chrome platinum silber argent argento plata plateado zilver srebrny "
    "prata gumus серебристыи",
    "gold": "gold champagne golden dore oro dorado goud złoty guld ouro dourado altın золотои",
    "red": "red crimson scarlet burgundy maroon ruby cherry wine rot rouge rosso rossa rojo "
    "roja rood czerwony czerwona rott vermelho vermelha kırmızı красныи красная",
    "blue": "blue navy azure cobalt sapphire indigo denim blau bleu bleue blu azul blauw "
    "niebieski niebieska bla blatt mavi синии синяя голубои",
    "turquoise": "turquoise teal aqua cyan turkis turchese turquesa turkoois turkusowy turkos "
    "turkuaz бирюзовыи",
    "green": "green grn olive lime emerald mint khaki grun vert verte verde groen zielony "
    "zielona gron gront yesil зеленыи зеленая",
    "yellow": "yellow ylw lemon mustard gelb jaune giallo gialla amarillo amarilla geel zołty "
    "zołta gul gult amarelo amarela sarı желтыи желтая",
    "orange": "orange coral apricot naranja arancione oranje pomaranczowy laranja turuncu "
    "оранжевыи",
    "brown": "brown brn chocolate espresso walnut mocha bronze copper tan camel braun marron "
    "marrone bruin brazowy brun brunt marrom castanho kahverengi коричневыи",
    "beige": "beige cream sand nude taupe bezowy bej бежевыи",
    "pink": "pink fuchsia magenta blush rose rosa roze rozowy pembe розовыи",
    "purple": "purple lavender lilac plum mauve violet violett lila viola morado paars fioletowy "
    "roxo фиолетовыи",
    "multicolour": "multicolour multi rainbow multicolor multicolore bunt mehrfarbig meerkleurig "
    "colorido",
}
#: Colour word -> name of its group; words of one group are taken as the same colour.
COLOURS: dict[str, str] = {
    word: group for group, words in _COLOUR_GROUPS.items() for word in words.split()
}
#: Word that makes a colour lighter or darker, also written together with it (hellblau) -> which.
TONES: dict[str, str] = {
    word: tone
    for tone, words in {
        "light": "light lt pale hell clair claire chiaro claro clara licht jasny jasno ljus acık "
        "светло",
        "dark": "dark dk drk deep dunkel fonce scuro oscuro oscura escuro donker ciemny ciemno "
        "mork koyu темно",
    }.items()
    for word in words.split()
}

_EDITION_GROUPS = {
    "upgrade": "upgrade upg upgrd upgr",
    "student": "student academic education educational school edu",
    "retail": "retail oem",
    "professional": "pro professional",
    "home": "home personal family",
    "business": "business enterprise corporate office smb",
    "standard": "standard std basic starter essential essentials",
    "premium": "premium deluxe ultimate extreme elite gold platinum",
    "lite": "lite light express",
    "mini": "mini micro nano compact",
    "max": "max plus ultra",
    "mac": "mac macintosh osx",
    "windows": "windows win pc xp vista",
    "refurbished": "refurbished renewed refurb used",
    "kit": "kit bundle combo set",
    "case": "case cover bag sleeve pouch",
    "wireless": "wireless bluetooth cordless",
    "wired": "wired corded",
    "left": "left lh",
    "right": "right rh",
    "men": "men mens male",
    "women": "women womens ladies female",
    "kids": "kids kid junior jr children childrens",
    "licence": "license licence licenses user users",
    "media": "cd dvd download bluray",
}
#: Edition, platform or condition word -> name of its group.
EDITIONS: dict[str, str] = {
    word: group for group, words in _EDITION_GROUPS.items() for word in words.split()
}

_SIZE_GROUPS = {
    "2xs": "xxs 2xs xxsmall",
    "xs": "xs xsmall",
    "s": "s small sml sm",
    "m": "m medium med",
    "l": "l large lrg lg",
    "xl": "xl xlarge xlg",
    "2xl": "xxl 2xl xxlarge 2xlarge",
    "3xl": "xxxl 3xl xxxlarge 3xlarge",
    "4xl": "xxxxl 4xl 4xlarge",
    "5xl": "xxxxxl 5xl 5xlarge",
}
#: Apparel size word -> name of its size.
SIZES: dict[str, str] = {
    word: group for group, words in _SIZE_GROUPS.items() for word in words.split()
}
#: Words beside a number that name the system of a size.
SIZE_SYSTEMS = frozenset("eu eur us uk it fr de au jp br cn kr".split())
#: A word before "small" or "large" that makes another size of it -> the size's prefix.
SIZE_MODIFIERS: dict[str, str] = {
    "x": "x",
    "extra": "x",
    "xx": "2x",
    "2x": "2x",
    "xxx": "3x",
    "3x": "3x",
    "4x": "4x",
}
#: Roman numerals that are hardly ever another word; one, five and ten are letters.
ROMAN_NUMERALS = {"ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
