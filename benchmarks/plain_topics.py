"""The baseline: topics by hand, with scikit-learn. Prints its seconds after imports, and the silhouette."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import silhouette_score


def results(data: Path) -> dict[str, Any]:
    lines = (data / "sms-spam" / "SMSSpamCollection").read_text("utf-8").splitlines()
    texts = [line.split("\t", 1)[1] for line in lines if line]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
    weights = vectorizer.fit_transform(texts)
    reduced = TruncatedSVD(n_components=50, random_state=0).fit_transform(weights)
    clusters = KMeans(n_clusters=8, random_state=0).fit(reduced).predict(reduced)
    names = vectorizer.get_feature_names_out()
    topics = {}
    for cluster in range(8):
        means = np.asarray(weights[clusters == cluster].mean(axis=0)).ravel()
        topics[str(cluster)] = names[np.argsort(-means, kind="stable")[:10]].tolist()
    sample = min(2000, len(texts))
    return {"apart": silhouette_score(reduced, clusters, sample_size=sample, random_state=0), "topics": topics}


if __name__ == "__main__":
    began = time.perf_counter()
    found = results(Path(sys.argv[1]))
    print(f"{time.perf_counter() - began:.4f} {found['apart']:.5f}")
