"""A finding: one remark about a plan, in both languages, for people to act on."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from gis_service.errors import Text

Severity = Literal["fault", "warning", "note"]


@dataclass(frozen=True, order=True)
class Finding:
    """One remark about a plan, a community or a grid.

    Parameters
    ----------
    kind
        What it is about, a short word in snake case (``grid_small``, ``estate_split``, …).
    severity
        ``fault``: a hard rule is broken; ``warning``: a soft rule is; ``note``: worth knowing.
    subject
        Code or id of what it is about: a grid, a unit, a building, an estate or a community.
    zh
        One sentence in Simplified Chinese.
    en
        The same sentence in English.
    """

    kind: str
    severity: Severity
    subject: str
    zh: str
    en: str

    @property
    def text(self) -> Text:
        """The sentence in both languages."""
        return Text(self.zh, self.en)

    def as_dict(self) -> dict[str, str]:
        """Return the finding as plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Finding":
        """Return the finding that ``as_dict`` wrote."""
        return cls(**values)
