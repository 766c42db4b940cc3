"""Learning synonyms of a session: choosing pairs that are matches by other evidence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.compare.synonyms import Synonyms
from features.feature_names import column_of, group_of
from linkage.config.authored import Config
from linkage.scoring.session import Session
from linkage.training.synonyms.between_records import ValuePairs, learn_synonyms
from linkage.training.synonyms.within_records import synonyms_within_records
from linkage.training.unsupervised.conflicts import conflict_too_often
from linkage.training.unsupervised.identifier_labels import trusted_identifier
from linkage.training.unsupervised.start import start_without_labels

__all__ = ["start_synonyms"]

#: Probability of a match, by other features than the attributes, from which a pair agrees, and up
#: to which it does not.
_AGREEING, _OPPOSING = 0.9, 0.1
#: Groups of features of facts in texts, which state the same as the attributes do.
_FACTS = frozenset({"colours", "sizes", "quantities"})
#: Headers of columns that name the source of an offer: offers of one source are variants, and their
#: values no synonyms.
_SOURCE_HEADERS = frozenset("seller shop source merchant store vendor retailer feed site".split())
#: Candidates that are scored to find agreeing pairs.
_MOST_PAIRS = 300_000
#: Candidates below which no synonyms are learned.
_FEWEST_CANDIDATES = 100


def start_synonyms(session: Session, config: Config) -> Synonyms:
    """Return synonyms of a session's values, learned without labels, and add them to its features.

    Pairs of equal trade numbers agree, pairs of unequal ones do not. Without trade numbers, a model
    that does not see the attributes decides which pairs agree; where it mistakes product lines for
    products, synonyms are learned from single records that state a value twice.

    Args:
        session: the records; no synonyms are learned where they state no values.
        config: the configuration.
    """
    statements = session.prepared.statements
    synonyms = Synonyms()
    if statements and len(session.candidates) >= _FEWEST_CANDIDATES:
        pairs = _pairs_by_identifier(session) or _pairs_by_other_features(session, config)
        with session.log.step("Learn synonyms"):
            synonyms = (
                learn_synonyms(statements, pairs)
                if pairs is not None
                else synonyms_within_records(statements)
            )
    session.add_synonyms(synonyms)
    return synonyms


def _pairs_by_identifier(session: Session) -> ValuePairs | None:
    """Return candidates that agree if their trade numbers are equal; None without such numbers."""
    left, right = session.candidates.left, session.candidates.right
    name = trusted_identifier(session.prepared, left, right)
    if name is None:
        return None
    identifiers = session.prepared.attributes[name].identifiers
    assert identifiers is not None
    code = identifiers.code
    known = (code[left] >= 0) & (code[right] >= 0)
    # Pairs that have only the number in common are mostly wrong numbers.
    known &= ~session.candidates.only_by_identifiers
    left, right = left[known], right[known]
    rows = np.arange(len(code), dtype=np.int64)
    product = np.where(code >= 0, code, int(code.max(initial=0)) + 1 + rows)
    return ValuePairs(left, right, code[left] == code[right], product)


def _pairs_by_other_features(session: Session, config: Config) -> ValuePairs | None:
    """Return pairs that agree if a model without the attributes matches them.

    None where its matches conflict too often to be of one product.
    """
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    compared = session.compared_pairs().sample(_MOST_PAIRS)

    def states_values(feature: str) -> bool:
        """Return whether a feature compares the attributes of the synonyms."""
        return column_of(feature) in session.prepared.statements or group_of(feature) in _FACTS

    others = compared.select([n for n in compared.names if not states_values(n)])
    with session.log.step("Learn synonyms"):
        model = start_without_labels(
            others,
            seed=config.seed,
            threads=session.resolved.threads,
            one_to_one=config.linkage.one_to_one,
            quick=session.resolved.quality == "fast",
        )
        probability = model.probability(others.matrix, others.fold, session.resolved.threads)
    left, right = compared.left, compared.right
    agree = probability >= _AGREEING
    if conflict_too_often(compared, agree):
        return None
    n = session.records.n
    edges = (np.ones(int(agree.sum()), np.int8), (left[agree], right[agree]))
    graph = sparse.coo_array(edges, shape=(n, n))
    product = connected_components(graph, directed=False)[1].astype(np.int64)
    sure = agree | (probability <= _OPPOSING)
    # Two offers of one source that are equal in all else are variants.
    source = _sources(session, config)
    if source is not None:
        agree &= (source[left] != source[right]) | (source[left] < 0)
    return ValuePairs(left[sure], right[sure], agree[sure], product)


def _sources(session: Session, config: Config) -> np.ndarray | None:
    """Return the number of each record's source, -1 unknown; None without several sources."""
    columns = session.records.table.column_names
    name = config.catalog.source
    if name is None:
        name = next((c for c in columns if c.strip().lower() in _SOURCE_HEADERS), None)
    if name is None or name not in columns:
        return None
    codes: np.ndarray = pd.factorize(session.records.table.column(name).to_pandas())[0]
    return codes if codes.max(initial=-1) > 0 else None
