"""The bytes of a file as every scanner sees them: unpacked, decoded, and how to say what is wrong with them."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Sequence

from workflows.errors import HelixError, nearest

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
LINE_END = re.compile(rb"\r\n|\r|\n")


class ScanFailed(HelixError):
    """A file is not what its scanner expects. ``line`` counts from 1 in the file."""

    code = "scan-failed"

    def __init__(self, path: str, problem: str, line: int | None = None) -> None:
        place = f"{path}, line {line}" if line else path
        super().__init__(f"{place}: {problem}", path=path, line=line)


def unpacked(content: bytes, path: str) -> bytes:
    """The content, decompressed where its first bytes say that it is gzip. Raises ScanFailed for what is damaged."""
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise ScanFailed(path, f"it is compressed with gzip, and damaged ({error}); get it anew.") from None


def beginning(content: bytes, length: int) -> bytes:
    """As many of the unpacked bytes as asked for, where there are so many: unpacking all of a file takes a while."""
    if not content.startswith(_GZIP):
        return content[:length]
    try:
        return zlib.decompressobj(wbits=31).decompress(content, length)
    except zlib.error:
        return b""


def utf8(content: bytes, path: str, encoding: str) -> bytes:
    """The text in UTF-8, without its byte order mark. Raises ScanFailed, naming the byte, for another encoding."""
    try:
        if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
            return content.decode(encoding).encode().removeprefix(_BOM)
        if not content.isascii():
            content.decode()
    except UnicodeDecodeError as error:
        line = len(LINE_END.findall(content, 0, error.start)) + 1
        own = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
        raise ScanFailed(
            path,
            f"this is not {encoding} (byte {error.start:,} of the file is 0x{content[error.start]:02x}); name the "
            f'file\'s own encoding, as in encoding="{own}".',
            line,
        ) from None
    except LookupError:
        raise ScanFailed(path, f'there is no encoding {encoding!r}; an example is encoding="latin-1".') from None
    except UnicodeEncodeError:
        raise ScanFailed(path, f"as {encoding}, it holds characters that no text has; name another.") from None
    return content.removeprefix(_BOM)


def known(name: str, names: Sequence[str]) -> str:
    """What to say of a column that is not there: the nearest, or those that are."""
    near = nearest(name, names)
    return f"did you mean `{near}`?" if near else f"the file has {', '.join(f'`{one}`' for one in names[:30])}."
