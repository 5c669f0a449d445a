"""Find what text messages are about, without labels (SMS Spam Collection)."""
import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD

CLUSTERS = 8
HEAVIEST = 10

rows = CSVScanner(FileSource("sms-spam/SMSSpamCollection"), columns=["kind", "text"], sep="\t", quote="")

words   = Tokenize(Field(rows, "text"), lower=False)
terms   = TfIdf(NGrams(words, low=1, high=2), min_df=2)
reduced = Transform(terms, TruncatedSVD(n_components=50))

messages = Examples(rows, features=[reduced])
weights  = Examples(rows, features=[terms])
model    = Learner(messages, KMeans(n_clusters=CLUSTERS))
clusters = Predict(model, messages)


def heaviest(weights, clusters):
    """The terms of each cluster with the greatest mean weight."""
    names = np.array([name[2:-1] for name in weights.columns])
    found = {}
    for cluster in range(CLUSTERS):
        members = (clusters["prediction"] == cluster).to_numpy()
        means = np.asarray(weights.x[members].mean(axis=0)).ravel()
        found[str(cluster)] = names[np.argsort(-means, kind="stable")[:HEAVIEST]]
    return found


apart  = Silhouette(clusters, messages, sample=2000)
topics = Reducer(weights, clusters, heaviest)

Output(apart, topics)
