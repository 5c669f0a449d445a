"""Recognise handwritten digits (MNIST): a linear model of random features of a Gaussian kernel."""
import numpy as np
from sklearn.decomposition import PCA
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import FunctionTransformer

LEARNED = 20_000

images = ImageScanner(
    FileSource(train="mnist/train-images-idx3-ubyte.gz", test="mnist/t10k-images-idx3-ubyte.gz"),
    labels=FileSource(train="mnist/train-labels-idx1-ubyte.gz", test="mnist/t10k-labels-idx1-ubyte.gz"))


def first(batch):                          # all of test, which has 10,000
    return batch.index < LEARNED


def grey(pixels):                          # bytes, brought to 0 … 1
    return pixels.astype("float32") / 255


rows   = Filter(images, first, each="split")
pixels = Transform(Field(rows, "pixels"), FunctionTransformer(grey))
kernel = Transform(pixels, RBFSampler(gamma=0.02, n_components=1000, random_state=0))

examples    = Examples(rows, features=[kernel], label=Field(rows, "label"))
model       = Learner(examples, SGDClassifier(alpha=1e-4, random_state=0, max_iter=10, tol=None))
predictions = Predict(model, examples)

accuracy = Accuracy(predictions)

Output(accuracy)
