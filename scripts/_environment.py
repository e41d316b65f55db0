"""Start the program again under the checkout's own environment when another interpreter was used."""

import os
import sys
from pathlib import Path

_ENVIRONMENT = (Path(__file__).resolve().parent.parent / ".venv").resolve()

if Path(sys.prefix).resolve() != _ENVIRONMENT and (_ENVIRONMENT / "bin" / "python").exists():
    os.execv(_ENVIRONMENT / "bin" / "python", [str(_ENVIRONMENT / "bin" / "python"), *sys.argv])  # noqa: S606
