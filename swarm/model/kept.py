"""
The same night asked twice should not be paid twice, and a cache on a shared disk is read by others.

Answers that were found good, in the user's cache folder, by a hash of all that went in: a file each, readable by its
owner alone. What is read back is validated again like an answer from the network.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from swarm.model.door import Answer, Question
from swarm.model.endpoint import Endpoint
from swarm.version import installed

LARGEST = 4 << 20


class Kept:
    """Answers in ``folder``; None keeps nothing. A cache that cannot be read or written is as good as none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def of_user(cls) -> "Kept":
        """In the user's cache folder."""
        return cls(user_cache_path("deepscan") / "model")

    def find(self, endpoint: Endpoint, question: Question) -> str | None:
        """The text of a kept answer."""
        if self._folder is None:
            return None
        try:
            with self._file(endpoint, question).open("rb") as file:
                return file.read(LARGEST).decode()
        except (OSError, UnicodeDecodeError):
            return None

    def keep(self, endpoint: Endpoint, question: Question, answer: Answer) -> None:
        """Write an answer whole or not at all."""
        if self._folder is None:
            return
        path = self._file(endpoint, question)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")  # 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(answer.text.encode())
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def _file(self, endpoint: Endpoint, question: Question) -> Path:
        assert self._folder is not None
        went_in = [
            installed(), endpoint.via, endpoint.url, endpoint.model,
            question.system, question.user, question.schema, question.max_tokens,
        ]  # fmt: skip
        text = json.dumps(went_in, sort_keys=True)
        return self._folder / f"{hashlib.blake2b(text.encode(), digest_size=20).hexdigest()}.txt"
