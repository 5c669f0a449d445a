"""Tokens, n-grams and TF-IDF are those of scikit-learn, whatever the batches they are learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

from tests.workflows.operators.kernels.calls import apply, cuts, feature, learn, plain
from workflows.errors import HelixError
from workflows.operators.kernels import columns, vectors

words = st.sampled_from(["to", "be", "or", "not", "Be", "that", "is", "ñandú", "x", "it's", "42"])
documents = st.lists(st.one_of(st.none(), st.lists(words, max_size=8).map(" ".join)), min_size=1, max_size=25)
places = st.lists(st.integers(0, 100), max_size=4)
MESSAGES = [
    *("Call me now now", "FREE prize: call the number below", "ok", "I'll call you later, ok?", "free free FREE"),
    *("the number you called", "see you at the game", "Win a prize! call now", "", "now or never, see you"),
]


def tokenize(texts: Any, **params: Any) -> Any:
    return apply("Tokenize", {"feature": feature(pa.array(texts, pa.string()))}, **params)


def tfidf(train: Any, test: Any, **params: Any) -> Any:
    state = learn("TfIdf", [{"feature": train}], **params)
    return apply("TfIdf", {"feature": test}, state, **params)


def phrases(texts: Any, low: int = 1, high: int = 2) -> Any:
    return apply("NGrams", {"tokens": tokenize(texts)}, low=low, high=high)


@given(documents)
def test_tokens_are_those_of_scikit_learn(texts: list[str | None]) -> None:
    found = tokenize(texts)
    assert found.schema.types == [columns.TOKENS]
    split = CountVectorizer().build_analyzer()
    assert plain(found) == [split(text or "") for text in texts]


def test_texts_of_other_rows_leave_no_trace() -> None:
    both = feature(["spam eggs", "ham"])
    found = apply("Tokenize", {"feature": both.slice(1)})
    assert plain(found) == [["ham"]]
    assert columns.values(found).flatten().dictionary.to_pylist() == ["ham"]


def test_a_pattern_with_a_group_gives_what_the_group_matches() -> None:
    assert plain(tokenize(["#Free #WIN now"], pattern=r"#(\w+)", lower=False)) == [["Free", "WIN"]]


def test_stop_words_are_left_out() -> None:
    assert plain(tokenize(["The cat and the dog"], stop_words=("the", "and"))) == [["cat", "dog"]]
    theirs = CountVectorizer(stop_words="english").build_analyzer()
    assert plain(tokenize(MESSAGES, stop_words=("english",))) == [theirs(text) for text in MESSAGES]


@given(documents, st.integers(1, 3), st.integers(0, 2))
def test_n_grams_are_those_of_scikit_learn(texts: list[str | None], low: int, more: int) -> None:
    split = CountVectorizer(ngram_range=(low, low + more)).build_analyzer()
    assert plain(phrases(texts, low, low + more)) == [split(text or "") for text in texts]


def test_n_grams_that_read_alike_are_one_term() -> None:
    found = phrases(["new york", "new"], 1, 2)
    joined = apply("NGrams", {"tokens": tokenize(["new york"], pattern=r"\w+(?: \w+)*")}, low=1, high=1)
    assert plain(found)[0][2] == plain(joined)[0][0] == "new york"
    array = columns.values(found)
    assert len(set(array.flatten().dictionary.to_pylist())) == len(array.flatten().dictionary)


@settings(max_examples=60)
@given(documents, documents, places, st.booleans(), st.sampled_from(["l2", "l1", None]), st.booleans())
def test_tfidf_is_that_of_scikit_learn(
    train: list[str | None], test: list[str | None], ends: list[int], sublinear: bool, norm: Any, smooth: bool
) -> None:
    clean = [text or "" for text in train]
    if not any(map(CountVectorizer().build_analyzer(), clean)):
        return
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=sublinear, norm=norm, smooth_idf=smooth).fit(clean)
    params = {"sublinear": sublinear, "norm": norm or "none", "smooth": smooth}
    batches = [{"feature": phrases(part)} for part in cuts(train, ends)]
    state = learn("TfIdf", batches[::-1], **params)
    assert state == learn("TfIdf", [{"feature": phrases(train)}], **params)
    found = apply("TfIdf", {"feature": phrases(test)}, state, **params)
    assert vectors.names(found.schema.field(0)) == theirs.get_feature_names_out().tolist()
    expected = theirs.transform([text or "" for text in test])
    np.testing.assert_array_max_ulp(vectors.dense(found).toarray(), expected.toarray(), maxulp=1)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"min_df": 2.0}, {"min_df": 2}),
        ({"min_df": 0.2}, {"min_df": 0.2}),
        ({"max_df": 3.0}, {"max_df": 3}),
        ({"max_df": 0.3, "min_df": 2.0}, {"max_df": 0.3, "min_df": 2}),
        ({"max_df": 1.0}, {"max_df": 1.0}),
        ({"max_features": 2}, {"max_features": 2}),
    ],
    ids=str,
)
def test_rare_and_common_terms_are_left_out_as_by_scikit_learn(ours: Any, theirs: Any) -> None:
    vectorizer = TfidfVectorizer(**theirs).fit(MESSAGES)
    found = tfidf(feature(MESSAGES), feature(MESSAGES), **ours)
    assert vectors.names(found.schema.field(0)) == vectorizer.get_feature_names_out().tolist()
    np.testing.assert_array_max_ulp(vectors.dense(found).toarray(), vectorizer.transform(MESSAGES).toarray(), maxulp=1)


def test_terms_of_equal_frequency_are_kept_by_the_alphabet() -> None:
    found = tfidf(feature(["cc bb aa"]), feature(["cc bb aa"]), max_features=2)
    assert vectors.names(found.schema.field(0)) == ["aa", "bb"]


def test_unseen_terms_count_nothing_and_a_row_of_them_is_zero() -> None:
    found = tfidf(feature(["spam eggs", "ham"]), feature(["tofu", None, "ham"]))
    assert vectors.dense(found).toarray().tolist() == [[0.0] * 3, [0.0] * 3, [0.0, 1.0, 0.0]]


def test_an_empty_split_has_no_rows() -> None:
    found = tfidf(feature(["spam eggs"]), feature(pa.array([], pa.string())))
    assert vectors.dense(found).shape == (0, 2)
    assert plain(phrases([])) == []


def test_no_term_left_is_told() -> None:
    with pytest.raises(HelixError, match=r"of 2 terms in 2 rows none occurs in 2 to 2 of them. Lower `min_df=`"):
        learn("TfIdf", [{"feature": feature(["spam", "eggs"])}], min_df=2.0)
    with pytest.raises(HelixError, match="nothing to learn from: there are no tokens"):
        learn("TfIdf", [{"feature": feature(["a", "?"])}])


@pytest.mark.parametrize(
    ("operator", "slot", "values", "problem"),
    [
        ("Tokenize", "feature", [1, 2], "Tokenize needs text, and was given numbers"),
        ("NGrams", "tokens", ["a"], r"NGrams needs tokens, and was given text: wrap it in `Tokenize\(…\)`"),
        ("TfIdf", "feature", [True], "TfIdf needs tokens, and was given true and false"),
    ],
)
def test_what_is_no_text_is_told(operator: str, slot: str, values: Any, problem: str) -> None:
    inputs = {slot: feature(values)}
    with pytest.raises(HelixError, match=problem):
        learn(operator, [inputs]) if operator == "TfIdf" else apply(operator, inputs, low=1, high=2)


def test_a_function_may_make_tokens() -> None:
    letters = apply("Extractor", {"rows": feature(["ab", "ba", None])}, fn=lambda text: [*(text or "")], each="value")
    assert plain(letters) == [["a", "b"], ["b", "a"], []]
    found = tfidf(letters, letters, norm="none")
    counted = CountVectorizer(analyzer=list).fit_transform(["ab", "ba", ""])
    np.testing.assert_allclose(
        vectors.dense(found).toarray(), TfidfTransformer(norm=None).fit_transform(counted).toarray(), rtol=1e-15
    )


def test_tokens_in_examples_are_told_what_becomes_of_them() -> None:
    table = pa.table({"__row_id": pa.array([0]), "t": pa.array(["a"])})
    with pytest.raises(HelixError, match=r"it holds tokens. Wrap it in `TfIdf\(…\)` or `Hash\(…\)`"):
        learn("Examples", [{"rows": table, "features": [tokenize(["spam"])]}])
