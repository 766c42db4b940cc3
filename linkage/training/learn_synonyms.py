"""Which pairs of a session agree otherwise, so that synonyms can be learned from them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.compare.synonyms import Synonyms
from features.feature_names import column_of, group_of
from linkage.config.authored import Config
from linkage.scoring.session import Session
from linkage.training.synonyms.between_records import ValuePairs, learn_synonyms
from linkage.training.synonyms.within_records import spoken_synonyms
from linkage.training.unsupervised.conflicts import conflict_too_often
from linkage.training.unsupervised.identifier_labels import trusted_identifier
from linkage.training.unsupervised.start import start_without_labels

__all__ = ["start_synonyms"]

#: Chance of a match, by all but the attributes themselves, from which a pair agrees otherwise, and
#: up to which it does not.
_AGREEING, _OPPOSING = 0.9, 0.1
#: Features of what texts state, which show the same as the attributes do.
_FACTS = frozenset({"colours", "sizes", "quantities"})
#: Headers of columns that name who lists the offer; they only help to tell variants from synonyms.
_SOURCE_HEADERS = frozenset("seller shop source merchant store vendor retailer feed site".split())
#: Candidates from which it is learned which pairs agree otherwise.
_MOST_PAIRS = 300_000
#: Candidates below which there is too little to count.
_FEWEST_CANDIDATES = 100


def start_synonyms(session: Session, config: Config) -> Synonyms:
    """Learns synonyms of a session's values, without labels, and adds them to its features.

    Pairs of the same trade number agree, pairs of unequal ones do not. Without such numbers a model
    that sees nothing of the attributes says which do; where what it finds are families of siblings,
    single records that say a thing twice are what is left.

    Args:
        session: the records; nothing is done where they state no values in texts.
        config: the configuration.
    """
    statements = session.prepared.statements
    synonyms = Synonyms()
    if statements and len(session.candidates) >= _FEWEST_CANDIDATES:
        pairs = _by_identifier(session) or _by_the_rest(session, config)
        with session.log.step("Learn synonyms"):
            synonyms = (
                learn_synonyms(statements, pairs)
                if pairs is not None
                else spoken_synonyms(statements)
            )
    session.add_synonyms(synonyms)
    return synonyms


def _by_identifier(session: Session) -> ValuePairs | None:
    left, right = session.candidates.left, session.candidates.right
    name = trusted_identifier(session.prepared, left, right)
    if name is None:
        return None
    identifiers = session.prepared.attributes[name].identifiers
    assert identifiers is not None
    code = identifiers.code
    known = (code[left] >= 0) & (code[right] >= 0)
    # What has nothing but the number in common shows where numbers are wrong.
    known &= ~session.candidates.only_by_identifiers
    left, right = left[known], right[known]
    rows = np.arange(len(code), dtype=np.int64)
    product = np.where(code >= 0, code, int(code.max(initial=0)) + 1 + rows)
    return ValuePairs(left, right, code[left] == code[right], product)


def _by_the_rest(session: Session, config: Config) -> ValuePairs | None:
    """Pairs that a model takes as matches; None where it mistakes likeness for identity."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    compared = session.compared_pairs().sample(_MOST_PAIRS)

    def tells(feature: str) -> bool:
        return column_of(feature) in session.prepared.statements or group_of(feature) in _FACTS

    rest = compared.select([n for n in compared.names if not tells(n)])
    with session.log.step("Learn synonyms"):
        model = start_without_labels(
            rest,
            seed=config.seed,
            threads=session.resolved.threads,
            one_to_one=config.linkage.one_to_one,
            quick=session.resolved.quality == "fast",
        )
        chance = model.probability(rest.matrix, rest.fold, session.resolved.threads)
    left, right = compared.left, compared.right
    agree = chance >= _AGREEING
    if conflict_too_often(compared, agree):
        return None
    n = session.records.n
    edges = (np.ones(int(agree.sum()), np.int8), (left[agree], right[agree]))
    graph = sparse.coo_array(edges, shape=(n, n))
    product = connected_components(graph, directed=False)[1].astype(np.int64)
    sure = agree | (chance <= _OPPOSING)
    # What one source lists beside each other, alike in all else, are variants.
    source = _sources(session, config)
    if source is not None:
        agree &= (source[left] != source[right]) | (source[left] < 0)
    return ValuePairs(left[sure], right[sure], agree[sure], product)


def _sources(session: Session, config: Config) -> np.ndarray | None:
    """Number of each record's source, -1 unknown; None where no column seems to name it."""
    columns = session.records.table.column_names
    name = config.catalog.source
    if name is None:
        name = next((c for c in columns if c.strip().lower() in _SOURCE_HEADERS), None)
    if name is None or name not in columns:
        return None
    codes: np.ndarray = pd.factorize(session.records.table.column(name).to_pandas())[0]
    return codes
