"""The edits of the mentions schedule."""

from __future__ import annotations

from benchmarks.schedules.edits import Edit, put_before, replaced, wanted

_PRECISION_RECALL = """

def precision_and_recall(predictions, sentences):
    return scores(*both(predictions, sentences))[:2]


precision_recall = Reducer(predictions, sentence, precision_and_recall)
"""
_FREQUENCY = '''
class Frequency(TransformerMixin, BaseEstimator):
    """How many bits the count of a word in `train` takes."""

    def fit(self, words):
        self.bits_ = {word: str(count.bit_length()) for word, count in words.iloc[:, 0].value_counts().items()}
        return self

    def transform(self, words):
        return words.iloc[:, 0].map(self.bits_).fillna("0").to_frame("bits")


frequency = Transform(lowered[0], Frequency())
'''
_ERRORS = '''

def most_frequent(predictions, sentences, words):
    """The 50 most frequent mentions that were missed or wrong."""
    gold, found = map(set, both(predictions, sentences))
    words = words["word"].to_numpy()
    counts = Counter(("missed " if one in gold else "wrong ") + " ".join(words[slice(*one)]) for one in gold ^ found)
    return [f"{what} {count}" for what, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:50]]


errors = Reducer(predictions, sentence, word, most_frequent)
'''
_AROUND = """
def two_before(batch):
    return near(2)(batch)


def two_after(batch):
    return near(-2)(batch)


around = [Extractor(Extractor(rows, two_before, each="split"), lower, each="value"),
          Extractor(Extractor(rows, two_after, each="split"), lower, each="value")]
"""
_BY_LENGTH = '''

def f1_of_lengths(predictions, sentences):
    """F1 of the mentions in sentences of up to 10 tokens, 20, 30, 40, and more."""
    _, place, lengths = np.unique(sentences["sentence"], return_inverse=True, return_counts=True)
    tens = np.minimum(lengths[place] // 10, 4)
    gold, found = both(predictions, sentences)
    return {str(ten): scores(*([one for one in every if tens[one[0]] == ten] for every in (gold, found)))[2]
            for ten in range(5)}


f1_by_length = Reducer(predictions, sentence, f1_of_lengths)
'''
_SWEEP = '''

def f1_of_thresholds(predictions, sentences):
    """F1 with numbers from -1 to 1 added to the score of O."""
    names = np.array(["B-per", "I-per", "O"])
    gold = mentions(predictions["label"], sentences["sentence"])
    given = predictions[[f"score[{name}]" for name in names]].to_numpy()
    return [scores(gold, mentions(names[(given + [0, 0, more]).argmax(axis=1)], sentences["sentence"]))[2]
            for more in np.linspace(-1, 1, 11)]


sweep = Reducer(predictions, sentence, f1_of_thresholds)
'''

EDITS = (
    Edit("PPR", "+ precision and recall", [wanted("precision_recall", _PRECISION_RECALL)]),
    Edit(
        "DPR",
        "+ frequency of the word",
        [
            replaced("import numpy", "from sklearn.base import BaseEstimator, TransformerMixin\nimport numpy"),
            put_before("hashed", f"\n{_FREQUENCY}"),
            replaced('Field(rows, "pos")]', 'Field(rows, "pos"), frequency]'),
        ],
    ),
    Edit("L/I", "alpha 1e-5 → 3e-6", [replaced("alpha=1e-5", "alpha=3e-6")]),
    Edit(
        "PPR",
        "+ the 50 most frequent errors",
        [replaced("import numpy", "from collections import Counter\nimport numpy"), wanted("errors", _ERRORS)],
    ),
    Edit(
        "L/I",
        "LinearSVC",
        [
            replaced(
                'SGDClassifier(loss="log_loss", alpha=3e-6, random_state=0, max_iter=10, tol=None)',
                "LinearSVC(C=0.1, tol=1e-2, random_state=0)",
            )
        ],
    ),
    Edit(
        "DPR",
        "+ the words two before and two after",
        [put_before("hashed", f"\n{_AROUND}"), replaced("frequency],", "frequency, *around],")],
    ),
    Edit("PPR", "+ F1 by length of sentence", [wanted("f1_by_length", _BY_LENGTH)]),
    Edit(
        "L/I", "class_weight", [replaced("LinearSVC(C=0.1,", 'LinearSVC(C=0.1, class_weight={"B-per": 2, "I-per": 2},')]
    ),
    Edit("PPR", "+ F1 over 11 thresholds", [wanted("sweep", _SWEEP)]),
)
