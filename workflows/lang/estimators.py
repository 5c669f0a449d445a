"""Where the best-known estimators are imported from, for hints alone."""

from __future__ import annotations

_MODULES = {
    "sklearn.linear_model": (
        "LogisticRegression LinearRegression Ridge RidgeClassifier Lasso ElasticNet SGDClassifier SGDRegressor "
        "Perceptron"
    ),
    "sklearn.ensemble": (
        "RandomForestClassifier RandomForestRegressor GradientBoostingClassifier GradientBoostingRegressor "
        "HistGradientBoostingClassifier HistGradientBoostingRegressor ExtraTreesClassifier AdaBoostClassifier "
        "BaggingClassifier VotingClassifier StackingClassifier IsolationForest"
    ),
    "sklearn.tree": "DecisionTreeClassifier DecisionTreeRegressor",
    "sklearn.svm": "SVC SVR LinearSVC LinearSVR",
    "sklearn.neighbors": "KNeighborsClassifier KNeighborsRegressor",
    "sklearn.naive_bayes": "GaussianNB MultinomialNB BernoulliNB ComplementNB",
    "sklearn.neural_network": "MLPClassifier MLPRegressor",
    "sklearn.cluster": "KMeans MiniBatchKMeans DBSCAN AgglomerativeClustering",
    "sklearn.decomposition": "PCA TruncatedSVD NMF FastICA LatentDirichletAllocation",
    "sklearn.preprocessing": (
        "StandardScaler MinMaxScaler RobustScaler OneHotEncoder OrdinalEncoder PolynomialFeatures FunctionTransformer "
        "KBinsDiscretizer QuantileTransformer Normalizer"
    ),
    "sklearn.feature_extraction.text": "TfidfVectorizer CountVectorizer HashingVectorizer",
    "sklearn.feature_selection": "SelectKBest SelectPercentile VarianceThreshold",
    "sklearn.pipeline": "Pipeline FeatureUnion make_pipeline make_union",
    "sklearn.compose": "ColumnTransformer TransformedTargetRegressor make_column_transformer",
    "sklearn.calibration": "CalibratedClassifierCV",
    "sklearn.model_selection": "GridSearchCV RandomizedSearchCV",
    "sklearn.multiclass": "OneVsRestClassifier OneVsOneClassifier",
    "sklearn.dummy": "DummyClassifier DummyRegressor",
    "sklearn.impute": "SimpleImputer KNNImputer",
}
ESTIMATORS = {name: module for module, names in _MODULES.items() for name in names.split()}
