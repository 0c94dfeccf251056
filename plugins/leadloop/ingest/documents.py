"""What there is to read: a file, a file's unpacked text, each member of a zip, a folder's files.

Nothing is unpacked to a place where it could stay: members are read as streams, and what needs
to be read from the end (Parquet, workbooks) goes through a nameless temporary file.
"""

from __future__ import annotations

import gzip
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from leadloop.ingest import IngestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEMBERS: Final = 1_000
UNPACKED_BYTES: Final = 4_000_000_000
# Real exports shrink to a tenth or so; a file made to fill disks a thousandfold.
_SHRINKS: Final = 200
_SUSPICIOUS_BYTES: Final = 100_000_000
# What transfer programs call a file that is still being written.
_UNFINISHED: Final = (".part", ".partial", ".tmp", ".filepart", ".crdownload", "~")
# Left behind by desktops: no data.
_CLUTTER: Final = ("thumbs.db", "desktop.ini", "__macosx")


@dataclass(frozen=True, slots=True)
class Document:
    """One file to read: by itself, or a member of a zip by its place in there."""

    path: Path
    place: int | None = None
    member: str = ""

    def __str__(self) -> str:
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    @property
    def name(self) -> str:
        """The file's name, with the member's below its zip's."""
        return f"{self.path.name}/{self.member}" if self.member else self.path.name

    @contextmanager
    def open_stored(self) -> Iterator[IO[bytes]]:
        """Give the bytes as they are stored; a .gz is not unpacked."""
        if self.place is None:
            with self.path.open("rb") as handle:
                yield handle
            return
        with zipfile.ZipFile(self.path) as whole, whole.open(whole.infolist()[self.place]) as part:
            yield part

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Give the bytes, unpacked if they are gzip or the name ends in .gz."""
        with self.open_stored() as handle:
            peeking: Any = handle
            if peeking.peek(2)[:2] != b"\x1f\x8b" and not self.name.lower().endswith(".gz"):
                yield handle
                return
            with gzip.open(handle) as unpacked:
                yield cast("IO[bytes]", unpacked)

    @contextmanager
    def open_seekable(self) -> Iterator[IO[bytes]]:
        """Give the unpacked bytes as a file that can be read from any place."""
        with self.open() as handle:
            if isinstance(handle, gzip.GzipFile) or self.place is not None:
                with tempfile.TemporaryFile() as aside:
                    self._copy(handle, aside)
                    yield aside
            else:
                yield handle

    def _copy(self, handle: IO[bytes], target: IO[bytes]) -> None:
        left = UNPACKED_BYTES
        while block := handle.read(1_000_000):
            left -= len(block)
            if left < 0:
                raise IngestError(_call_a_bomb(self))
            target.write(block)
        target.seek(0)


def list_documents(paths: Iterable[Path]) -> list[Document]:
    """Return what is to be read: a folder gives its files, a zip its members, in order of name."""
    found = []
    for path in paths:
        files = list_files(path)
        if not files:
            message = f"{path} is a folder without any finished file. Give a folder with exports."
            raise IngestError(message)
        found += [one for file in files for one in _open_up(file)]
    return found


def list_files(path: Path) -> list[Path]:
    """Return a folder's files, nested ones too, in order of name; a file as it is."""
    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*") if is_wanted(file.relative_to(path).parts))
    return sorted(file for file in found if file.is_file())


def is_wanted(parts: Iterable[str]) -> bool:
    """Return whether a path holds data: not hidden, not half written, no desktop's clutter."""
    return not any(
        part.startswith((".", "~$")) or part.endswith(_UNFINISHED) or part.lower() in _CLUTTER
        for part in parts
    )


def _open_up(path: Path) -> list[Document]:
    from leadloop.ingest.readers import explain

    one = Document(path)
    with explain(one):
        with path.open("rb") as handle:
            start = handle.read(4)
        if start not in (b"PK\x03\x04", b"PK\x05\x06"):
            return [one]
        with zipfile.ZipFile(path) as whole:
            members = whole.infolist()
            check_members(one, members)
        if any(member.filename == "[Content_Types].xml" for member in members):
            return [one]
        found = [
            Document(path, place, _name(member))
            for place, member in enumerate(members)
            if not member.is_dir() and is_wanted(Path(_name(member)).parts)
        ]
    if not found:
        message = f"{path} is a zip without any file in it. Nothing has landed: fetch it again."
        raise IngestError(message)
    return sorted(found, key=lambda document: document.member)


def check_members(document: Document, members: list[zipfile.ZipInfo]) -> None:
    """Raise IngestError for a zip that would unpack to what no export is, or is locked."""
    whole = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if whole > _SUSPICIOUS_BYTES and whole > _SHRINKS * packed:
        raise IngestError(_call_a_bomb(document))
    if len(members) > MEMBERS:
        message = (
            f"{document} holds {len(members)} files, more than {MEMBERS}: unpack it and import "
            "the folder. Nothing has landed."
        )
        raise IngestError(message)
    if any(member.flag_bits & 1 for member in members):
        message = f"{document} is locked by a password: unpack it first. Nothing has landed."
        raise IngestError(message)


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese Windows writes GBK where the format says CP437."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    stored = member.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return stored.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _call_a_bomb(document: Document) -> str:
    return (
        f"{document} unpacks to far more than an export would: it looks like a zip bomb. "
        "Nothing has landed; if it is right, unpack it yourself and import the folder."
    )
