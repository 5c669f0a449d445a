"""The edits of the census schedule."""

from __future__ import annotations

from benchmarks.schedules.edits import Edit, put_before, replaced, wanted

EDITS = (
    Edit("L/I", "C = 0.1", [replaced("C=1.0, max_iter", "C=0.1, max_iter")]),
    Edit("PPR", "+ ROC AUC", [wanted("auc", "auc = RocAuc(predictions)")]),
    Edit(
        "DPR",
        "+ marital_status",
        [
            put_before("edu_x_occ", 'marital    = Field(rows, "marital_status")'),
            replaced("edu_x_occ, loss]", "edu_x_occ, loss, marital]"),
        ],
    ),
    Edit("PPR", "+ F1", [wanted("f1", "f1 = F1(predictions)")]),
    Edit("DPR", "age bins 10 → 20", [replaced("bins=10", "bins=20")]),
    Edit("L/I", "C = 10", [replaced("C=0.1, max_iter", "C=10, max_iter")]),
    Edit("PPR", "accuracy by sex", [wanted("by_sex", 'by_sex = Accuracy(predictions, by=Field(rows, "sex"))')]),
    Edit(
        "DPR",
        "+ hours_per_week in 8 bins",
        [
            put_before("edu_x_occ", 'hours      = Bucketizer(Field(rows, "hours_per_week"), bins=8)'),
            replaced("loss, marital]", "loss, marital, hours]"),
        ],
    ),
    Edit(
        "L/I",
        "l1, liblinear",
        [
            replaced(
                "LogisticRegression(C=10, max_iter=200)",
                'LogisticRegression(C=1.0, l1_ratio=1.0, solver="liblinear", random_state=0)',
            )
        ],
    ),
)
