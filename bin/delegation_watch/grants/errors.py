"""What reading a record can raise.

Unreadable   the text is no audit record of a known shape; the message says what was found instead
"""


class Unreadable(ValueError):
    """A record that cannot be read; it is kept as a row with `parse_error`, never dropped."""
