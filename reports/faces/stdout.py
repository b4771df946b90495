"""
A reader of a pipe may leave when it has seen enough, and that is no failed gate.
"""

from rich.console import Console


class Stdout(Console):
    """A closed pipe is an error for the caller: rich would end the process with the status of a gate."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError
