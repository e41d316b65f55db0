"""Parts of the description of the interface: operations, their answers and what they are asked with."""

from typing import Any

from gis_service.web.api_schemas import TEXT, Schema, reference


def operation(
    name: str,
    zh: str,
    en: str,
    responses: dict[str, Any],
    parameters: tuple[dict[str, Any], ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return an operation; every one may be asked what is no text, and fail for want of the database."""
    faults = {
        "400": answer("地址或内容无法读取 / the address or the body cannot be read", reference("Fault")),
        "503": answer("数据库暂时不能用，请稍后再试 / try again later", reference("Fault")),
    }
    asked = {"parameters": list(parameters)} if parameters else {}
    return {"operationId": name, "summary": zh, "description": en, **asked, **more, "responses": faults | responses}


def answer(words: str, schema: Schema, mimetype: str = "application/json") -> dict[str, Any]:
    """Return an answer of an operation: what it means and the schema of its body."""
    return {"description": words, "content": {mimetype: {"schema": schema}}}


NOT_FOUND = answer("没有，或不对外公开 / not there, or not for this reader", reference("Fault"))
"""What is hidden looks like what is not there."""


def in_path(name: str, words: str, schema: Schema = TEXT) -> dict[str, Any]:
    """Return a part of the path."""
    return {"name": name, "in": "path", "required": True, "description": words, "schema": schema}


def in_query(name: str, words: str, schema: Schema = TEXT) -> dict[str, Any]:
    """Return a part of the query, which may be left out."""
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}
