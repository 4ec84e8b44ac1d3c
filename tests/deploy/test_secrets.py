"""Random secrets, kept private."""

import json
import stat
from dataclasses import replace

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from deploy.bare.credentials import load_credentials
from deploy.bare.places import ROOT, Places
from deploy.bare.sandbox import load_sandbox


def test_each_installation_has_sandbox_secrets_of_its_own_that_only_the_owner_reads(places: Places) -> None:
    first = load_sandbox(places.sandbox)
    assert stat.S_IMODE(places.sandbox.stat().st_mode) == 0o600
    assert json.loads(places.sandbox.read_text(encoding="utf-8")) == first
    assert load_sandbox(places.sandbox) == first
    other = load_sandbox(places.state / "other.json")
    secrets = [user["password"] for sandbox in (first, other) for user in sandbox["users"]]
    secrets += [application["secret"] for sandbox in (first, other) for application in sandbox["applications"]]
    assert len(set(secrets)) == len(secrets) == 28
    assert [user["subject"] for user in first["users"]] == [user["subject"] for user in other["users"]]


def test_a_user_added_to_the_cast_gets_a_password_and_the_others_keep_theirs(places: Places) -> None:
    first = load_sandbox(places.sandbox)
    places.sandbox.write_text(json.dumps({**first, "users": first["users"][1:]}), encoding="utf-8")
    second = load_sandbox(places.sandbox)
    assert second["users"][1:] == first["users"][1:]
    assert second["users"][0]["password"] != first["users"][0]["password"]


def test_the_cast_in_the_repository_holds_no_secret() -> None:
    text = (ROOT / "deploy" / "bare" / "sandbox.json").read_text(encoding="utf-8")
    assert "password" not in text
    assert "secret" not in text


def test_credentials_are_made_once_and_the_keys_belong_together(places: Places) -> None:
    credentials = load_credentials(places.secrets)
    assert load_credentials(places.secrets) == credentials
    assert stat.S_IMODE(places.secrets.stat().st_mode) == 0o600
    assert len(set(credentials.roles.values())) == 9
    private = load_pem_private_key(credentials.identity_private_key.encode(), None)
    public = load_pem_public_key(credentials.identity_public_key.encode())
    assert private.public_key() == public
    assert credentials.token_private_key != credentials.identity_private_key


def test_an_installation_of_before_gets_the_key_it_lacks_and_keeps_the_others(places: Places) -> None:
    credentials = load_credentials(places.secrets)
    kept = json.loads(places.secrets.read_text(encoding="utf-8"))
    del kept["seal_private_key"], kept["seal_public_key"]
    places.secrets.write_text(json.dumps(kept), encoding="utf-8")
    mended = load_credentials(places.secrets)
    private, public = mended.seal_private_key, mended.seal_public_key
    assert load_pem_private_key(private.encode(), None).public_key() == load_pem_public_key(public.encode())
    assert replace(credentials, seal_private_key=private, seal_public_key=public) == mended != credentials
    assert load_credentials(places.secrets) == mended
