"""
What a person reads is kept as text, so that a change of words is seen in review.

``python -m tests.reports.golden`` writes the files again.
"""

from pathlib import Path

from reports.faces import FACES
from tests.reports.sample import sample

FOLDER = Path(__file__).with_name("golden")
FILES = {"terminal": FOLDER / "terminal.txt", "markdown": FOLDER / "report.md"}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for face, path in FILES.items():
        path.write_text(FACES[face](sample()), "utf-8")
