"""Make the locked Python environment; runs before it exists, so with the standard library only.

The lock names no index: packages come from whichever index, mirror or folder pip is set up for on this machine. uv
installs them, because it is many times faster, and is told what pip's configuration says. Where uv cannot be had, pip
installs the same lock with the same hashes.
"""

import ast
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
INSTALLER_LOCK = Path(__file__).with_name("installer.lock")

# pip's option → uv's variable. A list in pip is separated by white space, in uv as given here.
UV_VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "no-index": ("UV_NO_INDEX", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "client-cert": ("SSL_CLIENT_CERT", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "proxy": ("ALL_PROXY", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
}


def uv_variables(pip_config: str) -> dict[str, str]:
    """Translate pip's configuration into uv's environment.

    Args:
        pip_config: What `pip config list` prints.

    Returns:
        The variables uv needs to use the same index, mirrors, folders and certificates.
    """
    # pip's own order: [global], then the command's section, then PIP_* variables.
    options: dict[str, str] = {}
    for section in ("global.", "install.", ":env:."):
        for line in pip_config.splitlines():
            key, _, value = line.partition("=")
            if key.startswith(section):
                options[key.removeprefix(section)] = str(ast.literal_eval(value))
    variables = {}
    for option, (variable, separator) in UV_VARIABLES.items():
        if words := options.get(option, "").split():
            variables[variable] = separator.join(words)
    if "UV_INDEX" in variables:
        # pip looks at all its indexes alike; uv would stop at the first. The hashes say what may be installed.
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables


def _run(command: list[str], environment: Mapping[str, str] | None = None, *, check: bool = False) -> bool:
    """Run a program, its output on the terminal; return whether it succeeded."""
    return subprocess.run(command, check=check, env=environment).returncode == 0  # noqa: S603 our own arguments


def _say(chinese: str, english: str) -> None:
    print(f"▸ {chinese} · {english}", flush=True)


def _install(environment: Path) -> None:
    """Bring the environment to exactly what the lock says, by uv or else by pip."""
    python = str(environment / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    hashed = [*pip, "install", "--require-hashes", "-r"]
    if _run([*hashed, str(INSTALLER_LOCK), "--quiet"]):
        config = subprocess.check_output([*pip, "config", "list"], text=True)  # noqa: S603 our own arguments
        uv = [str(environment / "bin" / "uv"), "pip", "sync", "--python", python, "--require-hashes", str(LOCK)]
        # What the user says to uv goes before what the user says to pip; copies work from any cache to any disk.
        variables: Mapping[str, str] = {"UV_LINK_MODE": "copy", **uv_variables(config), **os.environ}
        if _run(uv, variables):
            return
    _say("uv 不可用，改用 pip（较慢）", "uv cannot be used here, pip installs instead (slower)")
    _run([*hashed, str(LOCK)], check=True)


def make(environment: Path) -> None:
    """Make or update the environment, once, however many ask for it at the same time.

    Args:
        environment: The folder of the environment. A copy of the lock inside it says that it is complete.

    Raises:
        subprocess.CalledProcessError: The environment could not be made; the tool has said why.
    """
    environment.parent.mkdir(parents=True, exist_ok=True)
    stamp = environment / LOCK.name
    with (environment.parent / "env.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes():
            return
        _say("准备 Python 环境（仅首次或依赖更新后）", "preparing the Python environment (first run or new lock)")
        stamp.unlink(missing_ok=True)
        python = environment / "bin" / "python"
        if not python.exists() or not _run([str(python), "-m", "pip", "--version"]):
            _run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        _install(environment)
        shutil.copyfile(LOCK, stamp)


if __name__ == "__main__":
    try:
        make(Path(sys.argv[1]).absolute())
    except subprocess.CalledProcessError as failure:
        sys.exit(
            f"✗ 环境未能建立 · the environment could not be made: {failure}\n"
            "  请检查 pip 的索引设置（pip config list）与网络，然后重试。\n"
            "  Check the index pip is set up for (pip config list) and the network, then run it again."
        )
    except PermissionError as failure:
        sys.exit(f"✗ {failure}\n  {ROOT} 属于另一用户？ · does {ROOT} belong to another user?")
