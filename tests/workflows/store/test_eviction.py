from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from workflows.hashing import Digest, Signature
from workflows.ports import Holding, Order, Staged, Stock
from workflows.store.eviction import GONE_BY, Budget, judged, priority, room

BUDGET = Budget(bytes=100, count=10)


def holding(name: str, size: int = 10, benefit: float = 1.0, **given: object) -> Holding:
    held = Holding(Digest(name), (Signature(name),), "Map", "arrow", size, benefit, base=0.0, used_at=0.0)
    return replace(held, **given)  # type: ignore[arg-type]


def coming(name: str, size: int = 10, benefit: float = 1.0) -> Staged:
    return Staged(Signature(f"of {name}"), "arrow", Digest(name), size, file="x", benefit=benefit)


def verdicts(held: list[Holding], staged: list[Staged], order: Order = "benefit") -> tuple[set[str], set[str]]:
    verdict = judged(BUDGET, held, staged, order, 0.0)
    return set(verdict.evicted), set(verdict.refused)


holdings = st.builds(
    holding,
    st.integers(0, 30).map(str),
    st.integers(0, 60),
    st.floats(0, 10),
    base=st.floats(0, 50),
    used_at=st.floats(0, 50),
    current=st.booleans(),
    pinned=st.sampled_from(["", "", "", "run", "user"]),
)
stock = st.lists(holdings, max_size=12, unique_by=lambda held: held.digest)
arrivals = st.lists(
    st.builds(coming, st.integers(0, 40).map(str), st.integers(0, 120), st.floats(0, 10)),
    max_size=6,
    unique_by=lambda staged: staged.digest,
)
orders = st.sampled_from(["benefit", "recency", "none"])


@given(stock, arrivals, orders)
def test_the_budget_is_kept_wherever_it_was_or_nothing_more_comes(
    held: list[Holding], staged: list[Staged], order: Order
) -> None:
    verdict = judged(BUDGET, held, staged, order, 0.0)
    stays = {each.digest: each for each in held if each.digest not in verdict.evicted}
    sizes = {digest: each.bytes for digest, each in stays.items()}
    fresh = {each.digest: each.bytes for each in staged if each.digest not in verdict.refused}
    assert all(not each.pinned for each in held if each.digest in verdict.evicted)
    after = {**fresh, **sizes}
    movable = [each for each in stays.values() if not each.pinned]
    within = BUDGET.fits(sum(after.values()), len(after))
    assert within or (fresh.keys() <= stays.keys() and (order == "none" or not movable))
    if order == "none":
        assert not verdict.evicted


@given(stock, arrivals)
def test_what_goes_is_worth_less_for_its_share_than_what_stays_or_would_not_have_fitted(
    held: list[Holding], staged: list[Staged]
) -> None:
    verdict = judged(BUDGET, held, staged, "benefit", 0.0)
    stays = [each for each in held if not each.pinned and each.digest not in verdict.evicted]
    size = sum(each.bytes for each in held if each.digest not in verdict.evicted)
    for gone in (each for each in held if each.digest in verdict.evicted):
        assert verdict.level >= priority(gone, BUDGET, "benefit")
        smaller = [each for each in stays if priority(each, BUDGET, "benefit") < priority(gone, BUDGET, "benefit")]
        assert all(each.bytes <= gone.bytes for each in smaller), "it stays only because it still fitted"
    assert size <= BUDGET.bytes or all(each.pinned for each in held if each.digest not in verdict.evicted)


def test_the_least_benefit_for_its_share_goes_first() -> None:
    held = [holding("dense", 50, 10.0), holding("sparse", 50, 1.0)]
    assert verdicts(held, [coming("new", 50, 5.0)]) == ({"sparse"}, set())


def test_what_would_be_evicted_at_once_is_refused() -> None:
    held = [holding("dense", 50, 10.0), holding("sparse", 50, 1.0)]
    assert verdicts(held, [coming("new", 50, 0.5)]) == (set(), {"new"})


def test_something_small_makes_room_for_itself_alone() -> None:
    held = [holding("a", 60, 6.0), holding("b", 40, 2.0)]
    evicted, refused = verdicts(held, [coming("large", 90, 5.0), coming("small", 1, 1.0)])
    assert (evicted, refused) == ({"b"}, {"large"})


def test_what_no_workflow_has_any_more_counts_less() -> None:
    old = holding("old", 50, 4.0, current=False)
    assert priority(old, BUDGET, "benefit") == GONE_BY * priority(replace(old, current=True), BUDGET, "benefit")
    assert verdicts([old, holding("new", 50, 3.0)], [coming("newer", 20, 1.0)])[0] == {"old"}


def test_what_is_not_used_ages_against_what_comes() -> None:
    first = holding("first", 100, 10.0)
    verdict = judged(BUDGET, [first], [coming("second", 100, 6.0)], "benefit", 0.0)
    assert (verdict.evicted, verdict.refused) == ((), {"second"})
    verdict = judged(BUDGET, [first], [coming("second", 100, 6.0)], "benefit", verdict.level)
    assert (verdict.evicted, verdict.refused) == (("first",), set())


def test_by_recency_whatever_comes_is_taken_and_the_longest_unused_goes() -> None:
    held = [holding("early", 50, 9.0, used_at=1.0), holding("late", 50, 0.0, used_at=2.0)]
    assert verdicts(held, [coming("new", 50, 0.0)], "recency") == ({"early"}, set())


def test_without_an_order_what_fits_is_taken_as_it_comes() -> None:
    held = [holding("early", 50)]
    assert verdicts(held, [coming("a", 40), coming("b", 40), coming("c", 10)], "none") == (set(), {"b"})


def test_what_is_larger_than_the_budget_or_than_what_is_not_pinned_is_refused_and_costs_nobody_a_place() -> None:
    held = [holding("pinned", 60, 0.0, pinned="user"), holding("other", 40, 1.0)]
    assert verdicts(held, [coming("huge", 101, 99.0), coming("large", 41, 99.0)]) == (set(), {"huge", "large"})


def test_a_count_is_a_budget_too() -> None:
    held = [holding(str(number), 0, benefit=number + 1.0) for number in range(10)]
    assert verdicts(held, [coming("new", 0, 1.5)]) == ({"0"}, set())


def test_bytes_that_are_held_already_take_no_room() -> None:
    held = [holding("a", 100)]
    assert verdicts(held, [coming("a", 100), coming("a", 100)]) == (set(), set())


@given(stock, st.integers(1, 120), st.floats(0, 10))
def test_what_the_room_does_not_take_the_store_refuses(held: list[Holding], size: int, benefit: float) -> None:
    """So nothing is staged in vain; the converse is left to the store, which knows what is staged beside it."""
    total = Stock(sum(each.bytes for each in held), len(held))
    assume(BUDGET.fits(total.bytes, total.count))
    if not room(BUDGET, total, held, 0.0).takes(size, benefit):
        assert verdicts(held, [coming("new", size, benefit)]) == (set(), {"new"})
