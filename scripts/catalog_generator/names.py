"""Made-up names of brands, product lines and sellers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["Namer", "brand_spellings"]


class Namer:
    """Makes names out of syllables and the halves of compounds."""

    def __init__(self, parts: dict[str, list[str]], rng: np.random.Generator) -> None:
        """Keep the parts and the source of randomness."""
        self.parts = parts
        self.rng = rng

    def brands(self, count: int) -> list[str]:
        """Return different brand names: words, two words, initials and partnerships."""
        return self._different(count, self._brand)

    def lines(self, count: int) -> list[str]:
        """Return different names of product lines, such as ``Trailhead`` or ``Velora``."""
        return self._different(count, self._line)

    def sellers(self, count: int, shops: list[str]) -> list[str]:
        """Return different names of sellers."""
        return self._different(count, lambda: f"{self._word()} {self._one_of(shops)}")

    def _different(self, count: int, make: Callable[[], str]) -> list[str]:
        """Return names in the order in which they are first made."""
        names: dict[str, None] = {}
        while len(names) < count:
            names[make()] = None
        return list(names)

    def _brand(self) -> str:
        """Return a brand name."""
        shape = self.rng.random()
        if shape < 0.62:
            return self._word()
        if shape < 0.82:
            return " ".join(self._compound()).title()
        if shape < 0.92:
            return "".join(chr(65 + int(letter)) for letter in self.rng.integers(0, 26, size=3))
        return f"{self._word()} & {self._word()}"

    def _line(self) -> str:
        """Return the name of a line."""
        shape = self.rng.random()
        if shape < 0.4:
            return "".join(self._compound())
        if shape < 0.5:
            return f"{self._compound()[0]} {self._word()}"
        return self._word()

    def _word(self) -> str:
        """Return a pronounceable word of two or three syllables."""
        syllables = [
            self._one_of(self.parts[part])
            for _ in range(int(self.rng.integers(1, 3)))
            for part in ("onsets", "vowels")
        ]
        return ("".join(syllables) + self._one_of(self.parts["codas"])).capitalize()

    def _compound(self) -> tuple[str, str]:
        """Return the two halves of a compound such as ``Trail`` and ``head``."""
        return self._one_of(self.parts["heads"]).capitalize(), self._one_of(self.parts["tails"])

    def _one_of(self, words: list[str]) -> str:
        """Return one of the words."""
        return words[int(self.rng.integers(len(words)))]


def brand_spellings(name: str, firm: str) -> list[str]:
    """Return how sellers write a brand: properly, oddly, loudly and with the legal form."""
    if name.isupper() and len(name) == 3:
        odd = ".".join(name) + "."
    elif " & " in name:
        odd = name.replace(" & ", "&")
    elif " " in name:
        odd = name.replace(" ", "")
    else:
        odd = name.lower()
    return [name, odd, name.upper(), f"{name} {firm}"]
