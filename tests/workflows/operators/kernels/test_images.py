"""Images become vectors of pixels as NumPy and Pillow read them, all of one size, or an error names the file."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from tests.data import mnist
from tests.workflows.operators.kernels.calls import call
from workflows.operators.kernels import vectors
from workflows.operators.kernels.base import ROW_ID, Call
from workflows.operators.kernels.content import ScanFailed
from workflows.operators.kernels.registry import KERNELS
from workflows.store.codecs import canonical

KERNEL = KERNELS["ImageScanner"]
Files = dict[str, bytes]


def calling(files: Files, labels: Files | None, params: dict[str, Any]) -> tuple[Call, dict[str, Any]]:
    both = {"images": list(files.items()), "labels": list((labels or {}).items())}
    inputs: dict[str, Any] = {"source": {"path": "images"}}
    if labels is not None:
        inputs["labels"] = {"path": "labels"}
    return Call(call("ImageScanner", params).params, 0, lambda source: both[source["path"]], {}), inputs


def learned(files: Files, labels: Files | None = None, **params: Any) -> Any:
    made, inputs = calling(files, labels, params)
    return canonical(KERNEL.finish(made, KERNEL.update(made, KERNEL.init(made), inputs)))


def read(files: Files, labels: Files | None = None, state: Any = None, **params: Any) -> pa.Table:
    made, inputs = calling(files, labels, params)
    return canonical(KERNEL.apply(made, inputs, learned(files, labels, **params) if state is None else state))


def pixels(table: pa.Table) -> Any:
    return vectors.matrix(table.schema.field("pixels"), table["pixels"].chunk(0))


def idx(values: Any) -> bytes:
    return struct.pack(f">I{values.ndim}I", 0x0800 + values.ndim, *values.shape) + values.astype(np.uint8).tobytes()


def png(values: Any, mode: str | None = None) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(np.asarray(values, dtype=np.uint8))
    (image if mode is None else image.convert(mode)).save(buffer, "PNG")
    return buffer.getvalue()


STACK = np.random.default_rng(0).integers(0, 256, (5, 3, 4))
LABELS = np.array([3, 1, 4, 1, 5])


def test_the_digits_of_mnist_are_those_that_numpy_reads() -> None:
    images, labels = mnist("t10k-images-idx3-ubyte.gz"), mnist("t10k-labels-idx1-ubyte.gz")
    table = read({"images.gz": images}, {"labels.gz": labels})
    expected = np.frombuffer(gzip.decompress(images), np.uint8, offset=16).reshape(-1, 784)
    assert table.column_names == [ROW_ID, "pixels", "label"]
    np.testing.assert_array_equal(pixels(table), expected)
    np.testing.assert_array_equal(table["label"].to_numpy(), np.frombuffer(gzip.decompress(labels), np.uint8, offset=8))
    assert table["pixels"].nbytes <= expected.nbytes * 1.02


def test_idx_files_are_read_packed_or_not_one_after_the_other() -> None:
    plain = read(
        {"a": idx(STACK[:2]), "b": gzip.compress(idx(STACK[2:]))}, {"c": idx(LABELS[:2]), "d": idx(LABELS[2:])}
    )
    np.testing.assert_array_equal(pixels(plain), STACK.reshape(5, 12))
    assert plain["label"].to_pylist() == LABELS.tolist()
    assert plain[ROW_ID].to_pylist() == list(range(5))
    assert read({"a": idx(STACK)}).column_names == [ROW_ID, "pixels"]
    assert read({"a": idx(STACK[:0])}, {"b": idx(LABELS[:0])}).num_rows == 0


@pytest.mark.parametrize(
    ("files", "labels", "problem"),
    [
        ({"a": idx(STACK)[:-1]}, None, "a: 60 values are announced, and 59 are there"),
        ({"a": gzip.compress(idx(STACK))[:-9]}, None, "a: .*damaged"),
        ({"a": idx(LABELS)}, None, r"a: images \(idx3\) are expected, .*1 dimension.*labels=FileSource"),
        ({"a": idx(STACK)}, {"b": idx(STACK)}, r"b: labels \(idx1\) are expected"),
        ({"a": idx(STACK)}, {"b": idx(LABELS[:4])}, "b: it holds 4 labels, and its file of images holds 5"),
        ({"a": idx(STACK)}, {"b": idx(LABELS), "c": idx(LABELS)}, "1 files of images, and 2 of labels"),
        (
            {"a": idx(STACK), "b": idx(STACK[:, :2])},
            None,
            "b: an image here is 2 × 4, and the first of `train` is 3 × 4",
        ),
        ({"a": idx(STACK), "b": b"text"}, None, "b: this is neither"),
        ({"a": b""}, None, "a: this is neither a PNG nor an idx file"),
        ({"1/a": png(STACK[0])}, {"b": idx(LABELS)}, "`labels=` is for idx files"),
    ],
)
def test_what_is_wrong_is_told_with_the_file(files: Files, labels: Files | None, problem: str) -> None:
    with pytest.raises(ScanFailed, match=problem):
        read(files, labels)


def test_pngs_are_labelled_by_their_folder() -> None:
    table = read({f"digits/train/{label}/{place}.png": png(STACK[place]) for place, label in enumerate(LABELS)})
    np.testing.assert_array_equal(pixels(table), STACK.reshape(5, 12))
    assert table["label"].to_pylist() == ["3", "1", "4", "1", "5"]
    assert table["path"].to_pylist()[0] == "digits/train/3/0.png"


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA"])
def test_pixels_are_those_of_pillow_whatever_the_colours(mode: str) -> None:
    colours = np.random.default_rng(1).integers(0, 256, (6, 7, 3))
    content = png(colours, mode)
    image = Image.open(io.BytesIO(content))
    kept = {"1": "L", "P": "RGB", "LA": "RGBA"}.get(mode, mode)
    assert pixels(read({"a/b.png": content}))[0].tolist() == np.asarray(image.convert(kept)).reshape(-1).tolist()
    for asked, wanted in (("grey", "L"), ("rgb", "RGB")):
        found = pixels(read({"a/b.png": content}, mode=asked))[0].tolist()
        assert found == np.asarray(image.convert(wanted)).reshape(-1).tolist()


def test_images_of_another_size_or_colour_are_told_with_the_file() -> None:
    with pytest.raises(ScanFailed, match=r"a/2\.png: an image here is 2 × 4, and the first of `train` is 3 × 4"):
        read({"a/1.png": png(STACK[0]), "a/2.png": png(STACK[1, :2])})
    mixed = {"a/1.png": png(STACK[0]), "a/2.png": png(STACK[1], "RGB")}
    with pytest.raises(ScanFailed, match=r'a/2\.png: .* 3 × 4 in 3 channels, .*mode="grey"'):
        read(mixed)
    np.testing.assert_array_equal(pixels(read(mixed, mode="grey")), STACK[:2].reshape(2, 12))


def test_damaged_and_deep_pngs_are_told_with_the_file() -> None:
    content = png(np.random.default_rng(2).integers(0, 256, (40, 40)))
    for broken in (content[:20], content[:400], content[:60] + bytes(400) + content[460:]):
        with pytest.raises(ScanFailed, match=r"a\.png: the image is damaged"):
            read({"a.png": broken}, state={"height": 40, "width": 40, "channels": 1})
    deep = io.BytesIO()
    Image.fromarray(np.zeros((2, 2), np.uint16)).save(deep, "PNG")
    with pytest.raises(ScanFailed, match=r"its pixels are I;16, not of 8 bits"):
        read({"a.png": deep.getvalue()})


def test_an_image_that_would_fill_the_memory_is_refused() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">II5B", 100_000, 100_000, 8, 0, 0, 0, 0))
    huge = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b""))
    with pytest.raises(ScanFailed, match="larger than 89 million pixels"):
        read({"a.png": huge})


def test_the_size_is_that_of_train_alone() -> None:
    state = learned({"a": gzip.compress(idx(STACK))})
    assert state == {"height": 3, "width": 4, "channels": 1}
    with pytest.raises(ScanFailed, match="test: an image here is 2 × 4"):
        read({"test": idx(STACK[:, :2])}, state=state)
    assert state == learned({"a": idx(STACK)})
