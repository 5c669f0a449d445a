"""Recognise handwritten digits (bundled with scikit-learn, so there is nothing to fetch)."""
from sklearn.decomposition import PCA
from sklearn.svm import SVC

CLASSES = range(10)

data = Dataset("digits")
rows = Split(data, test=0.25, stratify="target")


def pixels(batch):                         # 8 × 8 grey values from 0 to 16, brought to 0 … 1
    return batch.drop(columns="target") / 16


def confusions(predictions):
    """How often each digit (row) was taken for each (column)."""
    table = predictions.groupby(["label", "prediction"]).size().unstack(fill_value=0)
    return table.reindex(index=CLASSES, columns=CLASSES, fill_value=0)


image  = Extractor(rows, pixels)
shape  = Transform(image, PCA(n_components=24))
digit  = Field(rows, "target")

examples    = Examples(rows, features=[shape], label=digit)
model       = Learner(examples, SVC(C=10.0, gamma=0.5))
predictions = Predict(model, examples)

accuracy  = Accuracy(predictions)
f1        = F1(predictions, average="macro")
confusion = Reducer(predictions, confusions)

Output(accuracy, f1, confusion)
