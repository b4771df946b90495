"""
The same flag must mean the same, and say the same of itself, in every command that has it.
"""

from pathlib import Path
from typing import Annotated

import typer

_WHERE = "Where to look"
_WHAT = "What to look for"
_OUT = "What to write"


def _where(*names: str, help: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=_WHERE)


def _what(*names: str, help: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=_WHAT)


def _out(*names: str, help: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=_OUT)


Contexts = Annotated[
    list[str] | None, _where("--context", help="Context to scan (repeat; 'all' = every context).")
]
Context = Annotated[str | None, _where("--context", help="Context to collect; default the current one.")]
Kubeconfig = Annotated[Path | None, _where("--kubeconfig", help="Kubeconfig to use.")]
InCluster = Annotated[bool, _where("--in-cluster", help="Use the pod's own service account.")]
Recordings = Annotated[
    list[Path] | None,
    _where("--from", metavar="PATH", help="Scan a recording: folder, archive or file (repeat)."),
]
Demo = Annotated[bool, _where("--demo", help="Scan the demo cluster that comes with deepscan.")]
Fleet = Annotated[
    Path | None, _where("--fleet", metavar="FILE", help="Scan the targets that this TOML file lists.")
]
Aws = Annotated[
    list[str] | None,
    _where(
        "--aws", metavar="[PROFILE]", help="Scan an AWS account: its EKS clusters and what stands by them."
    ),
]
Gcp = Annotated[list[str] | None, _where("--gcp", metavar="PROJECT", help="Scan a Google Cloud project.")]
Azure = Annotated[
    list[str] | None, _where("--azure", metavar="SUBSCRIPTION", help="Scan an Azure subscription.")
]
Namespaces = Annotated[list[str] | None, _where("--namespace", help="Only this namespace (repeat).")]
Now = Annotated[
    str | None, _where("--now", metavar="TIME", help="The moment that ages count from (RFC 3339).")
]
Deadline = Annotated[str | None, _where("--deadline", metavar="10m", help="How long a target may take.")]
RequestRate = Annotated[float | None, _where("--max-requests-per-second", help="Per target.")]
Memory = Annotated[str | None, _where("--max-memory", metavar="2Gi", help="What all processes may use.")]

Concerns = Annotated[list[str] | None, _what("--concern", help="Only this concern (repeat).")]
Checks = Annotated[list[str] | None, _what("--check", metavar="CODE", help="Only this check (repeat).")]
Skipped = Annotated[list[str] | None, _what("--skip", metavar="CODE", help="Leave this check out (repeat).")]
Since = Annotated[str | None, _what("--since", metavar="24h", help="What counts as recent.")]
Prices = Annotated[
    list[str] | None,
    _what("--prices", metavar="FILE", help="Price table that overrides the built-in one; 'none' (repeat)."),
]
Prometheus = Annotated[
    str | None,
    _what(
        "--prometheus",
        metavar="URL|auto|none",
        help="Where use is measured; auto looks from inside a cluster only.",
    ),
]
NoLogs = Annotated[bool, _what("--no-logs", help="Without the logs of failed containers.")]

Formats = Annotated[
    list[str] | None,
    _out(
        "--format",
        metavar="FORMAT=PATH",
        help="terminal, json, markdown, html, sarif, junit, csv or prometheus; '-' is stdout (repeat).",
    ),
]
DoctorFormats = Annotated[
    list[str] | None,
    _out("--format", metavar="FORMAT=PATH", help="terminal or json; '-' is stdout (repeat)."),
]
OutputFolder = Annotated[Path | None, _out("--output-dir", help="Folder for a report in every format.")]
Gates = Annotated[
    list[str] | None,
    _out("--fail-on", metavar="RULE", help="Exit 1 if: high, new:high, usd:5000, ... (repeat)."),
]
MinCoverage = Annotated[
    float | None, _out("--min-coverage", metavar="PERCENT", help="Exit 3 if less was measured.")
]
Baseline = Annotated[
    str | None,
    _out("--baseline", metavar="last|FILE|none", help="What to compare with; default last if remembered."),
]
History = Annotated[
    str | None,
    _out(
        "--history", metavar="URL|none", help="Where scans are remembered; recordings only if this is given."
    ),
]
Remembered = Annotated[
    str | None, _where("--history", metavar="URL", help="Where scans are remembered; default the settings'.")
]
PlainFormats = Annotated[
    list[str] | None,
    _out("--format", metavar="FORMAT=PATH", help="terminal or json; '-' is stdout (repeat)."),
]
Model = Annotated[str | None, _out("--model", metavar="NAME", help="Language model that words the report.")]
ModelUrl = Annotated[
    str | None, _out("--model-url", metavar="URL", help="Its OpenAI-compatible endpoint; else the vendor's.")
]
NoModel = Annotated[bool, _out("--no-llm", help="Ask no language model, whatever is configured.")]
ShowPrompt = Annotated[bool, _out("--show-prompt", help="Print what a model would be sent; send nothing.")]
ModelBudget = Annotated[
    float | None, _out("--llm-budget-usd", metavar="USD", help="What the model may cost in this run.")
]
ModelCalls = Annotated[int | None, _out("--llm-max-calls", help="How often it may be called; default 3.")]

Config = Annotated[Path | None, typer.Option("--config", help="Settings file to use instead of those found.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")]
