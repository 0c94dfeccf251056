"""Files at rest: what opens, what must not, and what a killed rotation leaves."""

import os
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.errors import UsageError
from leadloop.privacy import vault

HEADER = 4 + 1 + 26 + 32  # LLV1, length, an id such as 20260131T023105123456-0a1b, salt
SEALED = vault.CHUNK + 16


@pytest.fixture
def keys(settings):
    return vault.load_keys(settings.home)


@pytest.fixture
def write_sealed(tmp_path, keys):
    """Write bytes, encrypt them, return the path of the encrypted file."""

    def write(data, name="call.wav"):
        path = tmp_path / name
        path.write_bytes(data)
        return vault.encrypt_file(path, keys)

    return write


def read(path, keys):
    return b"".join(vault.read_chunks(path, keys))


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(0, id="empty"),
        pytest.param(1, id="one byte"),
        pytest.param(vault.CHUNK - 1, id="one byte less than a chunk"),
        pytest.param(vault.CHUNK, id="one chunk"),
        pytest.param(vault.CHUNK + 1, id="one byte more than a chunk"),
        pytest.param(5_000_003, id="many chunks"),
    ],
)
def test_a_file_comes_back_byte_for_byte(tmp_path, keys, write_sealed, size):
    data = os.urandom(size)
    sealed = write_sealed(data)
    assert not (tmp_path / "call.wav").exists()
    chunks = max(1, -(-size // vault.CHUNK))
    assert sealed.stat().st_size == HEADER + size + 16 * chunks
    assert vault.decrypt_file(sealed, keys) == tmp_path / "call.wav"
    assert (tmp_path / "call.wav").read_bytes() == data


def test_nothing_of_the_words_can_be_read_and_no_two_files_are_alike(write_sealed):
    words = "打我手机13812345678".encode() * 100
    first, second = write_sealed(words, "a").read_bytes(), write_sealed(words, "b").read_bytes()
    assert words[:12] not in first
    assert first[HEADER:] != second[HEADER:]


@pytest.mark.parametrize("place", range(HEADER))
def test_every_byte_of_the_header_counts(keys, write_sealed, place):
    sealed = write_sealed(b"x" * 100)
    data = bytearray(sealed.read_bytes())
    data[place] ^= 1
    sealed.write_bytes(data)
    told = r"no file of the vault|needs key|damaged|does not open"
    with pytest.raises(vault.VaultError, match=told):
        read(sealed, keys)


def split(data):
    """Return the header and the three sealed chunks, two whole ones and one of 100 bytes."""
    body = data[HEADER:]
    return data[:HEADER], body[:SEALED], body[SEALED : 2 * SEALED], body[2 * SEALED :]


def flip(data, place):
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


CHANGES = {
    "two chunks change places": lambda head, one, two, last: head + two + one + last,
    "a chunk is left out": lambda head, one, two, last: head + one + last,
    "a chunk comes twice": lambda head, one, two, last: head + one + one + two + last,
    "the last chunk is cut off": lambda head, one, two, last: head + one + two,
    "all chunks but one are cut off": lambda head, one, two, last: head + one,
    "all chunks are cut off": lambda head, one, two, last: head,
    "the last byte is cut off": lambda head, one, two, last: head + one + two + last[:-1],
    "a byte is added": lambda head, one, two, last: head + one + two + last + b"0",
    "a chunk is added": lambda head, one, two, last: head + one + two + last + last,
    "a bit of the words changes": lambda head, one, two, last: head + flip(one, 9) + two + last,
    "a bit of a tag changes": lambda head, one, two, last: head + one + two + flip(last, -1),
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_changed_file_does_not_open(tmp_path, keys, write_sealed, how):
    sealed = write_sealed(os.urandom(2 * vault.CHUNK + 100))
    sealed.write_bytes(CHANGES[how](*split(sealed.read_bytes())))
    with pytest.raises(vault.VaultError, match="does not open at chunk"):
        vault.decrypt_file(sealed, keys)
    assert [path.name for path in tmp_path.iterdir() if "wav" in path.name] == ["call.wav.vault"]


def test_chunks_of_two_files_of_one_key_do_not_mix(keys, write_sealed):
    one, two = write_sealed(b"a" * 10, "one"), write_sealed(b"b" * 10, "two")
    one.write_bytes(one.read_bytes()[:HEADER] + two.read_bytes()[HEADER:])
    with pytest.raises(vault.VaultError, match="does not open at chunk 1"):
        read(one, keys)


def test_a_wrong_key_under_the_right_id_is_told_from_a_missing_one(keys, write_sealed):
    sealed = write_sealed(b"words")
    wrong = vault.Keys(keys.current, {keys.current: b"\1" * 32})
    with pytest.raises(vault.VaultError, match="is not the one that it was encrypted with"):
        read(sealed, wrong)
    with pytest.raises(vault.VaultError, match=f"needs key '{keys.current}', which is not here"):
        read(sealed, vault.Keys("other", {"other": b"\1" * 32}))


def test_a_plain_file_is_refused_by_name_and_by_content(tmp_path, keys):
    plain = tmp_path / "call.wav"
    plain.write_bytes(b"RIFF")
    with pytest.raises(UsageError, match=r"does not end in \.vault"):
        vault.decrypt_file(plain, keys)
    with pytest.raises(vault.VaultError, match="no file of the vault"):
        read(plain, keys)


def test_a_key_of_the_environment_comes_first_and_must_be_256_bits(settings, write_sealed):
    sealed = write_sealed(b"words of an earlier key")
    given = vault.load_keys(settings.home, {vault.VARIABLE: "ab" * 32})
    assert given.current == "environment"
    assert read(sealed, given) == b"words of an earlier key"
    with pytest.raises(UsageError, match="has 4 characters; wanted 64 hexadecimal digits"):
        vault.load_keys(settings.home, {vault.VARIABLE: "abab"})


def test_keys_are_for_their_owner_only(settings, keys):
    path = settings.home.secrets / "vault" / f"{keys.current}.key"
    assert path.stat().st_mode & 0o777 == 0o600


def test_rotation_leaves_every_file_readable_under_the_new_key_alone(settings):
    folder = settings.home.root / "recordings"
    folder.mkdir(parents=True)
    for number in range(3):
        path = folder / f"{number}.wav"
        path.write_bytes(bytes([number]) * 70_000)
        vault.encrypt_file(path, vault.load_keys(settings.home))
    old = vault.load_keys(settings.home).current
    result = CliRunner().invoke(app, ["vault", "rotate", "--drop-unused"])
    assert result.exit_code == 0, result.output
    keys = vault.load_keys(settings.home)
    assert old not in keys.by_id
    assert vault.count_keys(vault.list_files(settings.home)) == {keys.current: 3}
    for number in range(3):
        assert read(folder / f"{number}.wav.vault", keys) == bytes([number]) * 70_000


KILLED = """
import os, signal, sys
from pathlib import Path
from leadloop import pointer
from leadloop.privacy import vault
from leadloop.settings import load_settings

left = int(sys.argv[1])
write = os.fsync
def fsync(handle):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    write(handle)
vault.os.fsync = fsync
home = load_settings().home
vault.rotate_files(vault.list_files(home), vault.load_keys(home))
"""


@pytest.mark.parametrize("survived", range(5))
def test_a_rotation_killed_anywhere_loses_no_file_and_is_finished_by_the_next(settings, survived):
    folder = settings.home.root / "recordings"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.wav").write_bytes(bytes([number]) * 70_000)
        vault.encrypt_file(folder / f"{number}.wav", vault.load_keys(settings.home))
    vault.add_key(settings.home)
    # Each file syncs twice: its content before the rename, the folder after it.
    killed = subprocess.run([sys.executable, "-c", KILLED, str(survived)], env=dict(os.environ))
    assert killed.returncode == -signal.SIGKILL
    keys = vault.load_keys(settings.home)
    counts = vault.count_keys(vault.list_files(settings.home))
    assert counts.get(keys.current, 0) == (survived + 1) // 2
    for number in range(3):
        assert read(folder / f"{number}.wav.vault", keys) == bytes([number]) * 70_000
    result = CliRunner().invoke(app, ["vault", "rotate"])
    assert result.exit_code == 0, result.output
    assert vault.load_keys(settings.home).current == keys.current
    assert vault.count_keys(vault.list_files(settings.home)) == {keys.current: 3}


def test_the_commands_encrypt_decrypt_and_count(settings, tmp_path):
    path = settings.home.root / "a.wav"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"voice")
    runner = CliRunner()
    assert runner.invoke(app, ["vault", "encrypt", str(path)]).exit_code == 0
    sealed = path.with_name("a.wav.vault")
    assert runner.invoke(app, ["vault", "decrypt", str(sealed)]).exit_code == 0
    assert path.read_bytes() == b"voice"
    shown = runner.invoke(app, ["vault", "status", "--json", "-"]).output
    assert '"files": 1' in shown
