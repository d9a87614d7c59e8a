"""The score of a row: a pure function of the row's fields and the tables.

Rows that no condition of the tables can tell apart have the same verdict. Each test of the tables is one bit; the bits
that hold for a value are worked out once for each value of a field, and the verdict once for each set of bits, so a
row costs a few dictionary look-ups.
"""

from dataclasses import dataclass
from typing import Any, Dict, List, MutableMapping, Optional, Tuple

from .conditions import Test
from .reasons import sentence
from .tables import Tables, Weight

# Lowest score of each level, highest first.
LEVELS: Tuple[Tuple[int, str], ...] = (
    (90, "critical"), (70, "high"), (40, "medium"), (20, "low"), (0, "informational"),
)  # fmt: skip
_REMEMBERED = 100_000
_UNLISTED = Weight("base_unlisted", "base", 40, (), "a grant for which the table of weights has no line")


@dataclass(frozen=True)
class Factor:
    """One part of a score: points may be negative for a benign pattern or for `cap`."""

    name: str
    points: int
    reason: str

    def __str__(self) -> str:
        """`name|points|reason`, as it stands in delegation_factors."""
        return f"{self.name}|{self.points}|{self.reason}"


@dataclass(frozen=True)
class Verdict:
    """A score from 0 to 100, its level, the factors that sum to it, as text too, and what speaks against the row."""

    score: int
    level: str
    factors: Tuple[Factor, ...]
    lines: Tuple[str, ...]
    why: str


def level_of(score: int) -> str:
    """The level of a score: critical from 90, high from 70, medium from 40, low from 20."""
    return next(level for lowest, level in LEVELS if score >= lowest)


class Judge:
    """Scores rows by one set of tables."""

    def __init__(self, tables: Tables):
        self._tables = tables
        self._bits: Dict[Test, int] = {}
        conditions = [line.when for line in (*tables.bases, *tables.factors)]
        for when in conditions + [line.when for line in tables.benign]:
            for test in when:
                self._bits.setdefault(test, 1 << len(self._bits))
        by_field: Dict[str, List[Test]] = {}
        for test in self._bits:
            by_field.setdefault(test.field, []).append(test)
        self._fields: List[Tuple[str, Dict[Any, int], List[Test]]] = [
            (field, {}, tests) for field, tests in sorted(by_field.items())
        ]
        self._verdicts: Dict[int, Verdict] = {}

    def score(self, row: MutableMapping[str, Any]) -> Verdict:
        """Judge a row and write delegation_score, _level, _factors and _reason into it.

        A row without a right is no grant and gets no score: its four fields are empty.
        """
        bits = 0
        get = row.get
        for field, remembered, tests in self._fields:
            value = get(field)
            try:
                bits |= remembered[value]
            except (KeyError, TypeError):
                bits |= self._classify(value, remembered, tests)
        verdict = self._verdicts.get(bits)
        if verdict is None:
            verdict = self._verdicts[bits] = self._judge(bits)
        if not get("right"):
            row["delegation_score"] = row["delegation_level"] = None
            row["delegation_factors"] = row["delegation_reason"] = None
            return verdict
        row["delegation_score"] = verdict.score
        row["delegation_level"] = verdict.level
        row["delegation_factors"] = list(verdict.lines)
        try:
            row["delegation_reason"] = sentence(row, verdict.why)
        except TypeError:  # a field with several values
            row["delegation_reason"] = sentence({name: _text(value) for name, value in row.items()}, verdict.why)
        return verdict

    def _classify(self, value: Any, remembered: Dict[Any, int], tests: List[Test]) -> int:
        text = _text(value)
        bits = sum(self._bits[test] for test in tests if test.holds(text))
        if not isinstance(value, list):
            if len(remembered) >= _REMEMBERED:
                remembered.clear()
            remembered[value] = bits
        return bits

    def _holds(self, bits: int, when: Tuple[Test, ...]) -> bool:
        return all(bits & self._bits[test] for test in when)

    def _judge(self, bits: int) -> Verdict:
        base = next((line for line in self._tables.bases if self._holds(bits, line.when)), _UNLISTED)
        held = [line for line in self._tables.factors if self._holds(bits, line.when)] if base.family != "alone" else []
        best: Dict[str, Weight] = {}
        for weight in held:
            if weight.family not in best or weight.points > best[weight.family].points:
                best[weight.family] = weight
        factors = [Factor(line.name, line.points, line.reason) for line in (base, *best.values())]
        total = sum(factor.points for factor in factors)
        benign = self._benign(bits, total, {weight.name for weight in held if weight.points})
        if benign:
            factors.append(benign)
            total += benign.points
        if total > 100:
            factors.append(Factor("cap", 100 - total, "scores go from 0 to 100"))
            total = 100
        why = "; ".join(factor.reason for factor in factors if factor.points > 0) or "nothing speaks against it"
        return Verdict(total, level_of(total), tuple(factors), tuple(map(str, factors)), why)

    def _benign(self, bits: int, total: int, present: "set[str]") -> Optional[Factor]:
        for pattern in self._tables.benign:
            allowed = "*" in pattern.allows or present <= pattern.allows
            if pattern.score < total and allowed and self._holds(bits, pattern.when):
                return Factor(pattern.name, pattern.score - total, pattern.reason)
        return None


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "")
