"""REST handlers of `scripttype = persist`: the class that they derive from, and the driver that runs them."""
