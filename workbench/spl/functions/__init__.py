"""The functions of eval, in tables by subject; a name that is in none of them is refused."""

from __future__ import annotations

from typing import Dict

from workbench.spl.functions import conditional, convert, jsons, maths, multivalue, texts, times
from workbench.spl.functions.table import Function

FUNCTIONS: Dict[str, Function] = {}
for _module in (conditional, convert, jsons, maths, multivalue, texts, times):
    FUNCTIONS.update(_module.TABLE.functions)
