"""The edits of the topics schedule."""

from __future__ import annotations

from benchmarks.schedules.edits import Edit, replaced, wanted

_PURITY = '''

def share_of_most(clusters, kinds):
    """The share of messages that are of the kind that most of their cluster are of."""
    counts = kinds["kind"].groupby(clusters["prediction"]).value_counts()
    return counts.groupby(level=0).max().sum() / len(kinds)


purity = Reducer(clusters, Field(rows, "kind"), share_of_most)
'''
_SIZES = """

def sizes_of(clusters):
    return clusters["prediction"].value_counts().sort_index().tolist()


sizes = Reducer(clusters, sizes_of)
"""

EDITS = (
    Edit("L/I", "8 → 12 clusters", [replaced("CLUSTERS = 8", "CLUSTERS = 12")]),
    Edit("PPR", "+ purity against ham and spam", [wanted("purity", _PURITY)]),
    Edit("DPR", "+ lower case and stop words", [replaced("lower=False", 'stop_words="english"')]),
    Edit("L/I", "12 → 16 clusters", [replaced("CLUSTERS = 12", "CLUSTERS = 16")]),
    Edit("PPR", "terms: ten → twenty", [replaced("HEAVIEST = 10", "HEAVIEST = 20")]),
    Edit("DPR", "SVD 50 → 100", [replaced("n_components=50", "n_components=100")]),
    Edit("L/I", "MiniBatchKMeans", [replaced("KMeans(n_clusters", "MiniBatchKMeans(n_clusters")]),
    Edit("PPR", "+ sizes of clusters", [wanted("sizes", _SIZES)]),
    Edit("DPR", "min_df 2 → 5", [replaced("min_df=2", "min_df=5")]),
)
