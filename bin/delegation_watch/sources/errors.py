"""What collecting can raise; each message is one line for the person who set the input up.

SourceError
 ├── SettingsError      a stanza, an account or a key file that cannot be used
 ├── UnreachableError   no answer
 │    └── UntrustedError   no trusted TLS
 ├── SignInError        the vendor gives no token
 └── RefusedError       the vendor refuses a call; `code` is its own code, `status` the HTTP status
"""


class SourceError(Exception):
    """Anything that ends a run, or the reading of one blob, in one line."""


class SettingsError(SourceError):
    """A stanza, an account or a key file that cannot be used."""


class UnreachableError(SourceError):
    """A host that does not answer, or whose certificate is not trusted."""


class UntrustedError(UnreachableError):
    """A host whose certificate is not trusted: that stays so until somebody sees to it."""


class SignInError(SourceError):
    """The vendor gives no token; `code` is its own code, `said` its own words, `status` the HTTP status."""

    def __init__(self, message: str, status: int = 0, code: str = "", said: str = ""):
        super().__init__(message)
        self.status = status
        self.code = code
        self.said = said


class RefusedError(SourceError):
    """The vendor refuses a call."""

    def __init__(self, message: str, status: int = 0, code: str = ""):
        super().__init__(message)
        self.status = status
        self.code = code
