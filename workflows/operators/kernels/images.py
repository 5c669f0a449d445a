"""Reads images of one size into vectors of pixels: idx files, as MNIST has them, and PNG files.

The idx format: two zero bytes, the type of a value (8: a byte), the number of dimensions, each dimension as a
big-endian 32-bit number, then the values, last dimension fastest (http://yann.lecun.com/exdb/mnist).
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.operators.kernels import columns
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless
from workflows.operators.kernels.content import ScanFailed, beginning, unpacked

_PNG = b"\x89PNG\r\n\x1a\n"
_IDX = b"\x00\x00\x08"
_MODES = {"L": "L", "1": "L", "RGB": "RGB", "RGBA": "RGBA", "P": "RGB", "LA": "RGBA"}  # how a PNG's pixels are read
_ASKED = {"grey": "L", "rgb": "RGB"}


@dataclass(frozen=True, slots=True)
class Shape:
    """Height, width and channels of an image."""

    height: int
    width: int
    channels: int = 1

    def __str__(self) -> str:
        colours = "" if self.channels == 1 else f" in {self.channels} channels"
        return f"{self.height} × {self.width}{colours}"

    @property
    def size(self) -> int:
        return self.height * self.width * self.channels


class ImageScannerKernel(Stateless):
    """What is learned is the size of an image, which the head of a file says."""

    whole = True

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        shapes = [_shape(content, name, call.params["mode"]) for name, content in call.read(inputs["source"])]
        return [*state, *({"height": one.height, "width": one.width, "channels": one.channels} for one in shapes)]

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return [shape for state in states for shape in state]

    def finish(self, call: Call, state: Any) -> Data:
        """Height, width and channels of all images; the first's, which others are held to when they are read."""
        return state[0]

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        shape = Shape(**state)
        files = _files(call, inputs["source"])
        labels = _files(call, inputs["labels"]) if "labels" in inputs else None
        read = _of_idx if any(content.startswith(_IDX) for _, content in files) else _of_png
        pixels, columns_beside = read(files, labels, shape, call.params["mode"])
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(pixels.reshape(-1)), shape.size)
        return pa.table({ROW_ID: pa.array(np.arange(len(pixels))), "pixels": vectors, **columns_beside})


def _files(call: Call, source: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    return [(name, unpacked(content, name)) for name, content in call.read(source)]


def _shape(content: bytes, path: str, mode: str | None) -> Shape:
    """The size of a file's images. Raises ScanFailed for what is neither idx nor PNG."""
    head = beginning(content, 16)
    if head.startswith(_IDX):
        return Shape(*_dimensions(head, path, 3)[1:])
    image = _opened(unpacked(content, path), path)
    return Shape(image.height, image.width, len(_mode(image, path, mode)))


def _of_idx(
    files: Sequence[tuple[str, bytes]], labels: Sequence[tuple[str, bytes]] | None, shape: Shape, _mode: str | None
) -> tuple[Any, dict[str, Arrow]]:
    """Pixels (n × size, uint8) and the column ``label`` (uint8), where there are files of labels."""
    stacks = [_idx(content, path, 3) for path, content in files]
    for (path, _), stack in zip(files, stacks, strict=True):
        _alike(Shape(*stack.shape[1:]), shape, path)
    if labels is None:
        return _joined(stacks), {}
    if len(labels) != len(files):
        raise ScanFailed(labels[0][0], f"there are {len(files)} files of images, and {len(labels)} of labels.")
    numbers = [_idx(content, path, 1) for path, content in labels]
    for (path, _), count, stack in zip(labels, map(len, numbers), stacks, strict=True):
        if count != len(stack):
            raise ScanFailed(path, f"it holds {count:,} labels, and its file of images holds {len(stack):,}.")
    return _joined(stacks), {"label": pa.array(_joined(numbers))}


def _joined(arrays: Sequence[Any]) -> Any:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _idx(content: bytes, path: str, dimensions: int) -> Any:
    """The values (uint8) in their shape. Raises ScanFailed where the file is not of so many dimensions, or cut off."""
    shape = _dimensions(content, path, dimensions)
    expected, given = math.prod(shape), len(content) - 4 - 4 * dimensions
    if given != expected:
        raise ScanFailed(path, f"{expected:,} values are announced, and {given:,} are there; get it anew.")
    return np.frombuffer(content, np.uint8, expected, 4 + 4 * dimensions).reshape(shape)


def _dimensions(head: bytes, path: str, dimensions: int) -> tuple[int, ...]:
    what = {1: "labels (idx1)", 3: "images (idx3)"}[dimensions]
    if head.startswith(_IDX) and head[3:4] not in (b"", bytes([dimensions])):
        hint = " Labels go to labels=FileSource(…)." if head[3] == 1 else ""
        raise ScanFailed(path, f"{what} are expected, and this file has {head[3]} dimension(s).{hint}")
    if not head.startswith(_IDX) or len(head) < 4 + 4 * dimensions:
        raise ScanFailed(path, f"this is no file of {what}: it begins with {head[:4].hex(' ') or 'nothing'}.")
    return struct.unpack_from(f">{dimensions}I", head, 4)


def _of_png(
    files: Sequence[tuple[str, bytes]], labels: Sequence[tuple[str, bytes]] | None, shape: Shape, mode: str | None
) -> tuple[Any, dict[str, Arrow]]:
    """Pixels (n × size, uint8), and the columns ``label``, the name of the file's folder, and ``path``."""
    if labels is not None:
        raise ScanFailed(labels[0][0], "`labels=` is for idx files: the label of a PNG is the name of its folder.")
    pixels = np.empty((len(files), shape.size), np.uint8)
    for place, (path, content) in enumerate(files):
        image = _opened(content, path)
        wanted = _mode(image, path, mode)
        _alike(Shape(image.height, image.width, len(wanted)), shape, path)
        try:
            pixels[place] = np.asarray(image.convert(wanted)).reshape(-1)
        except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for a file that is damaged
            raise ScanFailed(path, f"the image is damaged: {error}.") from None
    paths = [path for path, _ in files]
    folders = [PurePath(path).parent.name for path in paths]
    return pixels, {"label": columns.encoded(pa.array(folders)), "path": columns.encoded(pa.array(paths))}


def _opened(content: bytes, path: str) -> Any:
    """The image, its head read alone."""
    from PIL import Image, UnidentifiedImageError

    if not content.startswith(_PNG):
        raise ScanFailed(path, "this is neither a PNG nor an idx file; read it with Scanner(source, fn).")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(content), formats=("PNG",))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ScanFailed(path, "the image is larger than 89 million pixels; make it smaller.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ScanFailed(path, f"the image is damaged: {error}.") from None


def _mode(image: Any, path: str, mode: str | None) -> str:
    """How the pixels are read, a letter a channel: as asked for, else as the file has them, in 8 bits."""
    if image.mode not in _MODES:
        raise ScanFailed(path, f"its pixels are {image.mode}, not of 8 bits; read it with Scanner(source, fn).")
    return _MODES[image.mode] if mode is None else _ASKED[mode]


def _alike(found: Shape, expected: Shape, path: str) -> None:
    if found != expected:
        raise ScanFailed(
            path,
            f"an image here is {found}, and the first of `train` is {expected}: all are of one size; scale them "
            'before, or make their colours alike with mode="grey" or mode="rgb".',
        )
