"""Files that hold something raw, encrypted at rest: AES-256-GCM by chunks, one key id a file.

Layout: `LLV1`, length and key id, 32 bytes of salt, then chunks of 64 KiB of text, each with its
tag. Every file has a key of its own (HKDF of the vault's key and the salt), so a nonce is the
number of the chunk with a mark on the last one (the STREAM construction): chunks that are swapped,
left out or added, and a file that is cut, do not open. The header is authenticated with each chunk.
Keys: `secrets/vault/<id>.key`, the newest is used; LEADLOOP_VAULT_KEY comes before.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final

from leadloop import pointer
from leadloop.errors import LeadloopError, UsageError
from leadloop.keys import load_secret
from leadloop.settings import read_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from leadloop.settings import Home

SUFFIX: Final = ".vault"
CHUNK: Final = 65_536
MAGIC: Final = b"LLV1"
_SALT: Final = 32
_TAG: Final = 16
_LAST: Final = 1
# 2**32 chunks are 256 TiB; the counter never turns over.
_COUNTER: Final = 11
VARIABLE: Final = "LEADLOOP_VAULT_KEY"
FROM_ENVIRONMENT: Final = "environment"


class VaultError(LeadloopError):
    """A file cannot be opened: wrong key, damage, or no file of the vault."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the vault by id, and which of them encrypts."""

    current: str
    by_id: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Header:
    """What an encrypted file says of itself before its first chunk."""

    key_id: str
    salt: bytes

    def to_bytes(self) -> bytes:
        """Return it as it stands in the file."""
        name = self.key_id.encode("ascii")
        return MAGIC + bytes([len(name)]) + name + self.salt


def load_keys(home: Home, environ: Mapping[str, str] | None = None) -> Keys:
    """Return the keys of the vault, the first made at random on first use.

    A key in the environment (64 hexadecimal digits, or the file that LEADLOOP_VAULT_KEY_FILE
    names) encrypts under the id `environment`; files of earlier keys stay readable.
    """
    env = os.environ if environ is None else environ
    folder = home.secrets / "vault"
    given = read_secret(env, VARIABLE)
    if not given and not list(folder.glob("*.key")):
        add_key(home)
    by_id = {path.stem: _read_key(path) for path in sorted(folder.glob("*.key"))}
    if given:
        by_id[FROM_ENVIRONMENT] = _parse_key(given, VARIABLE)
        return Keys(FROM_ENVIRONMENT, by_id)
    return Keys(max(by_id), by_id)


def add_key(home: Home) -> str:
    """Make a new key, which encrypts from now on; return its id."""
    stamp = datetime.now(tz=UTC).strftime("%Y%m%dT%H%M%S%f")
    key_id = f"{stamp}-{secrets.token_hex(2)}"
    load_secret(home.secrets / "vault" / f"{key_id}.key", secrets.token_hex(32))
    return key_id


def encrypt_file(path: Path, keys: Keys, target: Path | None = None) -> Path:
    """Write a file encrypted, as NAME.vault, in the place of the plain one; return its path.

    The plain file goes once the other is on the disk.
    """
    goal = target or path.with_name(path.name + SUFFIX)
    header = Header(keys.current, secrets.token_bytes(_SALT))
    with path.open("rb") as source, _aside(goal) as out:
        out.write(header.to_bytes())
        for sealed in _seal(source, header, keys.by_id[keys.current]):
            out.write(sealed)
    if target is None:
        path.unlink()
        pointer.sync_folder(path.parent)
    return goal


def decrypt_file(path: Path, keys: Keys, target: Path | None = None) -> Path:
    """Write a file of the vault in the clear, without `.vault`; return its path.

    Nothing appears under that name unless every byte proved to be right. The encrypted file stays.
    """
    if target is None and path.suffix != SUFFIX:
        message = f"{path} does not end in {SUFFIX}; wanted a file that `vault encrypt` wrote."
        raise UsageError(message)
    goal = target or path.with_suffix("")
    with _aside(goal) as out:
        for text in read_chunks(path, keys):
            out.write(text)
    return goal


def read_chunks(path: Path, keys: Keys) -> Iterator[bytes]:
    """Give what an encrypted file holds, each chunk only after it proved to be right."""
    with path.open("rb") as source:
        header = read_header(source, path)
        key = keys.by_id.get(header.key_id)
        if key is None:
            message = (
                f"{path} needs key {header.key_id!r}, which is not here (known: "
                f"{', '.join(sorted(keys.by_id))}). Put it into secrets/vault of the home."
            )
            raise VaultError(message)
        yield from _open(source, header, key, path)


