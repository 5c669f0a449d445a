"""All kernels by the name of their operator."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workflows.operators.kernels.base import Kernel
from workflows.operators.kernels.check import CheckKernel
from workflows.operators.kernels.curves import ConfusionMatrixKernel, RocCurveKernel, SilhouetteKernel
from workflows.operators.kernels.documents import JSONScannerKernel
from workflows.operators.kernels.examples import ExamplesKernel
from workflows.operators.kernels.extractor import (
    BucketizerKernel,
    ExtractorKernel,
    FieldKernel,
    ImputeKernel,
    InteractionKernel,
    ScaleKernel,
    TransformKernel,
)
from workflows.operators.kernels.grouping import GroupByKernel
from workflows.operators.kernels.hashed import HashKernel
from workflows.operators.kernels.images import ImageScannerKernel
from workflows.operators.kernels.joins import JoinKernel, UnionKernel
from workflows.operators.kernels.learner import LearnerKernel, PredictKernel
from workflows.operators.kernels.metrics import (
    AccuracyKernel,
    F1Kernel,
    LogLossKernel,
    MAEKernel,
    PrecisionKernel,
    R2Kernel,
    RecallKernel,
    RMSEKernel,
    RocAucKernel,
)
from workflows.operators.kernels.own import ScannerKernel
from workflows.operators.kernels.parquet import ParquetScannerKernel
from workflows.operators.kernels.queries import SQLSourceKernel
from workflows.operators.kernels.reducer import ReducerKernel
from workflows.operators.kernels.scanner import CSVScannerKernel
from workflows.operators.kernels.source import DatasetKernel, FileSourceKernel
from workflows.operators.kernels.sql import SQLKernel
from workflows.operators.kernels.synthesizer import (
    FilterKernel,
    FlatMapKernel,
    MapKernel,
    SampleKernel,
    SplitKernel,
)
from workflows.operators.kernels.text import TextScannerKernel
from workflows.operators.kernels.tokens import NGramsKernel, TfIdfKernel, TokenizeKernel

KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "FileSource": FileSourceKernel(),
        "Dataset": DatasetKernel(),
        "CSVScanner": CSVScannerKernel(),
        "SQLSource": SQLSourceKernel(),
        "ImageScanner": ImageScannerKernel(),
        "ParquetScanner": ParquetScannerKernel(),
        "JSONScanner": JSONScannerKernel(),
        "TextScanner": TextScannerKernel(),
        "Scanner": ScannerKernel(),
        "Split": SplitKernel(),
        "Map": MapKernel(),
        "FlatMap": FlatMapKernel(),
        "Filter": FilterKernel(),
        "Sample": SampleKernel(),
        "Join": JoinKernel(),
        "Union": UnionKernel(),
        "Check": CheckKernel(),
        "GroupBy": GroupByKernel(),
        "SQL": SQLKernel(),
        "Field": FieldKernel(),
        "Bucketizer": BucketizerKernel(),
        "Interaction": InteractionKernel(),
        "Impute": ImputeKernel(),
        "Scale": ScaleKernel(),
        "Tokenize": TokenizeKernel(),
        "NGrams": NGramsKernel(),
        "TfIdf": TfIdfKernel(),
        "Hash": HashKernel(),
        "Extractor": ExtractorKernel(),
        "Transform": TransformKernel(),
        "Examples": ExamplesKernel(),
        "Learner": LearnerKernel(),
        "Predict": PredictKernel(),
        "Accuracy": AccuracyKernel(),
        "Precision": PrecisionKernel(),
        "Recall": RecallKernel(),
        "F1": F1Kernel(),
        "RocAuc": RocAucKernel(),
        "LogLoss": LogLossKernel(),
        "RMSE": RMSEKernel(),
        "MAE": MAEKernel(),
        "R2": R2Kernel(),
        "Silhouette": SilhouetteKernel(),
        "ConfusionMatrix": ConfusionMatrixKernel(),
        "RocCurve": RocCurveKernel(),
        "Reducer": ReducerKernel(),
    }
)
