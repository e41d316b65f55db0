"""Signing in with the office's own service (OpenID Connect), where the installation names one."""

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.web.account import begin_session, own_address
from gis_service.web.audience import current_settings
from gis_service.web.sign_in import SignedIn
from gis_service.workflows.accounts import account_of_office

blueprint = Blueprint("office_sign_in", __name__, url_prefix="/account/office")

EXTENSION = "gis_service.office"


def init_office_sign_in(app: Flask, settings: Settings) -> None:
    """Register the office's service with ``app``, where there is one."""
    if not settings.oidc_issuer:
        return
    oauth = OAuth(app)
    issuer = settings.oidc_issuer.rstrip("/")
    app.extensions[EXTENSION] = oauth.register(
        "office",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
    )


@blueprint.get("/")
def leave_for_office() -> Response:
    """Send the reader to the office's service."""
    service = _service()
    session["office_next"] = own_address(request.args.get("next"))
    try:
        answer: Response = service.authorize_redirect(url_for("office_sign_in.back", _external=True))
    except RequestException:
        return _refused(
            "the office's sign-in service does not answer", gettext("单位统一身份服务没有响应，请稍后再试。")
        )
    return answer


@blueprint.get("/back")
def back() -> Response:
    """Sign in whom the office's service vouches for and an administrator has made an account for."""
    service = _service()
    wanted = session.get("office_next")
    try:
        token = service.authorize_access_token()
    except (OAuthError, JoseError, RequestException) as fault:
        return _refused(f"office sign-in failed: {type(fault).__name__}", gettext("统一身份登录没有成功，请再试一次。"))
    claims = token.get("userinfo") or {}
    with begin(current_settings()) as conn:
        account = account_of_office(
            conn, issuer=claims["iss"], subject=claims["sub"], login=claims.get("preferred_username")
        )
    if account is None:
        return _refused("office sign-in: no account", gettext("您的统一身份还没有本系统的账号，请联系管理员。"))
    begin_session(SignedIn(account))
    return redirect(own_address(wanted))


def _service() -> OAuth:
    return current_app.extensions.get(EXTENSION) or abort(404)


def _refused(log: str, told: str) -> Response:
    current_app.logger.warning(log)
    flash(told)
    return redirect(url_for("account.sign_in"))
