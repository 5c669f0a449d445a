"""Declarations of the learners: they fit models on examples, and predict with them."""

from __future__ import annotations

from workflows.operators.base import ARRAYS, SCIKIT, Family, Kind, Operator, Parameter, Shape, Splits, Type

LEARNERS = (
    Operator(
        "Learner",
        Family.LEARNER,
        Kind.MODEL,
        Shape.STATE,
        "A model: any estimator with scikit-learn's interface, fitted on `train`, with the label where there is one.",
        "model = Learner(income, LogisticRegression(C=1.0))",
        (
            Parameter("examples", Type.NODE, "The examples.", kinds=(Kind.EXAMPLES,)),
            Parameter("estimator", Type.ESTIMATOR, "The estimator: its class, called with its arguments."),
        ),
        splits=Splits.NONE,
        learns=True,
        random=True,
        packages=(*ARRAYS, "joblib", *SCIKIT),
    ),
    Operator(
        "Predict",
        Family.LEARNER,
        Kind.PREDICTIONS,
        Shape.SPLITS,
        "What the model predicts for the examples of each split, with scores where it gives them.",
        "predictions = Predict(model, income)",
        (
            Parameter("model", Type.NODE, "The model.", kinds=(Kind.MODEL,)),
            Parameter("examples", Type.NODE, "The examples.", kinds=(Kind.EXAMPLES,)),
        ),
        packages=(*ARRAYS, "pandas"),
    ),
)
