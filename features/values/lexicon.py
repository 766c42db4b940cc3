"""Small English word lists that help read product text: colours, editions and conditions.

They add evidence (features) and never decide alone; catalogs in other languages lose these features
and nothing else.
"""

from __future__ import annotations

__all__ = ["COLOURS", "EDITIONS", "SIZES", "SIZE_MODIFIERS"]

_COLOUR_GROUPS = {
    "black": "black blk noir charcoal graphite onyx ebony jet",
    "white": "white wht ivory pearl snow alabaster",
    "grey": "grey gray gry slate gunmetal titanium ash",
    "silver": "silver slv chrome platinum",
    "gold": "gold golden champagne",
    "red": "red crimson scarlet burgundy maroon ruby cherry wine",
    "blue": "blue blu navy azure cobalt sapphire indigo denim",
    "turquoise": "turquoise teal aqua cyan",
    "green": "green grn olive lime emerald mint khaki",
    "yellow": "yellow ylw lemon mustard",
    "orange": "orange coral apricot",
    "brown": "brown brn chocolate espresso walnut mocha bronze copper tan camel",
    "beige": "beige cream sand nude taupe",
    "pink": "pink rose fuchsia magenta blush",
    "purple": "purple violet lavender lilac plum mauve",
    "multicolour": "multicolor multicolour multi rainbow",
}
#: Colour word -> name of its group; words of one group are taken as the same colour.
COLOURS: dict[str, str] = {
    word: group for group, words in _COLOUR_GROUPS.items() for word in words.split()
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
