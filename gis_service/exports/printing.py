"""From a template and its content to a PDF whose every character can be printed, or says that it cannot."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from gis_service.exports.files import replacing
from gis_service.exports.fonts import Face, face_for, missing_from
from gis_service.exports.pdf import SUBSTITUTE
from gis_service.exports.plan_paper import PlanPaper
from gis_service.exports.style_text import style_text


def write_pdf(path: Path, template: str, content: Mapping[str, Any], face: Face) -> None:
    """Print a template.

    Parameters
    ----------
    path
        A ``.pdf`` file; one that exists is replaced.
    template
        Its name in ``exports/templates``.
    content
        What it tells; texts are never markup.
    face
        The face it is printed in; a character that it lacks becomes `SUBSTITUTE`.

    Raises
    ------
    InputError
        The suffix is not ``.pdf`` or the folder does not exist.
    """
    with replacing(path, ".pdf") as temporary:
        html = rendered(template, content, face)
        # Nothing is fetched: the page holds its maps, and a name in the data must not become a request.
        HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",), fail_on_errors=True)).write_pdf(temporary)


def rendered(template: str, content: Mapping[str, Any], face: Face) -> str:
    """Return the page that :func:`write_pdf` prints."""
    loader = PackageLoader("gis_service.exports")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters.update(thousands="{:,}".format, style_text=style_text)
    missing = missing_from(face, strings(content))
    return environment.get_template(template).render(**printable(content, missing), font=face.family)


def face_of(paper: PlanPaper) -> Face:
    """Return the face that lacks the fewest characters of all that a paper may say."""
    return face_for(paper_texts(paper))


def paper_texts(paper: PlanPaper) -> list[str]:
    """Return the texts of a paper."""
    before = paper.before
    frames = [
        (paper.grids, ("code", "name", "label", "bounds", "note")),
        (paper.buildings, ("id", "estate_name")),
        (paper.lines, ("name",)),
    ]
    texts = [text for _, text in paper.about.lines()]
    texts += [paper.place, paper.community_name, paper.title, paper.state]
    texts += [str(value) for frame, columns in frames for column in columns for value in frame[column].dropna()]
    if before is not None:
        texts += [before.title, *before.grids["name"].dropna(), *before.grids["label"]]
    texts += [part for each in paper.irregular for part in (each.fault, each.reason)]
    return texts


def data_address(picture: bytes) -> str:
    """Return a PNG as the address of an image."""
    return f"data:image/png;base64,{b64encode(picture).decode('ascii')}"


def printable(value: Any, missing: str) -> Any:
    """Return a content with `SUBSTITUTE` for every character that cannot be printed."""
    table = str.maketrans(dict.fromkeys(missing, SUBSTITUTE))
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, Mapping):
        return {name: printable(part, missing) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(part, missing) for part in value]
    return value


def strings(value: Any) -> Iterable[str]:
    """Yield every text of a content."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from strings(part)
