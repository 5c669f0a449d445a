"""The baseline: Census by hand, with pandas and scikit-learn. Prints its seconds after imports, accuracy and AUC."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, StandardScaler

COLUMNS = [
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship", "race",
    "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "target",
]  # fmt: skip


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, names=COLUMNS, skipinitialspace=True, na_values="?", comment="|")


def results(data: Path) -> dict[str, float]:
    folder = data / "adult"
    train, test = read(folder / "adult.data"), read(folder / "adult.test")
    blocks: list[tuple[Any, ...]] = []
    for frame in (train, test):
        frame["edu_x_occ"] = frame["education"] + "|" + frame["occupation"].fillna("?")
        frame["occupation"] = frame["occupation"].fillna("?")
    for columns in (["education"], ["occupation"], ["edu_x_occ"]):
        encoder = OneHotEncoder(handle_unknown="ignore").fit(train[columns])
        blocks.append((encoder.transform(train[columns]), encoder.transform(test[columns])))
    bins = KBinsDiscretizer(10, encode="onehot", quantile_method="linear").fit(train[["age"]])
    blocks.append((bins.transform(train[["age"]]), bins.transform(test[["age"]])))
    scale = StandardScaler().fit(train[["capital_loss"]])
    blocks.append(tuple(sp.csr_matrix(scale.transform(frame[["capital_loss"]])) for frame in (train, test)))
    x_train, x_test = (sp.hstack([block[side] for block in blocks]).tocsr() for side in (0, 1))
    y_train, y_test = (frame["target"].str.contains(">50K").to_numpy(np.int8) for frame in (train, test))
    model = LogisticRegression(C=1.0, max_iter=200).fit(x_train, y_train)
    accuracy = accuracy_score(y_test, model.predict(x_test))
    return {"accuracy": accuracy, "auc": roc_auc_score(y_test, model.predict_proba(x_test)[:, 1])}


if __name__ == "__main__":
    began = time.perf_counter()
    found = results(Path(sys.argv[1]))
    print(f"{time.perf_counter() - began:.4f} {found['accuracy']:.5f} {found['auc']:.5f}")
