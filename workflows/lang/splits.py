"""Checks splits and basis of an application: which splits it has, and of which rows it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from workflows.lang.syntax import Application, Operand, Problems, Value, Vertex, elements_of
from workflows.operators.base import Splits
from workflows.operators.splits import ALL, TEST, TRAIN, VALIDATION, learning_split, paired_splits, reduced_split


class SplitChecker:
    """For applications whose operands are among the ``vertices``."""

    def __init__(self, vertices: Mapping[str, Vertex], problems: Problems) -> None:
        self.vertices = vertices
        self.problems = problems

    def splits_and_basis(
        self, made: Application, params: dict[str, Value], operands: tuple[Operand, ...]
    ) -> tuple[tuple[str, ...], str | None]:
        """What an application has, by its operator and its operands; operands that do not match are reported.

        ``params`` are given the split that a reducer is of, and the splits that a check looks at.
        """
        operator = made.operator
        of_rows = [operand for operand in operands if self.vertices[operand.node].splits]
        basis = self._one_basis(made, of_rows) if operator.one_basis else None
        splits: tuple[str, ...] = ()
        if operator.splits is Splits.PAIRED:
            splits = self._paired(made, of_rows)
        elif operator.one_basis or operator.splits is Splits.SAME:
            splits = self._one_split_set(made, of_rows)
        if operator.learns and splits and learning_split(splits) is None:
            self.problems.add(
                "nothing-to-learn-from",
                made.node.func,
                f"`{operator.name}` learns from the split `train`, and here are {quoted(splits)}.",
                f'Name one of them train, or take one: {of_rows[0].node}["{splits[0]}"].',
            )
        if "split" in params:
            params["split"] = self._reduced(made, params["split"], of_rows)
        if operator.check:
            params["splits"] = splits
        match operator.splits:
            case Splits.FILES:
                files = params["files"]
                params.pop("path")
                return tuple(files), None
            case Splits.ALL:
                return (ALL,), made.name
            case Splits.MADE:
                made_splits = (TRAIN, TEST) + ((VALIDATION,) if params.get("validation") is not None else ())
                return made_splits, made.name
            case Splits.NONE:
                return (), None
        return splits, made.name if operator.new_basis else basis

    def _one_basis(self, made: Application, operands: list[Operand]) -> str | None:
        if not operands:
            return None
        first = operands[0]
        basis = self.vertices[first.node].basis
        for operand in operands:
            other = self.vertices[operand.node].basis
            if other != basis:
                self.problems.add(
                    "other-rows",
                    self._where(made, operand),
                    f"`{operand.node}` is of the rows of `{other}`, and `{first.node}` of those of `{basis}`.",
                    f"Make both of the same rows: `{made.operator.name}` pairs them row by row.",
                )
                break
        return basis

    def _one_split_set(self, made: Application, operands: list[Operand]) -> tuple[str, ...]:
        if not operands:
            return ()
        first = operands[0]
        expected = self._splits_of(first)
        for operand in operands:
            other = self._splits_of(operand)
            if other != expected:
                self.problems.add(
                    "other-splits",
                    self._where(made, operand),
                    f"`{operand.node}` has {quoted(other)} here, and `{first.node}` has {quoted(expected)}.",
                    "Take the same split of each, or of none.",
                )
                break
        return expected

    def _paired(self, made: Application, operands: list[Operand]) -> tuple[str, ...]:
        sides = [self._splits_of(operand) for operand in operands]
        splits = paired_splits(sides)
        if splits is not None:
            return splits
        first = next(place for place, side in enumerate(sides) if side != (ALL,))
        wrong = next(place for place, side in enumerate(sides) if paired_splits([sides[first], side]) is None)
        self.problems.add(
            "other-splits",
            self._where(made, operands[wrong]),
            f"`{operands[wrong].node}` has {quoted(sides[wrong])} here, and `{operands[first].node}` has "
            f"{quoted(sides[first])}: `{made.operator.name}` pairs equal splits.",
            "Split both alike, or pass one that has not been split: it is read for each split, as train alone is.",
        )
        return sides[first]

    def _splits_of(self, operand: Operand) -> tuple[str, ...]:
        return (operand.split,) if operand.split is not None else self.vertices[operand.node].splits

    def _reduced(self, made: Application, asked: Value, operands: list[Operand]) -> str | None:
        """The split that a reducer is of: the one asked for; where none is, that of its operands which is meant."""
        where = made.arguments["split"].node if "split" in made.arguments else made.node.func
        open_operands = [operand for operand in operands if operand.split is None]
        if asked is None:
            if not open_operands:
                return operands[0].split if operands else None
            splits = self._splits_of(operands[0] if made.operator.one_basis else open_operands[0])
            chosen = reduced_split(splits)
            if chosen is None:
                self.problems.add(
                    "which-split",
                    where,
                    f"`{made.operator.name}` is of one split.",
                    f"Say which: split={quoted(splits)}.",
                )
            return chosen
        for operand in operands:
            splits = self._splits_of(operand)
            if asked not in splits and splits != (ALL,):
                near = self.problems.nearest(asked, splits)
                hint = f'Did you mean "{near}"?' if near else f"It has {quoted(splits)}."
                self.problems.add("unknown-split", where, f'`{operand.node}` has no split "{asked}".', hint)
                break
        return str(asked)

    @staticmethod
    def _where(made: Application, operand: Operand) -> ast.AST:
        argument = made.arguments[operand.slot]
        elements = elements_of(argument)
        return elements[operand.place] if elements and operand.place is not None else argument.node


def quoted(splits: Iterable[str]) -> str:
    return ", ".join(f'"{split}"' for split in splits)
