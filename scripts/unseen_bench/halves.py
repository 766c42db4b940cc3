"""The two halves of the tasks: what is tuned on the one is confirmed on the other."""

from __future__ import annotations

__all__ = ["HALVES", "TUNED", "half_of"]

HALVES = ("tuned", "confirmed")
#: The tasks that the engine grew up with, and every other one of the later ones of each kind, by
#: name. All others are of the confirmed half: nobody chose anything on them.
TUNED = frozenset(
    "abt-buy amazon-google cora dblp-acm febrl3 febrl4 fodors-zagats hm-described hm-variants "
    "luma-variants shop-feeds-small shopee venia-variants-images walmart-amazon "
    "wdc-products-dedupe wdc-products "
    # dedupe
    "affiliations pricerunner-appliances sigmod2021-notebooks-x2 "
    # linkage
    "bikes groceries-croatian-food laptops-amazon-walmart promap-walmart-amazon wdc-cameras "
    # variants
    "drycker-sv electricos-es football-kits-titled kinderfietsen-nl menswear-suffix "
    "pazar-tr-titled planters six-shops-mixed torebki-pl-feed".split()
)


def half_of(task: str) -> str:
    """Return the half of a task, one of :data:`HALVES`."""
    return HALVES[task not in TUNED]
