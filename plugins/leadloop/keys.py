"""The secret keys of a company: one for each purpose, so that changing one re-draws nothing else.

Each is random, made on first use under the home, readable by its owner only; the environment, or
a file that it names, comes before. The demo's key is public: it is refused for any other company.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Final, Literal

from leadloop.errors import UsageError
from leadloop.settings import read_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leadloop.settings import Home, Settings

Purpose = Literal["phone_hash", "assignment", "signing", "erasure"]
DEMO_TENANT: Final = "demo"
DEMO_KEY: Final = b"leadloop demo key, public, for made people only"
# What each key is for, and the variable that sets it (or, with _FILE behind it, names its file).
VARIABLES: Final[dict[Purpose, tuple[str, str]]] = {
    "phone_hash": ("LEADLOOP_PHONE_HASH_KEY", "LEADLOOP_PHONE_HASH_KEY_FILE"),
    "assignment": ("LEADLOOP_ASSIGNMENT_KEY", "LEADLOOP_ASSIGNMENT_KEY_FILE"),
    "signing": ("LEADLOOP_SIGNING_KEY", "LEADLOOP_SIGNING_KEY_FILE"),
    "erasure": ("LEADLOOP_ERASURE_KEY", "LEADLOOP_ERASURE_KEY_FILE"),
}


def load_key(
    settings: Settings, purpose: Purpose, environ: Mapping[str, str] | None = None
) -> bytes:
    """Return the key of one purpose, made at random on first use.

    Losing the phone key means that old and new rows no longer join by phone; losing the
    assignment key, that running experiments draw their new units differently; losing the erasure
    key, that whoever was erased lands again with the next file that names them.
    """
    key = _find_key(settings.home, purpose, os.environ if environ is None else environ)
    if not key:
        message = (
            f"The {purpose} key is empty; wanted a secret in {' or '.join(VARIABLES[purpose])}."
        )
        raise UsageError(message)
    if key == DEMO_KEY and settings.company.tenant_id != DEMO_TENANT:
        message = (
            f"The {purpose} key of {settings.company.tenant_id!r} is the demo's, which everybody "
            f"knows. Remove {_key_file(settings.home, purpose)}, or set {VARIABLES[purpose][0]}; "
            "a home that holds the demo's data cannot become another company's."
        )
        raise UsageError(message)
    return key


def has_key(settings: Settings, purpose: Purpose, environ: Mapping[str, str] | None = None) -> bool:
    """Return whether there is a key of that purpose, without making one."""
    env = os.environ if environ is None else environ
    return _key_file(settings.home, purpose).exists() or bool(
        read_secret(env, VARIABLES[purpose][0])
    )


def install_demo_keys(settings: Settings) -> None:
    """Give a demo company the public keys, so that its hashes and arms are the same everywhere.

    Keys that are there already stay; any other company is refused.
    """
    if settings.company.tenant_id != DEMO_TENANT:
        message = (
            f"The demo's keys are public and not for {settings.company.tenant_id!r}; "
            f"only tenant_id {DEMO_TENANT} may have them."
        )
        raise UsageError(message)
    for purpose in VARIABLES:
        load_secret(_key_file(settings.home, purpose), DEMO_KEY.decode())


def load_secret(path: Path, fresh: str) -> str:
    """Return the content of a secret file, which gets the fresh value if it is not there yet."""
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Linking a finished file in makes the first writer win: nobody ever reads half a secret.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(fresh, encoding="utf-8")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def _find_key(home: Home, purpose: Purpose, env: Mapping[str, str]) -> bytes:
    given = read_secret(env, VARIABLES[purpose][0])
    return (given or load_secret(_key_file(home, purpose), secrets.token_hex(32))).encode()


def _key_file(home: Home, purpose: Purpose) -> Path:
    return home.secrets / f"{purpose}.key"
