"""Who may try the platform on this machine: users with passwords and applications with secrets, from one file."""

from pathlib import Path

from pydantic import BaseModel, SecretStr

from shared.identity import Identity, Role


class HeldRole(BaseModel):
    """A role at an administrative prefix."""

    role: str
    prefix: str


class Account(BaseModel):
    """What users and applications have in common."""

    subject: str
    roles: list[HeldRole]

    def identity(self) -> Identity:
        """Return who it is to the services."""
        return Identity(self.subject, tuple(Role(held.role, held.prefix) for held in self.roles))


class User(Account):
    """A person who logs in."""

    username: str
    password: SecretStr


class Application(Account):
    """A program that signs its calls."""

    access_key: str
    secret: SecretStr


class Sandbox(BaseModel):
    """Everyone in the file."""

    users: list[User] = []
    applications: list[Application] = []


def load(path: Path | None) -> Sandbox:
    """Read the file; without one there is nobody."""
    return Sandbox.model_validate_json(path.read_bytes()) if path else Sandbox()
