"""A check that refuses everything tells no lies either: a good share of true sentences must pass."""

from pathlib import Path

from reports.narration.grounding import Ground
from reports.narration.shown import aliases, shown
from reports.narration.testimony import TESTIMONY
from tests.reports.narration.lies import scene
from tests.reports.narration.reports import demo, of_fixtures

TRUTHS = Path(__file__).with_name("truths.txt")
"""
True sentences about the demo's problems, as models write them: a problem's object, the findings cited, the sentence.
They were written from the demo's JSON report by what is true, before it was known what passes.
"""


def verdicts() -> dict[str, str]:
    """Why each true sentence was refused; empty where it was believed."""
    report = demo()
    findings = {finding.id: finding for finding in report.findings}
    found = {}
    for line in TRUTHS.read_text().splitlines():
        place, labels, text = (part.strip() for part in line.split(" | "))
        ours = [p for p in report.problems if p.root.subject.place == place]
        assert len(ours) == 1, line
        one = shown(ours[0], findings)
        names = aliases([one])
        rows = {piece.label: piece.rows[0].id for piece in one.pieces}
        cited = [rows[label] for label in labels.split()]
        found[text] = Ground.of([one], names).judged(names.hide(text), cited, one).why
    return found


def test_of_true_sentences_as_models_write_them_most_are_believed() -> None:
    found = verdicts()
    share = sum(not why for why in found.values()) / len(found)
    print(f"{share:.0%} of {len(found)} true sentences believed; refused:")
    for text, why in found.items():
        if why:
            print(f"  {text}\n    {why}")
    assert len(found) >= 100
    assert share >= 0.7


def test_what_a_finding_says_itself_is_believed() -> None:
    told = refused = 0
    for report in [demo(), *of_fixtures().values()]:
        seen = scene(report)
        ground = Ground.of(seen.several, seen.names)
        for one in seen.several:
            for piece in one.pieces:
                if seen.says(piece) and TESTIMONY not in piece.finding.message:
                    told += 1
                    refused += bool(ground.judged(seen.says(piece), [piece.rows[0].id], one).why)
    print(f"{told - refused} of {told} findings' own words believed")
    assert told > 200
    assert refused / told < 0.06
