"""Names in sentences of pages."""

import pytest
from flask import Flask, render_template_string

from gis_service.app import create_app
from gis_service.config import Settings


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings())


@pytest.mark.parametrize(
    ("spoken", "name", "said"),
    [
        ("zh", "Blk 5 Spooner Rd", "从 Blk 5 Spooner Rd 出发"),
        ("zh", "文化路12号", "从文化路12号出发"),
        ("zh", "12号楼", "从 12号楼出发"),
        ("en", "文化路", "From 文化路"),
        ("zh", "<b>A</b>", "从&lt;b&gt;A&lt;/b&gt;出发"),
    ],
)
def test_a_name_in_other_letters_is_set_apart_from_the_sentence_and_escaped(
    app: Flask, spoken: str, name: str, said: str
) -> None:
    template = '{{ _("从%(place)s出发", place="%s")|named(name) }}'
    with app.test_request_context(f"/?lang={spoken}"):
        assert render_template_string(template, name=name) == said
