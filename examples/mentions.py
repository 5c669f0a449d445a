"""Find mentions of persons in news text (Groningen Meaning Bank), token by token."""
import pandas as pd
from sklearn.linear_model import SGDClassifier

SENTENCES = 20_000

data  = FileSource("ner-gmb/ner_dataset.csv.gz")
lines = CSVScanner(data, encoding="latin-1")


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


def previous(batch):                                        # each="group": batches of whole sentences
    return batch.groupby("sentence")["word"].shift(1, fill_value="")


def following(batch):
    return batch.groupby("sentence")["word"].shift(-1, fill_value="")


def shape(word):                                            # each="value": called once for each distinct word
    """Upper case, lower case and digits as X, x and d, runs of one kind as one: iPhone7 is xXxd."""
    kinds = ["X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word]
    return "".join(kind for place, kind in enumerate(kinds) if place == 0 or kind != kinds[place - 1])


word   = Field(rows, "word")
words  = [
    word,
    Extractor(rows, previous, each="group", by="sentence"),
    Extractor(rows, following, each="group", by="sentence"),
]
lower  = [Extractor(each, lambda word: word.lower(), each="value") for each in words]
shapes = [Extractor(each, shape, each="value") for each in words]
prefix = Extractor(word, lambda word: word.lower()[:3], each="value")
suffix = Extractor(word, lambda word: word.lower()[-3:], each="value")
title  = Extractor(word, lambda word: word.istitle(), each="value")
digit  = Extractor(word, lambda word: word.isdigit(), each="value")
hashed = Hash([*lower, *shapes, prefix, suffix, title, digit, Field(rows, "pos")], size=2**18)

examples    = Examples(rows, features=[hashed], label=Field(rows, "tag"))
model       = Learner(examples, SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=10, tol=None, random_state=0))
predictions = Predict(model, examples)


def mentions(tags, sentences):
    """First and last token of each mention: a B-per or I-per, and the I-per that follow in its sentence."""
    person = tags != "O"
    begins = person & ((tags == "B-per") | (tags.shift() == "O") | (sentences != sentences.shift()))
    places = tags.index[person].to_series().groupby(begins.cumsum()[person])
    return set(zip(places.min(), places.max()))


def f1_of_mentions(predictions, sentences):
    """A mention is found where all of its tokens are, and no other."""
    true = mentions(predictions["label"], sentences["sentence"])
    found = mentions(predictions["prediction"], sentences["sentence"])
    return 2 * len(true & found) / (len(true) + len(found))


f1 = Reducer(predictions, Field(rows, "sentence"), f1_of_mentions)

Output(f1)
