"""Find mentions of persons in news text (Groningen Meaning Bank), token by token."""
import numpy as np
import pandas as pd
from sklearn.linear_model import SGDClassifier
from sklearn.svm import LinearSVC

SENTENCES = 20_000

lines = CSVScanner(FileSource("ner-gmb/ner_dataset.csv.gz"), encoding="latin-1")


def numbered(lines):
    """A line that begins a sentence says so, and the others leave it out; tags other than persons' are O."""
    return pd.DataFrame({
        "sentence": lines["Sentence #"].notna().cumsum() - 1,
        "word": lines["Word"],
        "pos": lines["POS"],
        "tag": lines["Tag"].where(lines["Tag"].isin(["B-per", "I-per"]), "O"),
    })


tokens = Filter(Map(lines, numbered, each="split"), f"sentence < {SENTENCES}")
rows   = Split(tokens, where="sentence % 5 == 4")           # every fifth sentence is for testing


def near(place):
    """The word so many places before (or after: a negative number) in the sentence."""
    def shifted(batch):
        same = batch["sentence"] == batch["sentence"].shift(place)
        return batch["word"].shift(place).where(same, "")
    return shifted


def previous(batch):
    return near(1)(batch)


def following(batch):
    return near(-1)(batch)


def lower(word):
    return word.lower()


def shape(word):
    """Upper case, lower case and digits as X, x and d, runs of one kind as one: iPhone7 is xXxd."""
    kinds = ["X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word]
    return "".join(kind for place, kind in enumerate(kinds) if place == 0 or kind != kinds[place - 1])


word   = Field(rows, "word")
before = Extractor(rows, previous, each="split")
after  = Extractor(rows, following, each="split")

lowered = [Extractor(each, lower, each="value") for each in [word, before, after]]
shapes  = [Extractor(each, shape, each="value") for each in [word, before, after]]
prefix  = Extractor(word, lambda word: word.lower()[:3], each="value")
suffix  = Extractor(word, lambda word: word.lower()[-3:], each="value")
title   = Extractor(word, lambda word: word.istitle(), each="value")
digit   = Extractor(word, lambda word: word.isdigit(), each="value")
hashed  = Hash([*lowered, *shapes, prefix, suffix, title, digit, Field(rows, "pos")], size=2**18)

examples    = Examples(rows, features=[hashed], label=Field(rows, "tag"))
model       = Learner(examples, SGDClassifier(loss="log_loss", alpha=1e-5, random_state=0, max_iter=10, tol=None))
predictions = Predict(model, examples)


def mentions(tags, sentences):
    """First token of each mention and the one after its last: a B-per or I-per, and the I-per that follow in its
    sentence."""
    tags, sentences = np.asarray(tags), np.asarray(sentences)
    first = np.append(True, sentences[1:] != sentences[:-1])
    outside = np.append(True, tags[:-1] == "O")
    inside = tags == "I-per"
    begins = np.flatnonzero((tags == "B-per") | (inside & (first | outside)))
    ends = np.flatnonzero(np.append(~inside | first, True))
    return list(zip(begins.tolist(), ends[np.searchsorted(ends, begins, side="right")].tolist()))


def scores(gold, found):
    """Precision, recall and F1."""
    true = len(set(gold) & set(found))
    precision, recall = true / max(1, len(found)), true / max(1, len(gold))
    return precision, recall, 2 * precision * recall / max(1e-12, precision + recall)


def both(predictions, sentences):
    """The mentions that there are, and those that were found."""
    return [mentions(predictions[column], sentences["sentence"]) for column in ("label", "prediction")]


def f1_of_mentions(predictions, sentences):
    return scores(*both(predictions, sentences))[2]


sentence = Field(rows, "sentence")
f1       = Reducer(predictions, sentence, f1_of_mentions)

Output(f1)
