"""Declarations of the extractors: they make features of rows and of features. What is learned is learned on `train`."""

from __future__ import annotations

from workflows.operators.base import ARRAYS, SCIKIT, Family, Kind, Operator, Parameter, Shape, Type
from workflows.operators.synthesizer import BY, EACH_DOC, ROWS

FEATURE = Parameter("feature", Type.NODE, "The feature.", kinds=(Kind.FEATURE,))
FIELD = "Field"
WORD = r"\b\w\w+\b"  # what a token is unless a pattern says so: scikit-learn's, two letters or digits at least
VALUE_DOC = " `value` (one value of a feature, once for each distinct one)."

EXTRACTORS = (
    Operator(
        FIELD,
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "A column of the rows.",
        'age = Field(rows, "age")',
        (ROWS, Parameter("column", Type.STRING, "Its name.")),
    ),
    Operator(
        "Bucketizer",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "The bucket a number falls into, as a category.",
        "age_bucket = Bucketizer(age, bins=10)",
        (
            FEATURE,
            Parameter("bins", Type.INTEGER, "How many buckets.", 10, minimum=2),
            Parameter(
                "by",
                Type.STRING,
                "Buckets of equal numbers of rows, or of equal width.",
                "quantile",
                choices=("quantile", "width"),
            ),
            Parameter("edges", Type.NUMBERS, "The edges themselves, instead of learned ones.", None),
        ),
        learns=True,
        certain=True,
    ),
    Operator(
        "Interaction",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "The combination of values of two or more features, as a category.",
        "edu_x_occ = Interaction(education, occupation)",
        (Parameter("features", Type.NODES, "The features.", kinds=(Kind.FEATURE,), minimum=2, variadic=True),),
        version=2,
        certain=True,
        packages=(*ARRAYS, "pandas"),
    ),
    Operator(
        "Impute",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "The feature with a value where one is missing.",
        'hours = Impute(Field(rows, "hours_per_week"), strategy="median")',
        (
            FEATURE,
            Parameter(
                "strategy",
                Type.STRING,
                "Which value: learned from `train`, or `value=`.",
                "mean",
                choices=("mean", "median", "most_frequent", "constant"),
            ),
            Parameter("value", Type.SCALAR, 'The value, with `strategy="constant"`.', None),
        ),
        learns=True,
    ),
    Operator(
        "Scale",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "Numbers brought to a common scale: mean 0 and deviation 1 (`standard`), 0 to 1 (`minmax`), -1 to 1 with 0 "
        "kept (`maxabs`), or median 0 and quartile distance 1 (`robust`).",
        'loss = Scale(Field(rows, "capital_loss"))',
        (
            FEATURE,
            Parameter("method", Type.STRING, "How.", "standard", choices=("standard", "minmax", "maxabs", "robust")),
        ),
        learns=True,
    ),
    Operator(
        "Tokenize",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "The words of a text, as a list of tokens; a missing text has none.",
        'words = Tokenize(Field(rows, "text"))',
        (
            Parameter("feature", Type.NODE, "The text.", kinds=(Kind.FEATURE,)),
            Parameter(
                "pattern",
                Type.STRING,
                "What a token is, as a regular expression; with a group in it, what the group matches.",
                WORD,
            ),
            Parameter("lower", Type.BOOLEAN, "Bring the text to lower case first.", True),
            Parameter(
                "stop_words",
                Type.STRINGS,
                'Tokens to leave out; `"english"` alone stands for scikit-learn\'s list of English ones.',
                (),
            ),
        ),
        packages=(*ARRAYS, *SCIKIT),
        certain=True,
    ),
    Operator(
        "NGrams",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "Runs of neighbouring tokens, joined by a space, as tokens.",
        "phrases = NGrams(words, low=1, high=2)",
        (
            Parameter("tokens", Type.NODE, "The tokens.", kinds=(Kind.FEATURE,)),
            Parameter("low", Type.INTEGER, "Tokens of the shortest run.", 1, minimum=1),
            Parameter("high", Type.INTEGER, "Tokens of the longest run.", 2, minimum=1),
        ),
        packages=(*ARRAYS, "scipy"),
        certain=True,
    ),
    Operator(
        "TfIdf",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "How often a row has each term that `train` has, weighted by how rare the term is there: a sparse vector, with "
        "the numbers of scikit-learn's TfidfVectorizer.",
        "weights = TfIdf(phrases, min_df=2)",
        (
            Parameter("feature", Type.NODE, "Tokens, or a text, whose words they are then.", kinds=(Kind.FEATURE,)),
            Parameter(
                "min_df",
                Type.NUMBER,
                "In how many rows a term is at least: a count, or a share below 1.",
                1.0,
                minimum=0,
            ),
            Parameter(
                "max_df",
                Type.NUMBER,
                "In how many rows a term is at most: a share up to 1, or a count above; None for no limit.",
                None,
                minimum=0,
            ),
            Parameter(
                "max_features",
                Type.INTEGER,
                "How many terms are kept, the most frequent ones; None for all.",
                None,
                minimum=1,
            ),
            Parameter("sublinear", Type.BOOLEAN, "Count a term that is there n times as 1 + ln n.", False),
            Parameter("norm", Type.STRING, "What becomes 1 in each row.", "l2", choices=("l2", "l1", "none")),
            Parameter("smooth", Type.BOOLEAN, "Weigh as if one more row had every term.", True),
        ),
        learns=True,
        packages=(*ARRAYS, *SCIKIT),
        certain=True,
    ),
    Operator(
        "Hash",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "Features hashed into one sparse vector of fixed length, with nothing to learn: a category, and each token, "
        "counts 1 (or -1) where its hash says, a number as much as it is, a missing category nothing. The numbers of "
        "scikit-learn's FeatureHasher, with features named by their places: `0`, `1`, ….",
        "hashed = Hash([education, occupation], size=2**12)",
        (
            Parameter("features", Type.NODES, "One feature, or a list.", kinds=(Kind.FEATURE,), minimum=1),
            Parameter("size", Type.INTEGER, "How long the vector is.", 2**18, minimum=1),
        ),
        packages=(*ARRAYS, *SCIKIT),
        certain=True,
    ),
    Operator(
        "Extractor",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "A feature made by a function: a DataFrame in, a Series (or a DataFrame of several columns) of as many "
        "rows out.",
        "target = Extractor(rows, over_50k)",
        (
            Parameter("rows", Type.NODE, "The rows, or a feature.", kinds=(Kind.ROWS, Kind.FEATURE)),
            Parameter("fn", Type.FUNCTION, "The function."),
            Parameter(
                "each",
                Type.STRING,
                EACH_DOC.removesuffix(".") + "," + VALUE_DOC,
                "batch",
                choices=("batch", "row", "group", "split", "value"),
            ),
            BY,
        ),
    ),
    Operator(
        "Transform",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "Features passed through any transformer with scikit-learn's interface, fitted on `train`.",
        "reduced = Transform([age, hours], PCA(n_components=1))",
        (
            Parameter("features", Type.NODES, "One feature, or a list.", kinds=(Kind.FEATURE,), minimum=1),
            Parameter("transformer", Type.TRANSFORMER, "The transformer: its class, called with its arguments."),
        ),
        learns=True,
        random=True,
        packages=(*ARRAYS, "pandas", "scipy"),
    ),
)