def read_header(source: IO[bytes], path: Path) -> Header:
    """Return the header at the start of an encrypted file."""
    start = source.read(len(MAGIC) + 1)
    if len(start) <= len(MAGIC) or not start.startswith(MAGIC):
        message = f"{path} is no file of the vault: it does not begin with {MAGIC.decode()}."
        raise VaultError(message)
    name, salt = source.read(start[-1]), source.read(_SALT)
    if len(name) < start[-1] or len(salt) < _SALT or not name.isascii():
        message = f"{path} is damaged: its header is cut or unreadable."
        raise VaultError(message)
    return Header(name.decode("ascii"), salt)


def rotate_files(paths: Sequence[Path], keys: Keys) -> dict[str, int]:
    """Encrypt files anew under the current key; return how many were, and how many had it already.

    Each file is written aside and renamed over: killed anywhere, it opens under one of both keys,
    which both stay. A second run takes up where the first ended.
    """
    counts = {"rotated": 0, "kept": 0}
    for path in paths:
        with path.open("rb") as source:
            known = read_header(source, path)
        if known.key_id == keys.current:
            counts["kept"] += 1
            continue
        header = Header(keys.current, secrets.token_bytes(_SALT))
        with _aside(path) as out:
            out.write(header.to_bytes())
            texts = _Joined(read_chunks(path, keys))
            for sealed in _seal(texts, header, keys.by_id[keys.current]):
                out.write(sealed)
        counts["rotated"] += 1
    return counts


def list_files(home: Home) -> list[Path]:
    """Return the encrypted files under the home."""
    return sorted(path for path in home.root.rglob(f"*{SUFFIX}") if path.is_file())


def count_keys(paths: Sequence[Path]) -> dict[str, int]:
    """Return how many files each key id has."""
    counts: dict[str, int] = {}
    for path in paths:
        with path.open("rb") as source:
            key_id = read_header(source, path).key_id
        counts[key_id] = counts.get(key_id, 0) + 1
    return counts


def remove_unused_keys(home: Home, keys: Keys) -> list[str]:
    """Delete keys that no file under the home needs and that are not the current one.

    Copies of files elsewhere (a back-up of the machine) cannot be opened afterwards.
    """
    used = {keys.current, FROM_ENVIRONMENT, *count_keys(list_files(home))}
    unused = sorted(set(keys.by_id) - used)
    for key_id in unused:
        (home.secrets / "vault" / f"{key_id}.key").unlink()
    return unused


class _Joined:
    """Chunks as something that can be read by size, as a file is."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, size: int) -> bytes:
        """Return the next chunk; chunks have the size that is asked for, the last may be less."""
        return next(self._chunks, b"")


def _seal(source: IO[bytes] | _Joined, header: Header, key: bytes) -> Iterator[bytes]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, bound = AESGCM(_derive(key, header)), header.to_bytes()
    text = source.read(CHUNK)
    number = 0
    while True:
        following = source.read(CHUNK)
        yield cipher.encrypt(_nonce(number, is_last=not following), text, bound)
        if not following:
            return
        text, number = following, number + 1


def _open(source: IO[bytes], header: Header, key: bytes, path: Path) -> Iterator[bytes]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, bound = AESGCM(_derive(key, header)), header.to_bytes()
    sealed = source.read(CHUNK + _TAG)
    number = 0
    while True:
        following = source.read(CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, is_last=not following), sealed, bound)
        except InvalidTag as error:
            message = (
                f"{path} does not open at chunk {number + 1}: the key {header.key_id!r} is not the "
                "one that it was encrypted with, or the file was changed, cut or put together anew."
            )
            raise VaultError(message) from error
        if not following:
            return
        sealed, number = following, number + 1


def _derive(key: bytes, header: Header) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt=header.salt, info=b"leadloop vault file").derive(key)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER, "big") + bytes([_LAST if is_last else 0])


@contextmanager
def _aside(goal: Path) -> Iterator[IO[bytes]]:
    """Give a file beside the goal that takes its place when the block ends well."""
    draft = goal.with_name(f".{goal.name}.{os.getpid()}.draft")
    draft.touch(mode=0o600)
    try:
        with draft.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(goal)
        pointer.sync_folder(goal.parent)
    finally:
        draft.unlink(missing_ok=True)


def _read_key(path: Path) -> bytes:
    return _parse_key(path.read_text(encoding="utf-8").strip(), str(path))


def _parse_key(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        message = f"The key in {where} has {len(text)} characters; wanted 64 hexadecimal digits."
        raise UsageError(message)
    return key
