"""What the extractors of text do: tokens, n-grams and TF-IDF, each word worked on once however often it occurs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from workflows.errors import HelixError
from workflows.operators.extractor import WORD
from workflows.operators.kernels import columns, vectors
from workflows.operators.kernels.base import Arrow, Call, Data, Inputs, Stateless

Integers: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of rows: ``codes`` of all of them in order (m) among the distinct ``words``; those of row i are
    ``codes[offsets[i]:offsets[i + 1]]`` (n + 1 offsets)."""

    codes: Integers
    offsets: Integers
    words: Sequence[str]

    @property
    def rows(self) -> Integers:
        """The row of each token (m)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def column(self) -> pa.Table:
        """The feature: a list of dictionary codes a row."""
        flat = columns.from_codes(self.codes.astype(np.int32), pa.array(self.words, pa.string()))
        return pa.table({"value": pa.ListArray.from_arrays(pa.array(self.offsets, pa.int32()), flat)})

    def counts(self, places: Integers, width: int) -> sp.csr_matrix:
        """How often each row has each place (n × width), where ``places`` is that of each word, −1 for none."""
        chosen = places[self.codes]
        kept = chosen >= 0
        ends = np.concatenate([[0], np.cumsum(kept)])[self.offsets].astype(np.int32)
        matrix = sp.csr_matrix((np.ones(int(ends[-1])), chosen[kept], ends), shape=(len(ends) - 1, width))
        matrix.sum_duplicates()
        return matrix


def tokens(feature: pa.Table, what: str) -> Tokens:
    """The tokens of a feature; a null row has none. Raises HelixError where it holds something else."""
    array = columns.values(feature)
    if columns.kind(array.type) != "tokens":
        hint = (
            "wrap it in `Tokenize(…)`"
            if columns.is_text_or_null(array.type)
            else "make a text of it and wrap that in `Tokenize(…)`"
        )
        raise HelixError(f"{what} needs tokens, and was given {columns.described(array.type)}: {hint}.")
    offsets = array.offsets.to_numpy()
    flat = columns.encoded(array.flatten())
    codes = columns.codes(flat)
    if flat.null_count:
        raise HelixError(f"{what} was given tokens that are null: a function that makes tokens gives texts alone.")
    return Tokens(codes, (offsets - offsets[0]).astype(np.int64), flat.dictionary.to_pylist())


def tokenized(texts: Arrow, split: Callable[[str], list[str]]) -> Tokens:
    """The tokens of texts (dictionary-encoded, n), each text that does occur split once; a null has none."""
    used, rows = np.unique(columns.codes(texts), return_inverse=True)
    distinct = [None if code < 0 else texts.dictionary[code].as_py() for code in used.tolist()]
    known: dict[str, int] = {}
    found = [
        [] if text is None else [known.setdefault(token, len(known)) for token in split(text)] for text in distinct
    ]
    sizes = np.array([len(codes) for codes in found], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    flat = np.array([code for codes in found for code in codes], dtype=np.int32)
    offsets = np.concatenate([[0], np.cumsum(sizes[rows])])
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes[rows])
    return Tokens(flat[np.repeat(starts[rows], sizes[rows]) + within], offsets, list(known))


class TokenizeKernel(Stateless):
    """Each distinct text is split once."""

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        return _tokenize(inputs["feature"], call.params, "Tokenize").column()


def _tokenize(feature: pa.Table, params: Any, what: str) -> Tokens:
    array = text_of(columns.values(feature), what)
    find, lower = re.compile(params["pattern"]).findall, params["lower"]
    left_out = _stop_words(params["stop_words"])

    def split(text: str) -> list[str]:
        found: list[str] = find(text.lower() if lower else text)
        return [token for token in found if token not in left_out] if left_out else found

    return tokenized(columns.encoded(array), split)


def text_of(array: Arrow, what: str) -> Arrow:
    """The column itself. Raises HelixError where it holds no text."""
    if not columns.is_text_or_null(array.type):
        raise HelixError(
            f"{what} needs text, and was given {columns.described(array.type)}: make a text of it with an `Extractor`."
        )
    return array


def _stop_words(given: tuple[str, ...]) -> frozenset[str]:
    if given == ("english",):
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        return frozenset(ENGLISH_STOP_WORDS)
    return frozenset(given)


class NGramsKernel(Stateless):
    """Neighbouring tokens joined by a space, made on codes; for each row the shortest first, as scikit-learn has it."""

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        return ngrams(tokens(inputs["tokens"], "NGrams"), call.params["low"], call.params["high"]).column()


def ngrams(given: Tokens, low: int, high: int) -> Tokens:
    """The n-grams of each row, for n from ``low`` to ``high``."""
    rows, width = given.rows, max(len(given.words), 1)
    ends = given.offsets[1:][rows]
    starts, grams, texts = np.arange(len(given.codes)), given.codes.astype(np.int64), list(given.words)
    found: list[tuple[Integers, Integers]] = []
    known: dict[str, int] = {}
    for size in range(1, high + 1):
        if size > 1:
            whole = starts + size <= ends[starts]
            starts, grams = starts[whole], grams[whole]
            pairs, grams = np.unique(grams * width + given.codes[starts + size - 1], return_inverse=True)
            firsts, lasts = (part.tolist() for part in np.divmod(pairs, width))
            texts = [f"{texts[first]} {given.words[last]}" for first, last in zip(firsts, lasts, strict=True)]
        if size >= low:
            places = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int32)
            found.append((rows[starts], places[grams]))
    of_row = np.concatenate([row for row, _ in found])
    order = np.argsort(of_row, kind="stable")
    counts = np.bincount(of_row, minlength=len(given.offsets) - 1)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return Tokens(np.concatenate([codes for _, codes in found])[order], offsets, list(known))


class TfIdfKernel:
    """Term counts times the logarithm of how rare a term is, as scikit-learn's TfidfVectorizer has them.

    What is learned are counts, which are exact in any order: the rows that have a term, and its occurrences.
    """

    whole = False

    def init(self, call: Call) -> Any:
        return (0, Counter(), Counter())

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        given = _terms(inputs)
        counts = given.counts(np.arange(len(given.words)), len(given.words))
        rows = Counter(
            dict(zip(given.words, np.bincount(counts.indices, minlength=counts.shape[1]).tolist(), strict=True))
        )
        times = Counter(
            dict(zip(given.words, np.bincount(given.codes, minlength=counts.shape[1]).tolist(), strict=True))
        )
        return self.merge(call, [state, (counts.shape[0], rows, times)])

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        total, rows, times = 0, Counter[str](), Counter[str]()
        for count, of_rows, of_times in states:
            total += count
            rows.update(of_rows)
            times.update(of_times)
        return (total, rows, times)

    def finish(self, call: Call, state: Any) -> Data:
        """``terms``, sorted, and the weight of each."""
        total, rows, times = state
        params = call.params
        least = _rows(params["min_df"], total, all_at_one=False)
        most = total if params["max_df"] is None else _rows(params["max_df"], total, all_at_one=True)
        kept = [term for term, count in rows.items() if count and least <= count <= most]
        if params["max_features"] is not None:
            kept = sorted(kept, key=lambda term: (-times[term], term))[: params["max_features"]]
        if not kept:
            raise HelixError(
                f"TfIdf has no term left: of {len(rows)} terms in {total} rows none occurs in {least:g} to {most:g} of "
                "them. Lower `min_df=` or raise `max_df=`."
                if rows
                else "TfIdf has nothing to learn from: there are no tokens."
            )
        kept.sort()
        smooth = int(params["smooth"])
        found = np.array([rows[term] for term in kept], dtype=np.float64) + float(smooth)
        return {"terms": kept, "weights": (np.log((total + smooth) / found) + 1.0).tolist()}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        from sklearn.preprocessing import normalize

        given, terms = _terms(inputs), state["terms"]
        known = {term: place for place, term in enumerate(terms)}
        places = np.array([known.get(word, -1) for word in given.words], dtype=np.int32)
        matrix = given.counts(places, len(terms))
        if call.params["sublinear"]:
            matrix.data = np.log(matrix.data) + 1.0
        matrix.data *= np.asarray(state["weights"])[matrix.indices]
        if call.params["norm"] != "none" and matrix.nnz:
            matrix = normalize(matrix, call.params["norm"], copy=False)
        return vectors.table(matrix, tuple(terms))


def _terms(inputs: Inputs) -> Tokens:
    """The tokens of the operand; a text is split into words first, as ``Tokenize`` does unless told otherwise."""
    feature = inputs["feature"]
    if columns.is_text_or_null(columns.values(feature).type):
        return _tokenize(feature, {"pattern": WORD, "lower": True, "stop_words": ()}, "TfIdf")
    return tokens(feature, "TfIdf")


def _rows(given: float, total: int, *, all_at_one: bool) -> float:
    """How many rows are meant: a share below 1 (or up to 1, where that means all), else a count."""
    return given * total if given < 1 or (all_at_one and given == 1) else given
