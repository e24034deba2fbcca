"""Draw the grammars of docs/grammar.md as railroads: `make docs`; --check only compares.

The diagrams are the grammar: tests walk them at random, and whatever way they take has to parse.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from railroad import (
    Choice,
    Diagram,
    HorizontalChoice,
    NonTerminal,
    OneOrMore,
    Optional,
    Sequence,
)

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "grammar"
# Boxes bring their own ground, and lines are of a grey that is seen on white and on black.
STYLE = """
svg.railroad-diagram { background-color: transparent }
svg.railroad-diagram path { stroke-width: 2; stroke: #8a8178; fill: none }
svg.railroad-diagram text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, monospace;
  text-anchor: middle; white-space: pre }
svg.railroad-diagram rect { stroke-width: 1.5; stroke: #8a8178; fill: #faf9f7 }
svg.railroad-diagram g.terminal rect { fill: #b4531a; stroke: #b4531a }
svg.railroad-diagram g.terminal text { fill: #ffffff; font-weight: 600 }
svg.railroad-diagram g.non-terminal text { fill: #1d1a17 }
"""


def name(of: str) -> NonTerminal:
    return NonTerminal(of)


def terms(of: Choice | NonTerminal) -> tuple[Choice, OneOrMore]:
    """Signed terms, one after another; a second sign is that of the term itself."""
    between = Sequence(name("sign"), Optional(name("sign"), "skip"))
    return Optional(name("sign")), OneOrMore(of, between)


EXPRESSION = {
    "query": Diagram(
        *terms(Choice(0, name("factor"), Sequence("has(", name('"words"'), ")"))), type="complex"
    ),
    "expression": Diagram(*terms(name("factor")), type="complex"),
    "sign": Diagram(HorizontalChoice("+", "-", "−")),
    "factor": Diagram(Optional(Sequence(name("number"), "*"), "skip"), name("atom")),
    "atom": Diagram(
        Choice(
            0,
            name("bare text"),
            name('"any text"'),
            Sequence("(", name("expression"), ")"),
            name("function"),
            name("@name"),
        )
    ),
    "function": Diagram(
        Choice(
            0,
            Sequence("like(", name('"image_id"'), ")"),
            Sequence("image(", name('"path"'), ")"),
            Sequence("keyword(", name('"words"'), ")"),
            Sequence("mean(", OneOrMore(name("expression"), ","), ")"),
            Sequence(
                "slerp(", name("expression"), ",", name("expression"), ",", name("0 to 1"), ")"
            ),
            Sequence(
                "analogy(",
                name("expression"),
                ",",
                name("expression"),
                ",",
                name("expression"),
                ")",
            ),
            Sequence("without(", name("expression"), ",", name("expression"), ")"),
        )
    ),
}

FILTER = {
    "filter": Diagram(OneOrMore(OneOrMore(name("condition"), "and"), "or"), type="complex"),
    "condition": Diagram(
        Choice(
            0,
            Sequence(name("field"), name("comparison")),
            Sequence("(", name("filter"), ")"),
            Sequence("not", name("condition")),
            Sequence("tagged(", name("text"), ")"),
            Sequence("has(", name("text"), ")"),
        )
    ),
    "comparison": Diagram(
        Choice(
            0,
            Sequence(HorizontalChoice("=", "!="), HorizontalChoice(name("value"), "true", "false")),
            Sequence(HorizontalChoice("<", "<=", ">", ">="), name("value")),
            Sequence(Optional("not", "skip"), "in", "(", OneOrMore(name("value"), ","), ")"),
            Sequence(Optional("not", "skip"), "contains", name("text")),
            Sequence("is", Optional("not", "skip"), "missing"),
        )
    ),
    "field": Diagram(
        Optional(Sequence("metadata", "."), "skip"),
        OneOrMore(Choice(0, name("word"), name("`any name`")), "."),
    ),
    "value": Diagram(HorizontalChoice(name("text"), name("number"), name("date"))),
}

# Where a picture of each diagram is.
FILES = {
    **{f"expression-{title}.svg": diagram for title, diagram in EXPRESSION.items()},
    **{f"filter-{title}.svg": diagram for title, diagram in FILTER.items()},
}


def drawn(diagram: Diagram) -> str:
    out = io.StringIO()
    diagram.writeStandalone(out.write, STYLE)
    return out.getvalue() + "\n"


if __name__ == "__main__":
    for file, diagram in FILES.items():
        path, svg = FOLDER / file, drawn(diagram)
        if "--check" not in sys.argv:
            path.write_text(svg, "utf-8")
        elif not path.is_file() or path.read_text("utf-8") != svg:
            sys.exit(f"{path} is stale: run make docs")
