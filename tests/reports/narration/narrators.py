"""
Models to be read: one that tells the truth in the report's own words, and what a call does with its answer.
"""

import json
from typing import Any

from reports.narration.prompt import Prompt
from reports.narration.telling import SUMMARY
from reports.narration.testimony import TESTIMONY


def facts_of(asked: Prompt) -> dict[str, Any]:
    """The facts of a prompt, as a model finds them between the two check words."""
    return dict(json.loads(asked.user.split("\n")[1]))


def answer(asked: Prompt, problems: dict[str, Any], head: str = "", tail: str = "") -> str:
    """An answer in its frame."""
    return json.dumps(
        {"head": head or asked.nonces[0], "problems": problems, "tail": tail or asked.nonces[1]}
    )


def honest(asked: Prompt) -> str:
    """The answer of a model that tells each finding in the words of the facts, and the chain where there is one."""
    told = {}
    for problem in facts_of(asked)["problems"]:
        findings = problem["findings"]
        said = [
            {"text": says(finding), "evidence_ids": [finding["evidence"][0][0]]}
            for finding in findings[:4]
            if says(finding)
        ]
        told[problem["id"]] = {"mechanism": said, "caveats": [], "remediation_template_id": "as-written"}
    return answer(asked, told)


def says(finding: dict[str, Any]) -> str:
    """What a finding says of its object, as far as it is no text of the cluster."""
    own = max(finding["says"].split(TESTIMONY), key=len).strip(" ;:,").lstrip(") ")
    if own.count("(") != own.count(")"):
        own = own.rpartition("(")[0].strip(" ;:,")
    return f"{finding['object']}: {own.replace(';', ',')}." if own else ""


def honest_summary(asked: Prompt) -> str:
    """The first sentence of each of the first problems."""
    first = [problem["sentences"][0] for problem in facts_of(asked)["problems"]][:5]
    return json.dumps({"head": asked.nonces[0], SUMMARY: first, "tail": asked.nonces[1]})
