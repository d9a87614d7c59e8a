"""What the workbench raises on purpose.

WorkbenchError
 └── BadInput   what the person gave cannot be used; the message says what is wrong and what to do
"""


class WorkbenchError(Exception):
    """Anything the workbench reports in one line and not as a traceback."""

    exit_code = 1


class BadInput(WorkbenchError):
    """A file, an option or an answer that cannot be used."""

    exit_code = 2
