"""From an error's class to the answer's status and words, once for the whole service."""

import logging

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from gis_service.errors import (
    DatabaseUnavailableError,
    GisServiceError,
    InputError,
    NoNetworkError,
    NotAllowedError,
    SetupError,
    StaleDraftError,
    UnknownCityError,
    UnknownDraftError,
    UnknownPlanError,
)

STATUS: dict[type[GisServiceError], int] = {
    InputError: 400,
    UnknownCityError: 404,
    UnknownPlanError: 404,
    UnknownDraftError: 404,
    NoNetworkError: 404,
    NotAllowedError: 403,
    StaleDraftError: 412,
    DatabaseUnavailableError: 503,
    SetupError: 503,
}
MESSAGES: dict[type[Exception], LazyString] = {
    UnknownCityError: lazy_gettext("没有这个城市，请从首页选择。"),
    CSRFError: lazy_gettext("登录可能已过期，请刷新页面、重新登录后再试。"),
    SecurityError: lazy_gettext("内部视图只能在本机打开，地址用 localhost、127.0.0.1 或 [::1]。"),
}
"""What visitors read where a status alone says too little. The errors' own texts are for operators: they name machines,
users and programs."""
UNAVAILABLE = lazy_gettext("数据库暂时不能用，请稍后再试。")
RETRY_AFTER_S = 5
MACHINE_PREFIXES = ("/api/", "/tiles/")


def init_errors(app: Flask) -> None:
    """Answer every error of ``app`` in the look of its pages, or in JSON under ``/api`` and ``/tiles``."""
    app.register_error_handler(GisServiceError, _answer_ours)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_fault)


def status_of(error: GisServiceError) -> int:
    """Return the HTTP status of an error's class or of the nearest class above it; 500 where none is listed."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def log_for_operators(error: GisServiceError, level: int = logging.ERROR) -> None:
    """Write what an error says to the log, where those find it who can do something about it."""
    current_app.logger.log(level, "%s: %s", type(error).__name__, error.text.en)


def _answer_ours(error: GisServiceError) -> Response:
    status = status_of(error)
    log_for_operators(error, logging.ERROR if status >= 500 else logging.INFO)  # noqa: PLR2004 the server's faults
    return _answer(status, _message(error))


def _answer_http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    return _answer(error.code or 500, _message(error))


def _answer_fault(error: Exception) -> Response:
    current_app.logger.error("unexpected fault", exc_info=error)
    return _answer(InternalServerError.code, None)


def _answer(status: int, message: LazyString | None) -> Response:
    title, advice = _words(status)
    if request.path.startswith(MACHINE_PREFIXES):
        response = jsonify(status=status, message=str(message or title))
    else:
        response = make_response(render_template("error.html", status=status, title=title, message=message or advice))
    response.status_code = status
    if status == 503:  # noqa: PLR2004 Service Unavailable
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _message(error: Exception) -> LazyString | None:
    return next((MESSAGES[kind] for kind in type(error).__mro__ if kind in MESSAGES), None)


def _words(status: int) -> tuple[str, str]:
    if status == 404:  # noqa: PLR2004 Not Found
        return gettext("没有找到这一页"), gettext("地址可能有误，或者这里的内容不对外公开。")
    if status == 503:  # noqa: PLR2004 Service Unavailable
        return gettext("服务暂时不可用"), str(UNAVAILABLE)
    if status == 413:  # noqa: PLR2004 Content Too Large
        return gettext("发送的内容太大"), gettext(
            "最多 %(most)d MB。请返回上一页，只导出本社区的网格，或简化边界后再发送。",
            most=(request.max_content_length or 0) // 1_000_000,
        )
    if 400 <= status < 500:  # noqa: PLR2004 the request's faults
        return gettext("请求无法处理"), gettext("请检查地址后再试。")
    return gettext("服务出错了"), gettext("问题已记录。请稍后再试。")
