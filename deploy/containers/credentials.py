"""Print a new installation's .env: random passwords and keys for docker-compose.yml, which has none of its own."""

import base64
import secrets

from deploy.bare.credentials import new_credentials


def env_file() -> str:
    """Return the text of an .env file with passwords and keys that were never used before."""
    credentials = new_credentials()
    variables = {
        "LINLI_PUBLIC_URL": "http://127.0.0.1:8080",
        "LINLI_POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        **{password_variable(role): password for role, password in credentials.roles.items()},
        "LINLI_IDENTITY_PRIVATE_KEY": credentials.identity_private_key,
        "LINLI_IDENTITY_PUBLIC_KEY": credentials.identity_public_key,
        "LINLI_TOKEN_PRIVATE_KEY": credentials.token_private_key,
        "LINLI_CODE_KEY": credentials.code_key,
        "LINLI_REGISTRY_KEY": credentials.registry_key,
        "LINLI_EXCHANGE_KEY": credentials.exchange_key,
        "LINLI_SEAL_PRIVATE_KEY": credentials.seal_private_key,
        "LINLI_SEAL_PUBLIC_KEYS": credentials.seal_public_key,
        "LINLI_KAFKA_CLUSTER_ID": base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="),
    }
    return "".join(f"{name}='{value}'\n" for name, value in variables.items())


def password_variable(role: str) -> str:
    """Return the name of the variable that holds a database role's password."""
    return f"{role.upper()}_PASSWORD"


if __name__ == "__main__":
    print(env_file(), end="")
