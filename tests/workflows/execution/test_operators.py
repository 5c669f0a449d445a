"""Every operator in one workflow: what the language lowers, the kernels take."""

from __future__ import annotations

import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from tests.workflows.execution.lab import Lab
from workflows.operators.registry import OPERATORS

EVERYTHING = '''
"""All operators at once."""
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge

data = FileSource("people.csv")
raw = CSVScanner(data, na=["", "NA"], types={"zip": "str"})
grown = Filter(raw, "age >= 18 or age is None")

def lived(batch):
    return batch["name"].str.len() > 0

named = Filter(grown, lived)

def add_initial(row):
    return {**row, "initial": row["name"][0]}

people = Map(named, add_initial, each="row")
rows = Split(people, test=0.3, group="zip", seed=3)

age = Impute(Field(rows, "age"), strategy="median")
aged = Bucketizer(age, bins=3, by="width")
paid = Scale(Impute(Field(rows, "pay")), method="robust")
zip_by_age = Interaction(Field(rows, "zip"), aged)
shout = Extractor(Field(rows, "name"), lambda name: name.upper(), each="value")

def relative(batch):
    return batch["pay"].fillna(0) - batch["pay"].mean()

difference = Extractor(rows, relative, each="split")
words = Transform(Field(rows, "text"), CountVectorizer())
terms = TfIdf(NGrams(Tokenize(Field(rows, "text"))), min_df=2)
hashed = Hash([shout, age, Tokenize(Field(rows, "text"))], size=16)
flat = Transform([age, paid], PCA(n_components=2))

examples = Examples(
    rows, features=[aged, paid, zip_by_age, shout, words, terms, hashed, flat], label=Field(rows, "rich"), weight=age
)
model = Learner(examples, LogisticRegression())
predictions = Predict(model, examples)

accuracy = Accuracy(predictions)
on_train = Accuracy(predictions, split="train")
by_zip = Accuracy(predictions, by=Field(rows, "zip"))
f1 = F1(predictions, positive="no")
auc = RocAuc(predictions)
precision = Precision(predictions, positive="no")
recall = Recall(predictions, average="macro")
loss = LogLoss(predictions)
confusion = ConfusionMatrix(predictions)
curve = RocCurve(predictions, points=20)

unlabelled = Examples(rows, features=[flat])
clusters = Predict(Learner(unlabelled, KMeans(3)), unlabelled)
apart = Silhouette(clusters, unlabelled, sample=50, seed=4)

numbered = Examples(rows, features=[flat, words], label=paid)
line = Predict(Learner(numbered, Ridge()), numbered)
errors = [RMSE(line), MAE(line), R2(line)]

def summary(frame, model, matrix, score, differences):
    return {"rows": len(frame), "width": model.coef_.shape[1], "columns": len(matrix.columns), "score": score,
            "difference": float(differences.iloc[:, 0].abs().max())}

total = Reducer(rows["test"], model, examples, accuracy, difference, summary)
bundled = Reducer(Dataset("wine"), lambda frame: len(frame))

tokens = FlatMap(people, lambda row: [{"word": word} for word in row["text"].split()], each="row")
few = Sample(people, n=7)
zips = GroupBy(people, by="zip", aggregates={"people": "count()", "mean_pay": "mean(pay)"})
placed = Join(rows, zips, on="zip", how="left")
twice = Union(placed, placed)
richest = SQL("select zip, max(pay) as most from people group by zip order by zip", people=rows)
Check(rows, "age between 15 and 80 or age is null")
made_rows = Reducer(tokens, few, twice, richest, lambda *frames: [len(frame) for frame in frames])

lines = TextScanner(data)
whole = Scanner(data, lambda file: [{"lines": len(file.readlines())}])
scanned = Reducer(lines, whole, lambda frame, one: [len(frame), int(one["lines"][0])])

documents = JSONScanner(FileSource("people.json"))
tables = ParquetScanner(FileSource("people.parquet"))
also_scanned = Reducer(documents, tables, lambda *frames: [len(frame) for frame in frames])

images = ImageScanner(FileSource("images.idx"), labels=FileSource("labels.idx"))
seen = Reducer(images, lambda frame: [int(frame["pixels"][1].sum()), int(frame["label"][1])])

asked = Reducer(SQLSource("people.db", "select name from people"), lambda frame: len(frame))
'''


def test_every_operator_runs_in_one_workflow(lab: Lab, tmp_path: Path) -> None:
    lab.data = tmp_path / "data"
    lab.data.mkdir()
    lines = ["name,age,pay,zip,text,rich"]
    for number in range(240):
        age = "NA" if number % 17 == 0 else 15 + number % 50
        pay = "" if number % 13 == 0 else 1000 + 37 * (number % 90)
        rich = "yes" if number % 90 > 45 else "no"
        lines.append(f"p{number % 7},{age},{pay},0{number % 5},word{number % 3} and more,{rich}")
    (lab.data / "people.csv").write_text("\n".join(lines) + "\n")

    (lab.data / "people.json").write_text(json.dumps([{"name": "a"}, {"name": "b"}]))
    pa.parquet.write_table(pa.table({"name": ["a", "b", "c"]}), lab.data / "people.parquet")
    (lab.data / "images.idx").write_bytes(struct.pack(">4I8B", 2051, 2, 2, 2, *range(8)))
    (lab.data / "labels.idx").write_bytes(struct.pack(">2I2B", 2049, 2, 7, 9))
    with closing(sqlite3.connect(lab.data / "people.db")) as database:
        database.execute("create table people as select 'a' as name union all select 'b'")
        database.commit()
    outcome = lab.succeed(EVERYTHING)
    outputs = outcome.result.outputs
    assert {node.operator for node in outcome.result.nodes} == set(OPERATORS)
    assert outputs["accuracy"] > 0.8
    assert set(outputs["by_zip"]) < {"00", "01", "02", "03", "04"}
    assert outputs["bundled"] == 178
    assert outputs["scanned"] == [241, 241]
    assert outputs["also_scanned"] == [2, 3]
    assert outputs["seen"] == [22, 9]
    assert outputs["asked"] == 2
    assert outputs["total"]["width"] == outputs["total"]["columns"]
    assert outputs["total"]["score"] == outputs["accuracy"]
    again = lab.succeed(EVERYTHING)
    assert again.result.outputs == outputs
    assert again.stale == set()
