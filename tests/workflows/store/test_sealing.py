from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from workflows.hashing import Digest, Signature
from workflows.store.packs import Place
from workflows.store.sealing import KeyExposed, Sealer, place_of

A, DIGEST = Signature("a" * 64), Digest("d" * 64)
MAKER = "import sys; from pathlib import Path; from workflows.store.sealing import Sealer; Sealer(Path(sys.argv[1]))"


def test_a_seal_is_for_one_signature_codec_digest_and_size(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path / "key")
    seal = sealer.seal(A, "json", DIGEST, 5, None)
    assert sealer.vouches(seal, A, "json", DIGEST, 5)
    assert not sealer.vouches(seal, Signature("b" * 64), "json", DIGEST, 5)
    assert not sealer.vouches(seal, A, "model", DIGEST, 5)
    assert not sealer.vouches(seal, A, "json", Digest("e" * 64), 5)
    assert not sealer.vouches(seal, A, "json", DIGEST, 6)
    assert not sealer.vouches("", A, "json", DIGEST, 5)
    assert not sealer.vouches("é", A, "json", DIGEST, 5)


def test_a_seal_says_where_a_small_value_lies(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path / "key")
    seal = sealer.seal(A, "json", DIGEST, 5, Place("0a1b", 123))
    assert sealer.vouches(seal, A, "json", DIGEST, 5)
    assert place_of(seal) == Place("0a1b", 123)
    assert place_of(sealer.seal(A, "json", DIGEST, 5, None)) is None
    assert place_of("x@../../key:5") is None


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    seal = Sealer(tmp_path / "key").seal(A, "json", DIGEST, 5, None)
    assert Sealer(tmp_path / "key").vouches(seal, A, "json", DIGEST, 5)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert not Sealer(tmp_path / "other key").vouches(seal, A, "json", DIGEST, 5)


def test_processes_that_make_the_key_at_once_agree_on_it(tmp_path: Path) -> None:
    makers = [subprocess.Popen([sys.executable, "-c", MAKER, str(tmp_path / "key")]) for _ in range(4)]
    assert [maker.wait() for maker in makers] == [0, 0, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_key_that_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    Sealer(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(KeyExposed, match="chmod 600"):
        Sealer(tmp_path / "key")
