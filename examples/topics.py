"""Find what text messages are about, without labels (SMS Spam Collection)."""
import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD

CLUSTERS = 8
HEAVIEST = 10

data = FileSource("sms-spam/SMSSpamCollection")
rows = CSVScanner(data, columns=["kind", "text"], sep="\t", quote="")

words   = Tokenize(Field(rows, "text"))
terms   = TfIdf(NGrams(words, low=1, high=2), min_df=2)     # single words, and pairs of neighbours
reduced = Transform(terms, TruncatedSVD(n_components=50))   # 15,000 weights of a message, brought to 50 numbers

messages = Examples(rows, features=[reduced])
weights  = Examples(rows, features=[terms])
model    = Learner(messages, KMeans(n_clusters=CLUSTERS))
clusters = Predict(model, messages)


def heaviest(weights, clusters):
    """The terms of each cluster with the greatest mean weight."""
    names = np.array([name[2:-1] for name in weights.columns])          # 0[free entry] is free entry
    found = {}
    for cluster in range(CLUSTERS):
        members = (clusters["prediction"] == cluster).to_numpy()
        means = np.asarray(weights.x[members].mean(axis=0)).ravel()
        found[str(cluster)] = names[np.argsort(-means, kind="stable")[:HEAVIEST]]
    return found


apart  = Silhouette(clusters, messages, sample=2000)        # 1: well apart; 0: overlapping
topics = Reducer(weights, clusters, heaviest)

Output(apart, topics)
