"""The edits of the digits schedule."""

from __future__ import annotations

from benchmarks.schedules.edits import Edit, put_before, replaced, wanted

_TOP_TWO = """

def right_among_two(model, examples):
    x, label = examples.x, examples.label
    return (np.argsort(model.decision_function(x), axis=1)[:, -2:] == label[:, None]).any(axis=1).mean()


top_2 = Reducer(model, examples["test"], right_among_two)
"""
_PAIRS = '''

def most_confused(confusion):
    """The five pairs of label and prediction that are confused most often."""
    counts = np.array(confusion["matrix"])
    np.fill_diagonal(counts, 0)
    return [divmod(int(place), len(counts)) for place in np.argsort(-counts, axis=None, kind="stable")[:5]]


pairs = Reducer(confusion, most_confused)
'''

EDITS = (
    Edit("L/I", "alpha 1e-4 → 1e-5", [replaced("alpha=1e-4", "alpha=1e-5")]),
    Edit("PPR", "+ confusion matrix", [wanted("confusion", "confusion = ConfusionMatrix(predictions)")]),
    Edit("DPR", "gamma 0.02 → 0.03", [replaced("gamma=0.02", "gamma=0.03")]),
    Edit("PPR", "+ F1 of each class", [wanted("f1", 'f1 = F1(predictions, average="each")')]),
    Edit("L/I", "alpha 1e-5 → 3e-5", [replaced("alpha=1e-5", "alpha=3e-5")]),
    Edit(
        "DPR",
        "PCA(50) before the sampler",
        [
            put_before("kernel", 'few    = Transform(pixels, PCA(50, random_state=0, svd_solver="covariance_eigh"))'),
            replaced("Transform(pixels, RBF", "Transform(few, RBF"),
        ],
    ),
    Edit("PPR", "+ top-2 accuracy", [wanted("top_2", _TOP_TWO)]),
    Edit("L/I", "modified_huber", [replaced("SGDClassifier(alpha", 'SGDClassifier(loss="modified_huber", alpha')]),
    Edit("PPR", "+ the five most confused pairs", [wanted("pairs", _PAIRS)]),
)
