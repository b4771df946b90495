"""
Before anything of a cluster leaves for a model, somebody wants to read it, to the letter.
"""

import sys

from reports.report import Report
from swarm.cli.failure import Exit
from swarm.cli.output import to_stdout
from swarm.errors import ConfigurationError
from swarm.model.asker import Asker
from swarm.model.opening import configured, open_model
from swarm.model.wording import questions
from swarm.settings import Settings


def model_for(settings: Settings, *, show_prompt: bool) -> Asker | None:
    """
    The model of a run, None for none; one that is only shown starts nothing.

    ConfigurationError where a prompt is to be shown and no model is configured.
    """
    if not show_prompt:
        return open_model(settings)
    model = configured(settings)
    if model is None:
        what = "no model would be asked" if settings.llm else "no model would be asked: --no-llm wins"
        mend = "name the model that it is for: --model NAME --model-url URL"
        raise ConfigurationError(what, where="--show-prompt", mend=mend)
    return model


def shown(report: Report, settings: Settings, model: Asker | None) -> Exit:
    """Print the body of each call as it would be sent, a line each; nothing is sent, written or remembered."""
    assert model is not None
    bodies = [model.written(question) for question in questions(report, settings, model)]
    sys.stderr.write(f"{model.destination}: {len(bodies)} of at most {settings.llm_max_calls} calls\n")
    if bodies and settings.llm_max_calls > 1:
        sys.stderr.write(
            "further calls hold a repair, and the summary made of sentences that were believed\n"
        )
    to_stdout(lambda: sys.stdout.write("".join(f"{body}\n" for body in bodies)))
    return Exit.DONE
