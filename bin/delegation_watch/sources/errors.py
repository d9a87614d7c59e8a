"""What collecting can raise; each message is one line for the person who set the input up.

SourceError
 ├── SettingsError      a stanza, an account or a key file that cannot be used
 ├── ClockError         a machine whose clock is behind what was read
 ├── UnreachableError   no answer
 │    └── UntrustedError   no trusted TLS
 ├── OutError           no answer, or none but "later", to many calls in a row
 ├── SignInError        the vendor gives no token
 └── RefusedError       the vendor refuses a call; `code` is its own code, `status` the HTTP status
"""

from typing import Callable, TypeVar, Union

Answer = TypeVar("Answer")


class SourceError(Exception):
    """Anything that ends a run, or the reading of one blob, in one line."""


class SettingsError(SourceError):
    """A stanza, an account or a key file that cannot be used."""


class ClockError(SourceError):
    """A machine whose clock is behind what was read: that stays so until somebody, or NTP, sets it."""


class UnreachableError(SourceError):
    """A host that does not answer, or whose certificate is not trusted."""


class UntrustedError(UnreachableError):
    """A host whose certificate is not trusted: that stays so until somebody sees to it."""


class OutError(SourceError):
    """A service that is out, by what many of its answers say; what was read so far is kept, and the rest is not had."""


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


def of_one(ask: Callable[[], Answer]) -> Union[Answer, SourceError]:
    """The answer to what is asked of one object, or the error that keeps it back: a refusal, or no answer.

    What would keep every other object back as well is raised: a sign-in, a certificate, a setting.
    """
    try:
        return ask()
    except UntrustedError:
        raise
    except (RefusedError, UnreachableError) as error:
        return error
