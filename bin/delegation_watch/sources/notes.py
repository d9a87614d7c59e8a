"""What a sweep notes of single mailboxes: rows that only become more, kept in segments.

A checkpoint stores the segments that changed since the one before, so that it is small however many rows there are.
"""

import json
from typing import Any, Dict, Iterator, List, Mapping, Set

SEGMENT = 50


class Notes:
    """Rows with a `mailbox` each, in the order they came.

    `kept` is what `state` gave, with all its `segments`; KeyError or ValueError where something is missing. What a
    segment has behind the rows that were counted is of a run whose checkpoint did not arrive, or of an earlier sweep.
    """

    def __init__(self, kept: Mapping[str, Any]):
        count, segments = int(kept["count"]), kept.get("segments", {})
        self._rows: List[Dict[str, str]] = []
        for number in range(-(-count // SEGMENT)):
            self._rows += json.loads(segments.get(str(number), "[]"))[: count - len(self._rows)]
        if len(self._rows) != count:
            raise ValueError(f"{count} rows were kept, and {len(self._rows)} are there")
        self.mailboxes: Set[str] = {row["mailbox"] for row in self._rows}
        self._stored = count

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Dict[str, str]]:
        return iter(self._rows)

    def add(self, row: Dict[str, str]) -> None:
        """Note a row."""
        self._rows.append(row)
        self.mailboxes.add(row["mailbox"])

    def state(self) -> Dict[str, Any]:
        """What a checkpoint keeps; of the `segments` only those that are new or changed since the last call."""
        changed = range(self._stored // SEGMENT, -(-len(self._rows) // SEGMENT)) if self._stored < len(self) else ()
        self._stored = len(self._rows)
        segments = {
            str(number): json.dumps(self._rows[number * SEGMENT : (number + 1) * SEGMENT], ensure_ascii=False)
            for number in changed
        }
        return {"count": self._stored, "segments": segments}
