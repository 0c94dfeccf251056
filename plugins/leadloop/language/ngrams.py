"""Char 1-3-gram TF-IDF of a whole batch in numpy, equal to scikit-learn's vectoriser.

The characters of all texts form one array; a gram is packed into one integer (three code points
of 21 bits) and looked up in a sorted table: no Python loop over texts or grams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

# A turn is named by how it begins; longer ones are monologues or noise.
LONGEST = 2_000
# Marks and spaces come and go with the recogniser, digits with the caller: neither is an intent.
_MARKS = r"[\s\p{P}\p{S}]+"


def clean_batch(texts: pa.Array) -> pa.Array:
    """Return normalised texts as the classifier reads them: no marks, any number as 0."""
    import pyarrow.compute as pc

    plain = pc.replace_substring_regex(texts, _MARKS, "")
    return pc.utf8_slice_codeunits(pc.replace_substring_regex(plain, r"\d+", "0"), 0, LONGEST)


class Vectorizer:
    """TF-IDF with sublinear counts and rows of length one."""

    def __init__(self, vocabulary: Mapping[str, int], idf: Sequence[float]) -> None:
        """Take what a fitted TfidfVectorizer(analyzer="char", ngram_range=(1, 3)) knows."""
        import numpy as np

        keys = np.array([_pack(gram) for gram in vocabulary], dtype=np.uint64)
        order = np.argsort(keys)
        self._keys = keys[order]
        self._columns = np.array(list(vocabulary.values()), dtype=np.int64)[order]
        self._idf = np.asarray(idf, dtype=np.float32)

    def transform(self, texts: Sequence[str]) -> Any:
        """Return a sparse matrix: the weights of the grams of each text, unknown ones left out."""
        import numpy as np
        from scipy.sparse import csr_matrix

        rows, keys = _grams(texts)
        places = np.searchsorted(self._keys, keys)
        places[places == len(self._keys)] = 0
        known = self._keys[places] == keys
        width = np.int64(len(self._idf))
        cells, counts = np.unique(
            rows[known] * width + self._columns[places[known]], return_counts=True
        )
        cell_rows, columns = np.divmod(cells, width)
        weights = (1 + np.log(counts)).astype(np.float32) * self._idf[columns]
        squares = np.bincount(cell_rows, weights=weights.astype(np.float64) ** 2)
        weights /= np.sqrt(squares)[cell_rows].astype(np.float32)
        ends = np.cumsum(np.bincount(cell_rows, minlength=len(texts)))
        shape = (len(texts), len(self._idf))
        return csr_matrix((weights, columns, np.concatenate([[0], ends])), shape=shape)


def _grams(texts: Sequence[str]) -> tuple[Any, Any]:
    """Return the row and the packed key of every gram of one to three characters."""
    import numpy as np

    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.uint64) + 1
    rows = np.repeat(np.arange(len(texts)), lengths)
    shift = np.uint64(21)
    pairs = (codes[:-1] << shift) | codes[1:]
    triples = (pairs[:-1] << shift) | codes[2:]
    in_pair = np.flatnonzero(rows[:-1] == rows[1:])
    in_triple = np.flatnonzero(rows[:-2] == rows[2:])
    return (
        np.concatenate([rows, rows[in_pair], rows[in_triple]]),
        np.concatenate([codes, pairs[in_pair], triples[in_triple]]),
    )


def _pack(gram: str) -> int:
    key = 0
    for character in gram:
        key = (key << 21) | (ord(character) + 1)
    return key
