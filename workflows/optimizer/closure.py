"""The closure of maximum weight in a graph of projects: exact, on integers of any size.

A closure holds, with each project, all that it requires. The closure of maximum weight is the source side of a minimum
cut (Picard 1976). Here the graph is first reduced by rules that keep the answer: projects are decided by what their
neighbours can earn or cost at most (``_Decision``), and others are merged (``_Merger``), in turns, while that gets it
smaller. What is left goes to push-relabel (Goldberg & Tarjan 1988), first phase only, as the cut is all that is wanted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

_WORTH = 0.9  # of the projects may be left by a turn for another one to be worth it


def best_closure(weights: Sequence[int], requires: Sequence[Sequence[int]]) -> list[bool]:
    """Whether each project is in the closure of maximum weight.

    The graph is acyclic, no closure's weight is zero but the empty one's, and the best closure is unique (the caller's
    weights break ties).
    """
    decision = _Decision(weights, requires)
    decision.run()
    chosen = decision.chosen
    left = [project for project, known in enumerate(chosen) if known is None]
    if left:
        number = {project: place for place, project in enumerate(left)}
        merger = _Merger(
            [weights[project] for project in left],
            [{number[item] for item in requires[project] if item in number} for project in left],
        )
        merger.run()
        core = [place for place, open_ in enumerate(merger.open) if open_]
        number = {place: smaller for smaller, place in enumerate(core)}
        solve = best_closure if len(core) < _WORTH * len(weights) else push_relabel
        found = solve(
            [merger.weight[place] for place in core],
            [[number[item] for item in merger.requires[place]] for place in core],
        )
        for project, is_chosen in zip(left, merger.answer(core, found), strict=True):
            chosen[project] = is_chosen
    return [bool(is_chosen) for is_chosen in chosen]


class _Decision:
    """Decides projects by two rules, each of which keeps the best closure:

    1. A project that earns what all that it requires costs, where none of that requires more, is chosen, and so is
       all that it requires.
    2. A project that costs what all that require it earn, where nobody requires any of those, is not chosen, and
       neither is any that requires it.

    What is decided counts no more: a chosen project costs its users nothing, and one that is not chosen pays for
    nothing. ``owed`` is what the requirements of a project that are open cost; ``requirements`` their number, and
    ``deep`` the number of those that require more. ``offered`` is what its open users earn; ``wanted`` their number,
    and ``wide`` the number of those that have users.
    """

    def __init__(self, weights: Sequence[int], requires: Sequence[Sequence[int]]) -> None:
        count = len(weights)
        self.weights, self.requires = weights, requires
        self.chosen: list[bool | None] = [None] * count  # None: open
        nobody: list[int] = []  # shared by all that nobody requires
        self.users = [nobody] * count
        self.requirements = list(map(len, requires))
        self.owed, self.offered, self.deep, self.wide = [0] * count, [0] * count, [0] * count, [0] * count
        for project, items in enumerate(requires):
            weight = weights[project]
            for item in items:
                if self.users[item] is nobody:
                    self.users[item] = [project]
                else:
                    self.users[item].append(project)
                if weight > 0:
                    self.offered[item] += weight
                if weights[item] < 0:
                    self.owed[project] -= weights[item]
                if requires[item]:
                    self.deep[project] += 1
        self.wanted = list(map(len, self.users))
        for project, items in enumerate(requires):
            if self.users[project]:
                for item in items:
                    self.wide[item] += 1

    def run(self) -> None:
        waiting = list(range(len(self.weights)))
        while waiting:
            project = waiting.pop()
            if self.chosen[project] is not None:
                continue
            weight = self.weights[project]
            if weight > 0:
                if not self.deep[project] and self.owed[project] <= weight:
                    for one in (*self.requires[project], project):
                        if self.chosen[one] is None:
                            self._choose(one, waiting)
            elif not self.wide[project] and self.offered[project] <= -weight:
                for one in (*self.users[project], project):
                    if self.chosen[one] is None:
                        self._reject(one, waiting)

    def _choose(self, project: int, waiting: list[int]) -> None:
        self.chosen[project] = True
        cost = max(0, -self.weights[project])
        for user in self.users[project]:
            if self.chosen[user] is None:
                waiting.append(user)
                self.owed[user] -= cost
                self.requirements[user] -= 1
                if not self.requirements[user]:
                    for above in self.users[user]:
                        self.deep[above] -= 1
                        waiting.append(above)

    def _reject(self, project: int, waiting: list[int]) -> None:
        self.chosen[project] = False
        gain = max(0, self.weights[project])
        for item in self.requires[project]:
            if self.chosen[item] is None:
                waiting.append(item)
                self.offered[item] -= gain
                self.wanted[item] -= 1
                if not self.wanted[item]:
                    for below in self.requires[item]:
                        self.wide[below] -= 1
                        waiting.append(below)


class _Merger:
    """A graph of projects that shrinks by four rules, each of which keeps the best closure:

    1. A project that costs and that nobody requires is not chosen.
    2. A project that earns and requires nothing (more) is chosen, and nobody need require it any more.
    3. A project that costs and that one project alone requires goes along with that one: the two are merged.
    4. A project that earns and requires one project alone goes along with that one: the two are merged.
    """

    def __init__(self, weights: list[int], requires: list[set[int]]) -> None:
        self.weight = weights
        self.requires = requires
        self.users: list[set[int]] = [set() for _ in weights]
        for project, items in enumerate(self.requires):
            for item in items:
                self.users[item].add(project)
        self.open = [True] * len(weights)
        self.chosen = [False] * len(weights)
        self.along: list[tuple[int, int]] = []  # (merged, into), in order

    def run(self) -> None:
        waiting = list(range(len(self.weight)))  # users come to have a single one from above: a stack is as good as any
        while waiting:
            project = waiting.pop()
            if not self.open[project]:
                continue
            if self.weight[project] > 0:
                if not self.requires[project]:
                    waiting.extend(self._choose(project))
                elif len(self.requires[project]) == 1:
                    waiting.extend(self._merge(project, self.requires, self.users))
            elif not self.users[project]:
                waiting.extend(self._reject(project))
            elif len(self.users[project]) == 1:
                waiting.extend(self._merge(project, self.users, self.requires))

    def answer(self, core: Sequence[int], chosen: Sequence[bool]) -> list[bool]:
        """Which projects are chosen, where those of the ``core``, which were left, are as given."""
        for project, is_chosen in zip(core, chosen, strict=True):
            self.chosen[project] = is_chosen
        for project, into in reversed(self.along):
            self.chosen[project] = self.chosen[into]
        return self.chosen

    def _choose(self, project: int) -> list[int]:
        self.open[project] = False
        self.chosen[project] = True
        users = list(self.users[project])
        for user in users:
            self.requires[user].remove(project)
        return users

    def _reject(self, project: int) -> list[int]:
        self.open[project] = False
        items = list(self.requires[project])
        for item in items:
            self.users[item].remove(project)
        return items

    def _merge(self, project: int, one: list[set[int]], others: list[set[int]]) -> list[int]:
        """Merge a project into the ``one`` it has on one side; its ``others`` on the other side become that one's."""
        (into,) = one[project]
        self.open[project] = False
        self.along.append((project, into))
        self.weight[into] += self.weight[project]
        others[into].remove(project)
        for item in others[project]:
            one[item].remove(project)
            one[item].add(into)
        others[into] |= others[project]
        return [into, *others[project]]


