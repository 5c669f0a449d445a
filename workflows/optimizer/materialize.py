"""Which results to keep once they are complete: policies, as pure functions."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Policy: TypeAlias = Literal["all", "none", "helix"]
POLICIES: tuple[Policy, ...] = get_args(Policy)

SMALL_OUTPUT_BYTES = 64 * 1024


def keep(
    policy: Policy,
    *,
    load_seconds: float,
    compute_seconds: float,
    ancestors_seconds: float,
    output: bool = False,
    bytes: int | None = None,
) -> bool:
    """Whether a result that was just computed is kept.

    ``load_seconds``: what loading it would take; ``compute_seconds``: what computing it took; ``ancestors_seconds``:
    what all its ancestors took as executed in this plan: the compute time of those computed, the load time of those
    loaded, nothing for those pruned. ``output``: the user wants it; ``bytes``: its size.

    ``helix`` keeps it iff twice its load is less than what it took to arrive at it: writing costs about a load, and the
    next run pays another (Xin et al. 2018, section 5.3, algorithm 2, ``2 l_i < C(n_i)``). So a result that is quick to
    arrive at is not kept however small it is: by the rule alone, a metric over loaded predictions would be computed
    anew with each unchanged run. Hence one rule before all policies but ``none``: an output of up to 64 kB is kept. It
    costs a few microseconds in a pack that is written anyway, and makes a run that changed nothing load all it shows.
    """
    if policy == "none":
        return False
    if output and bytes is not None and bytes <= SMALL_OUTPUT_BYTES:
        return True
    return policy == "all" or 2.0 * load_seconds < compute_seconds + ancestors_seconds
