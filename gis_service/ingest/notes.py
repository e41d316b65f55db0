"""What an import repaired, dropped or noticed, and the sentences that refuse a file."""

from dataclasses import dataclass
from typing import Literal

from gis_service.errors import InputError, Text
from gis_service.ingest.visible import visible

Severity = Literal["repaired", "dropped", "notice"]


@dataclass(frozen=True)
class ImportNote:
    """One thing that the import changed or noticed.

    Parameters
    ----------
    severity
        ``repaired`` (the value was changed), ``dropped`` (the row was left out) or ``notice`` (kept as it is).
    file
        Path of the file inside the dataset folder.
    row
        Row as a person counts it: in tables the header is row 1, in layers the first feature is 1; None: whole file.
    zh, en
        What was done and why, in both languages.
    """

    severity: Severity
    file: str
    row: int | None
    zh: str
    en: str

    def __post_init__(self) -> None:
        """Keep each sentence on one line, whatever headers and cells it quotes."""
        object.__setattr__(self, "zh", visible(self.zh))
        object.__setattr__(self, "en", visible(self.en))


def refusal(file: str, zh: str, en: str) -> InputError:
    """Return the error that refuses a file.

    Parameters
    ----------
    file
        Path of the file inside the dataset folder, named first in both sentences.
    zh, en
        Row, column, fault and cure.

    Returns
    -------
    InputError
        To be raised by the caller; each sentence is one line, whatever headers and cells it quotes.
    """
    return InputError(Text(visible(f"{file}：{zh}"), visible(f"{file}: {en}")))
