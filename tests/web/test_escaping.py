"""Nothing that people wrote becomes markup: templates escape everything but what this software itself has drawn."""

import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "gis_service"
OURS = {"parts.html", "parts.script", "qr", "'aria-current=\"true\"'"}
"""What templates may take as it is: folium's parts, whose values are escaped there, a drawn code, a fixed attribute."""
MARKUP_OF_TEXT = re.compile(
    r"\.(inner|outer)HTML\s*\+?=|insertAdjacentHTML|createContextualFragment|setHTML"
    r"|document\.write|\beval\(|new Function"
)
SAFE = re.compile(r"([\w.]+|'[^']*')\s*\|\s*safe\b")


def test_templates_take_nothing_as_it_is_but_what_we_drew() -> None:
    templates = [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.svg.jinja")]
    assert len(templates) > 20
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert set(SAFE.findall(text)) <= OURS, template
        assert len(SAFE.findall(text)) == len(re.findall(r"\|\s*safe\b", text)), template
        assert "autoescape" not in text, template


def test_no_code_calls_text_markup_or_turns_escaping_off() -> None:
    for module in PACKAGE.rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        assert not re.search(r"\bMarkup\(|autoescape\s*=\s*False|render_template_string", text), module
        for environment in re.findall(r"\bEnvironment\(([^)]*)\)", text):
            assert "autoescape=True" in environment, module


def test_no_script_of_ours_takes_a_text_for_markup() -> None:
    """A page that was fetched is parsed and one that is kept is written out, both inert; nothing else is."""
    scripts = [path for path in (PACKAGE / "web" / "static").rglob("*.js") if "vendor" not in path.parts]
    assert len(scripts) > 50
    for script in (*scripts, *(PACKAGE / "maps").glob("*.py"), *PACKAGE.rglob("*.html")):
        assert not MARKUP_OF_TEXT.search(script.read_text(encoding="utf-8")), script
