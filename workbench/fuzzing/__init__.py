"""Searches and rows that nobody would write, made from a seed: the engine must neither die nor hang on them."""

from workbench.fuzzing.searches import SearchMaker
from workbench.fuzzing.trial import Finding, Trials, try_case
from workbench.fuzzing.world import OddWorld, odd_rows

__all__ = ["Finding", "OddWorld", "SearchMaker", "Trials", "odd_rows", "try_case"]
