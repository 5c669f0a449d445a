"""Hypothesis strategies for whole workflows that compile."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

HEAD = """\
data = FileSource(train="a.csv", test="b.csv")
rows = CSVScanner(data)
def f(b): return b
def make(c=1): return c
"""

# What makes a feature of features; {} are operands.
UNARY = (
    "Scale({})",
    'Scale({}, method="minmax")',
    "Bucketizer({}, bins=5)",
    "Impute({})",
    "Extractor({}, f)",
    "Transform({}, make(c=3))",
)
BINARY = ("Interaction({}, {})", "Transform([{}, {}], make())")


@dataclass
class Drawn:
    """A workflow under construction: statements as (name, call) in order, and which of them are features."""

    statements: list[tuple[str, str]] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def add(self, call: str) -> str:
        name = f"n{len(self.statements)}"
        self.statements.append((name, call))
        return name

    @property
    def text(self) -> str:
        lines = [f"{name} = {call}" for name, call in self.statements]
        return HEAD + "\n".join((*lines, f"Output({', '.join(self.outputs)})\n"))


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """A workflow of fields, features of features, perhaps a model and metrics, and some of them as outputs."""
    made = Drawn()
    for column in draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4)):
        made.features.append(made.add(f'Field(rows, "{column}")'))
    for _ in range(draw(st.integers(0, 6))):
        operands = [draw(st.sampled_from(made.features)) for _ in range(2)]
        template = draw(st.sampled_from((*UNARY, *BINARY)))
        made.features.append(made.add(template.format(*operands[: template.count("{}")])))
    made.outputs = [draw(st.sampled_from(made.features))]
    if draw(st.booleans()):
        chosen = draw(st.lists(st.sampled_from(made.features), min_size=1, max_size=4))
        examples = made.add(f"Examples(rows, features=[{', '.join(chosen)}], label={made.features[0]})")
        model = made.add(f"Learner({examples}, make(c={draw(st.integers(0, 3))}))")
        predictions = made.add(f"Predict({model}, {examples})")
        made.outputs += [made.add(f"Accuracy({predictions})"), made.add(f"F1({predictions}, by={made.features[-1]})")]
    return made


def workflows() -> st.SearchStrategy[str]:
    return drawn().map(lambda made: made.text)
