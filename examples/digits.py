"""Recognise handwritten digits at size (MNIST): a linear model of random features of a Gaussian kernel."""
import numpy as np
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import SGDClassifier

LEARNED = 20_000

images = ImageScanner(
    FileSource(train="mnist/train-images-idx3-ubyte.gz", test="mnist/t10k-images-idx3-ubyte.gz"),
    labels=FileSource(train="mnist/train-labels-idx1-ubyte.gz", test="mnist/t10k-labels-idx1-ubyte.gz"))


def first(batch):                          # all of test, which has 10,000
    return batch.index < LEARNED


def grey(batch):                           # 28 × 28 bytes, brought to 0 … 1
    return np.stack(batch["pixels"]).astype("float32") / 255


rows   = Filter(images, first, each="split")
pixels = Extractor(rows, grey)
kernel = Transform(pixels, RBFSampler(gamma=0.02, n_components=1000, random_state=0))

examples    = Examples(rows, features=[kernel], label=Field(rows, "label"))
model       = Learner(examples, SGDClassifier(alpha=1e-4, max_iter=10, tol=None, random_state=0))
predictions = Predict(model, examples)

accuracy  = Accuracy(predictions)
confusion = ConfusionMatrix(predictions)

Output(accuracy, confusion)
