"""The closure of maximum weight in a graph of projects: exact, on integers of any size.

A closure holds, with each project, all that it requires. The closure of maximum weight is the source side of a minimum
cut (Picard 1976). Here the graph is first reduced by rules that keep the answer, which is all it takes for chains and
trees; what is left goes to push-relabel (Goldberg & Tarjan 1988), first phase only, as the cut is all that is wanted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


def best_closure(weights: Sequence[int], requires: Sequence[Sequence[int]]) -> list[bool]:
    """Whether each project is in the closure of maximum weight.

    The graph is acyclic, no closure's weight is zero but the empty one's, and the best closure is unique (the caller's
    weights break ties).
    """
    graph = _Reduction(weights, requires)
    graph.reduce()
    core = [project for project, open_ in enumerate(graph.open) if open_]
    if core:
        number = {project: place for place, project in enumerate(core)}
        chosen = push_relabel(
            [graph.weight[project] for project in core],
            [[number[item] for item in graph.requires[project]] for project in core],
        )
        for project in core:
            graph.chosen[project] = chosen[number[project]]
    return graph.answer()


class _Reduction:
    """A graph of projects that shrinks by three rules, each of which keeps the best closure:

    1. A project that costs and that nobody requires is not chosen.
    2. A project that earns and requires nothing (more) is chosen, and nobody need require it any more.
    3. A project that costs and that one project alone requires goes along with that one: the two are merged.
    """

    def __init__(self, weights: Sequence[int], requires: Sequence[Sequence[int]]) -> None:
        self.weight = list(weights)
        self.requires = [set(items) for items in requires]
        self.users: list[set[int]] = [set() for _ in weights]
        for project, items in enumerate(self.requires):
            for item in items:
                self.users[item].add(project)
        self.open = [True] * len(weights)
        self.chosen = [False] * len(weights)
        self.along: list[tuple[int, int]] = []  # (merged, into), in order

    def reduce(self) -> None:
        waiting = list(range(len(self.weight)))  # users come to have a single one from above: a stack is as good as any
        while waiting:
            project = waiting.pop()
            if not self.open[project]:
                continue
            if self.weight[project] > 0:
                if not self.requires[project]:
                    waiting.extend(self._choose(project))
            elif not self.users[project]:
                waiting.extend(self._reject(project))
            elif len(self.users[project]) == 1:
                waiting.extend(self._merge(project))

    def answer(self) -> list[bool]:
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

    def _merge(self, project: int) -> list[int]:
        (into,) = self.users[project]
        self.open[project] = False
        self.along.append((project, into))
        self.weight[into] += self.weight[project]
        self.requires[into].remove(project)
        for item in self.requires[project]:
            self.users[item].remove(project)
            self.users[item].add(into)
        self.requires[into] |= self.requires[project]
        return [into, *self.requires[project]]


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
