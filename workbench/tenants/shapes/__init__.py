"""How the vendors write their records: one module a record family, each saying which real record backs a shape."""