def push_relabel(weights: Sequence[int], requires: Sequence[Sequence[int]]) -> list[bool]:
    """The closure of maximum weight, by a maximum preflow: gains are pushed along requirements to where they are spent.

    A project is chosen iff no unpaid cost can be reached from it: the source side of the cut with the fewest sinks.
    """
    flow = _Preflow(weights, requires)
    flow.run()
    return [height >= flow.far for height in flow.height]


class _Preflow:
    """``excess``: gain not yet spent; ``unpaid``: cost not yet covered (the residual arc to the sink); ``sent[v][u]``:
    what user u sent to v (the residual arc back); ``height``: a lower bound on the arcs to an unpaid cost, plus one."""

    def __init__(self, weights: Sequence[int], requires: Sequence[Sequence[int]]) -> None:
        self.requires = requires
        self.users: list[list[int]] = [[] for _ in weights]
        for project, items in enumerate(requires):
            for item in items:
                self.users[item].append(project)
        self.excess = [max(weight, 0) for weight in weights]
        self.unpaid = [max(-weight, 0) for weight in weights]
        self.sent: list[dict[int, int]] = [{} for _ in weights]
        self.far = len(weights) + 2  # the height of what can reach no unpaid cost
        self.height: list[int] = []
        self.active = deque(project for project, excess in enumerate(self.excess) if excess)

    def run(self) -> None:
        self._measure()
        raised = 0
        while self.active:
            raised += self._discharge(self.active.popleft())
            if raised > self.far:
                self._measure()
                raised = 0
        self._measure()

    def _measure(self) -> None:
        """Set all heights exactly: breadth first from the unpaid costs, against the residual arcs."""
        self.height = [1 if unpaid else self.far for unpaid in self.unpaid]
        reached = deque(project for project, unpaid in enumerate(self.unpaid) if unpaid)
        while reached:
            project = reached.popleft()
            above = self.height[project] + 1
            for user in self.users[project]:
                if self.height[user] > above:
                    self.height[user] = above
                    reached.append(user)
            for item in self.requires[project]:
                if self.height[item] > above and self.sent[item].get(project):
                    self.height[item] = above
                    reached.append(item)

    def _discharge(self, project: int) -> int:
        """Push the excess on until none is left or none can go anywhere. Returns how often the project was raised."""
        height, sent = self.height, self.sent[project]
        left, raised = self._pay(project), 0
        while left and (here := height[project]) < self.far:
            lowest = self.far
            for item in self.requires[project]:
                if height[item] < here:  # on to what is required: there is no bound to what it takes
                    self.sent[item][project] = self.sent[item].get(project, 0) + left
                    self._receive(item, left)
                    left = 0
                    break
                if height[item] < lowest:
                    lowest = height[item]
            else:
                for user, amount in sent.items():
                    if amount and height[user] < here:  # back to who sent it
                        returned = amount if amount < left else left
                        sent[user] = amount - returned
                        self._receive(user, returned)
                        left -= returned
                        if not left:
                            break
                    elif amount and height[user] < lowest:
                        lowest = height[user]
            if left:
                height[project] = lowest + 1
                raised += 1
        self.excess[project] = left
        return raised

    def _pay(self, project: int) -> int:
        """Cover the project's own cost first. Returns the excess that is left."""
        paid = min(self.excess[project], self.unpaid[project])
        self.unpaid[project] -= paid
        return self.excess[project] - paid

    def _receive(self, project: int, amount: int) -> None:
        if not self.excess[project]:
            self.active.append(project)
        self.excess[project] += amount
