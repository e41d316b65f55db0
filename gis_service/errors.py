"""Every error raised on purpose; each is ours and a built-in, and speaks Chinese and English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One sentence for people, in both languages of the product.

    Parameters
    ----------
    zh
        Simplified Chinese, the default everywhere.
    en
        English.
    """

    zh: str
    en: str

    def __str__(self) -> str:
        """Return the Chinese sentence."""
        return self.zh

    def in_language(self, language: str) -> str:
        """Return the sentence in ``language`` (``"en"`` or anything else for Chinese)."""
        return self.en if language == "en" else self.zh


class GisServiceError(Exception):
    """Base of every error this package raises on purpose.

    Parameters
    ----------
    text
        What happened and how to cure it, in both languages.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.zh)
        self.text = text


class InputError(GisServiceError, ValueError):
    """The user's input is at fault; the text names file, row, column and cure."""


class DatabaseUnavailableError(GisServiceError, ConnectionError):
    """The PostGIS cannot be reached or is not the kind of PostGIS this service needs."""


class UnknownCityError(GisServiceError, LookupError):
    """No city of that name has been imported."""


class UnknownPlanError(GisServiceError, LookupError):
    """No plan of that name exists for the city."""


class UnknownDraftError(GisServiceError, LookupError):
    """No draft of that number exists."""


class StaleDraftError(GisServiceError):
    """Somebody else changed the draft since the writer last saw it; nothing was written.

    Parameters
    ----------
    text
        What happened and how to go on.
    revision
        Revision the draft is at now.
    """

    def __init__(self, text: Text, revision: int) -> None:
        super().__init__(text)
        self.revision = revision


class NotAllowedError(GisServiceError, PermissionError):
    """The account may not do this here."""


class NoNetworkError(GisServiceError, LookupError):
    """The city has no walking network, so nothing can be said about walks."""


class SetupError(GisServiceError, RuntimeError):
    """Something this machine needs is missing; the text names what to install."""


class CoverageError(GisServiceError, ValueError):
    """Polygons that should tile an area without gap or overlap do not."""
