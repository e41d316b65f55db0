"""The data dictionary says what the tables say."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_data_dictionary_is_not_stale() -> None:
    program = "import write_data_dictionary; print(write_data_dictionary.dictionary(), end='')"
    written = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY / "scripts", capture_output=True, text=True, check=True
    )
    committed = (REPOSITORY / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert committed == written.stdout, "run scripts/write_data_dictionary.py"
