"""
Whoever builds on the JSON report needs its shape in a form that programs check.

``python -m reports.schema > reports/schema.json`` writes it from the models; a test says when it is stale.
"""

import json
import sys
from importlib.resources import files

from reports.report import Report


def generated() -> str:
    """The JSON Schema of what ``Report.to_json`` writes, from the models."""
    schema = Report.model_json_schema(by_alias=True, mode="serialization")
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def published() -> str:
    """The schema as it lies in the package."""
    return files("reports").joinpath("schema.json").read_text("utf-8")


if __name__ == "__main__":
    sys.stdout.write(generated())
