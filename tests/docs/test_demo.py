"""
The demo cluster is what its seed makes.
"""

from fixtures.make_demo.__main__ import FOLDER, files


def test_the_kept_demo_is_the_made_one() -> None:
    kept = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*") if path.is_file()}
    assert kept == files()
