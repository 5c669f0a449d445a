"""What a branch or a tag may be called: what git takes, and what people can tell from a version's number."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from dulwich.refs import Ref, check_ref_format

from workflows.errors import HelixError

Kind: TypeAlias = Literal["branch", "tag"]

FILE = "workflow.py"  # of a version's tree, unless it was imported with another
LONGEST = 120  # characters
_NUMBER = re.compile(r"v\d+|[0-9a-f]{7,40}")  # taken: v12 and the ids of commits are versions


class RefNameRefused(HelixError):
    """A name that is none, or that is taken."""

    code = "ref-name-refused"


def checked(name: str, kind: Kind) -> str:
    """The name of a branch or tag (``kind``), without spaces around it. Raises RefNameRefused."""
    clean = name.strip()
    if not clean:
        raise RefNameRefused(f"A {kind} needs a name.")
    if len(clean) > LONGEST:
        raise RefNameRefused(f"A {kind}'s name has at most {LONGEST} characters.")
    if _NUMBER.fullmatch(clean):
        raise RefNameRefused(f"{clean} would be taken for a version. Name the {kind} by what it is about.")
    whole = Ref(f"refs/heads/{clean}".encode())
    if clean == "HEAD" or clean.startswith("-") or not check_ref_format(whole):
        raise RefNameRefused(
            f"Git takes no {kind} called {clean}: leave out spaces and any of ~ ^ : ? * [ \\, two dots in a row, and a "
            "dot or slash at either end."
        )
    return clean
