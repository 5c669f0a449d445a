from __future__ import annotations

from workflows.optimizer.materialize import POLICIES, SMALL_OUTPUT_BYTES, keep


def test_helix_keeps_what_took_more_than_twice_its_load_to_arrive_at() -> None:
    assert keep("helix", load_seconds=1.0, compute_seconds=0.5, ancestors_seconds=1.6)
    assert not keep("helix", load_seconds=1.0, compute_seconds=0.5, ancestors_seconds=1.5)


def test_all_keeps_everything_and_none_nothing() -> None:
    assert keep("all", load_seconds=9.0, compute_seconds=0.0, ancestors_seconds=0.0)
    assert not keep("none", load_seconds=0.0, compute_seconds=9.0, ancestors_seconds=9.0)
    assert not keep("none", load_seconds=0.0, compute_seconds=9.0, ancestors_seconds=9.0, output=True, bytes=1)


def test_a_small_output_is_kept_however_quick_it_was() -> None:
    for policy in POLICIES:
        kept = keep(policy, load_seconds=1.0, compute_seconds=0.0, ancestors_seconds=0.0, output=True, bytes=100)
        assert kept == (policy != "none")
    large = SMALL_OUTPUT_BYTES + 1
    assert not keep("helix", load_seconds=1.0, compute_seconds=0.0, ancestors_seconds=0.0, output=True, bytes=large)
    assert not keep("helix", load_seconds=1.0, compute_seconds=0.0, ancestors_seconds=0.0, output=False, bytes=100)
