"""Signing in with the office's own service, played by a small OpenID Connect provider."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask, jsonify, redirect, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import text
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin
from gis_service.workflows import accounts

KEY = RSAKey.generate_key(2048, {"kid": "k", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k", "use": "sig", "alg": "RS256"})


@dataclass
class Office:
    """The provider: who signs in there, and what it does wrong."""

    issuer: str = ""
    subject: str = "7"
    login: str = "li"
    key: RSAKey = field(default_factory=lambda: KEY)
    audience: str = "grids"
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Flask:
        """Return the provider's web service."""
        service = Flask("office")

        @service.get("/.well-known/openid-configuration")
        def metadata() -> Response:
            return jsonify(
                issuer=self.issuer,
                authorization_endpoint=f"{self.issuer}/authorize",
                token_endpoint=f"{self.issuer}/token",
                jwks_uri=f"{self.issuer}/keys",
                id_token_signing_alg_values_supported=["RS256"],
            )

        @service.get("/authorize")
        def authorize() -> Response:
            self.asked["code-1"] = request.args.to_dict()
            query = urlencode({"code": "code-1", "state": request.args["state"]})
            return redirect(f"{request.args['redirect_uri']}?{query}")

        @service.post("/token")
        def token() -> Response:
            asked = self.asked.pop(request.form["code"])
            assert request.form["code_verifier"]
            now = int(time.time())
            claims = {
                "iss": self.issuer, "sub": self.subject, "aud": self.audience, "iat": now, "exp": now + 60,
                "nonce": asked["nonce"], "preferred_username": self.login,
            }  # fmt: skip
            signed = jwt.encode({"alg": "RS256", "kid": "k"}, claims, self.key)
            return jsonify(access_token="a", token_type="Bearer", expires_in=60, id_token=signed)  # noqa: S106 of a test

        @service.get("/keys")
        def keys() -> Response:
            return jsonify(keys=[KEY.as_dict(private=False)])

        return service


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    server = make_server("127.0.0.1", 0, made.app(), threaded=True)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(cities_settings: Settings, office: Office) -> Iterator[FlaskClient]:
    with begin(cities_settings) as conn:
        accounts.add_account(conn, "li", title="核查岗", password=None, grants=[Grant("auditor", "town")])
    settings = Settings(
        database_url=cities_settings.database_url,
        oidc_issuer=office.issuer,
        oidc_client_id="grids",
        oidc_client_secret="secret",  # noqa: S106 of a test
    )
    yield create_app(settings).test_client()
    with begin(cities_settings) as conn:
        conn.execute(text("DELETE FROM account"))


def go_through_office(client: FlaskClient, office: Office) -> str:
    """Return the address at which the service sends its reader on."""
    leaves = client.get("/account/office/?next=/map/town")
    assert leaves.location.startswith(f"{office.issuer}/authorize")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(leaves.location).query).items()}
    assert asked["code_challenge_method"] == "S256"
    office.asked["code-1"] = asked
    back = client.get("/account/office/back", query_string={"code": "code-1", "state": asked["state"]})
    assert back.status_code == 302
    return str(back.location)


def test_whom_the_office_vouches_for_is_signed_in_and_sent_on(client: FlaskClient, office: Office) -> None:
    assert "统一身份" in client.get("/account/sign-in").text
    assert go_through_office(client, office) == "/map/town"
    assert "核查岗" in client.get("/account/").text


@pytest.mark.parametrize("fault", ["stranger", "forged", "of another service"])
def test_others_are_not(client: FlaskClient, office: Office, fault: str) -> None:
    if fault == "stranger":
        office.login = "wang"
    elif fault == "forged":
        office.key = OTHER_KEY
    else:
        office.audience = "canteen"
    assert go_through_office(client, office) == "/account/sign-in"
    assert 'role="status"' in client.get("/account/sign-in").text
    assert client.get("/account/").status_code == 302


def test_an_answer_nobody_asked_for_signs_nobody_in(client: FlaskClient, office: Office) -> None:
    office.asked["code-1"] = {"nonce": "n"}
    back = client.get("/account/office/back?code=code-1&state=made-up")
    assert back.location == "/account/sign-in"
    assert client.get("/account/").status_code == 302


def test_without_a_service_of_the_office_there_is_no_such_address(cities_settings: Settings) -> None:
    plain = create_app(cities_settings).test_client()
    assert plain.get("/account/office/").status_code == 404
    assert "统一身份" not in plain.get("/account/sign-in").text
