"""Google's `fields` parameter: `nextPageToken,users(primaryEmail,name/fullName)`. What it may not name is refused.

Source: Google's guides on partial responses. Wildcards are not built.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Tuple


class FieldMaskError(Exception):
    """A mask that names what the resource does not have."""


def masked(
    value: Dict[str, Any], mask: str, known: FrozenSet[str], inner: FrozenSet[str] = frozenset()
) -> Dict[str, Any]:
    """What a mask leaves of a resource; all of it where the mask is empty.

    `known` are the resource's fields, `inner` those of the entries of its list, where it has one.
    """
    if not mask:
        return value
    tree = _tree(mask)
    for name, below in tree.items():
        wrong = name if name not in known else next((field for field in below if inner and field not in inner), "")
        if wrong:
            raise FieldMaskError(f"Invalid field selection {wrong}")
    left: Dict[str, Any] = _cut(value, tree)
    return left


def _cut(value: Any, tree: Dict[str, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_cut(one, tree) for one in value]
    return {name: _cut(value[name], below) for name, below in tree.items() if name in value}


def _tree(mask: str) -> Dict[str, Any]:
    tree: Dict[str, Any] = {}
    for name, rest in _parts(mask):
        head, _, below = name.partition("/")
        tree[head] = _tree(below + (f"({rest})" if rest else "")) if below else (_tree(rest) if rest else {})
    return tree


def _parts(mask: str) -> List[Tuple[str, str]]:
    """(name, what stands in its brackets) of each selection that commas part."""
    found, depth, start, parts = [], 0, 0, []
    for at, letter in enumerate(mask + ","):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append(mask[start:at])
            start = at + 1
    if depth:
        raise FieldMaskError(f"Invalid field selection {mask}")
    for part in found:
        name, bracket, rest = part.partition("(")
        if not name or (bracket and not rest.endswith(")")):
            raise FieldMaskError(f"Invalid field selection {part}")
        parts.append((name, rest[:-1]))
    return parts
