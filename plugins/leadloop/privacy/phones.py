"""Phone numbers as they may be kept: a keyed hash for joins, the last four digits, the region.

The hash is HMAC-SHA256 of the E.164 form with the company's key (`keys.load_key`), so
two spellings of a number join and nobody without the key can go through all numbers. Free text
is the business of `mask`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

_MAINLAND_MOBILE: Final = re.compile(r"(?:\+86)?(1[3-9][0-9]{9})")
_HIDDEN: Final = re.compile(r"[*＊•●xX#]{2,}")
_BLOCK: Final = 64


@dataclass(frozen=True, slots=True)
class Phone:
    """What is kept of a number; `hash` is None where it is masked, withheld or impossible."""

    hash: str | None = None
    last4: str | None = None
    region: str | None = None


NOBODY: Final = Phone()


class PhoneHasher:
    """Turns numbers as written into what may be kept; one for each key and home region."""

    def __init__(self, key: bytes, region: str) -> None:
        block = hashlib.sha256(key).digest() if len(key) > _BLOCK else key
        padded = block.ljust(_BLOCK, b"\0")
        # The two halves of HMAC, started once: a third of the time of hmac.digest per number.
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))
        self._region = region.upper()

    def read(self, text: str | None) -> Phone:
        """Return what is kept of one number.

        >>> PhoneHasher(b"key", "CN").read("138****1234")
        Phone(hash=None, last4='1234', region=None)
        """
        if not text:
            return NOBODY
        found = split_e164(text, self._region)
        if found is None:
            return Phone(last4=_read_last4(text))
        number, region = found
        return Phone(self.hash(number), number[-4:], region)

    def read_array(self, texts: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Return hashes, last four digits and regions of a string array.

        Plain mobile numbers of the mainland, nearly all there, skip the library.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        coded = texts.dictionary_encode()
        known = coded.dictionary
        pattern = _MAINLAND_MOBILE.pattern if self._region == "CN" else r"\+86(1[3-9][0-9]{9})"
        plain = pc.match_substring_regex(known, f"^(?:{pattern})$")
        mobiles = pc.utf8_slice_codeunits(pc.filter(known, plain), -11)
        e164 = pc.binary_join_element_wise("+86", mobiles, "").cast(pa.binary())
        others = [self.read(text) for text in pc.filter(known, pc.invert(plain)).to_pylist()]
        merged = (
            (self._hash_all(e164.to_pylist()), [phone.hash for phone in others]),
            (pc.utf8_slice_codeunits(mobiles, -4), [phone.last4 for phone in others]),
            (["CN"] * len(mobiles), [phone.region for phone in others]),
        )
        hashes, last4s, regions = (
            _merge(plain, fast, slow).take(coded.indices) for fast, slow in merged
        )
        return hashes, last4s, regions

    def hide_numbers(self, texts: pa.Array) -> pa.Array:
        """Return ids with a hash instead of each that is a mobile number; equal ones stay equal."""
        import pyarrow as pa
        import pyarrow.compute as pc

        hits = pc.fill_null(pc.match_substring_regex(texts, f"^{_MAINLAND_MOBILE.pattern}$"), False)
        if not pc.any(hits).as_py():
            return texts
        numbers = pc.utf8_slice_codeunits(pc.filter(texts, hits), -11)
        hashes = self._hash_all(f"+86{number}".encode() for number in numbers.to_pylist())
        return pc.replace_with_mask(texts, hits, pa.array(hashes, pa.string()))

    def hash(self, number: str) -> str:
        """Return the keyed hash of a number in E.164 form, as 64 hexadecimal digits."""
        return self._hash_all([number.encode()])[0]

    def _hash_all(self, numbers: Iterable[bytes]) -> list[str]:
        start_inner, start_outer = self._inner.copy, self._outer.copy
        hashes = []
        for number in numbers:
            inner = start_inner()
            inner.update(number)
            outer = start_outer()
            outer.update(inner.digest())
            hashes.append(outer.hexdigest())
        return hashes


def split_e164(text: str, region: str) -> tuple[str, str | None] | None:
    """Return the number in E.164 form and its region, or None where it cannot be one.

    A mainland mobile needs the shape only: which prefixes are in service changes with every
    edition of the library's tables, and a key for joins must not. Other numbers must be valid:
    a local number without its area code would join strangers.

    >>> split_e164("0138 1234 5678", "CN")
    ('+8613812345678', 'CN')
    """
    plain = _MAINLAND_MOBILE.fullmatch(text)
    if plain and (region == "CN" or text.startswith("+")):
        return f"+86{plain[1]}", "CN"
    return _split_by_library(text, region)


def _split_by_library(text: str, region: str) -> tuple[str, str | None] | None:
    import phonenumbers

    if _HIDDEN.search(text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not (_MAINLAND_MOBILE.fullmatch(e164) or phonenumbers.is_valid_number(number)):
        return None
    return e164, phonenumbers.region_code_for_number(number)


def _merge(plain: pa.Array, fast: Any, slow: list[str | None]) -> pa.Array:
    """Return one array that has `fast` where plain and `slow` elsewhere, both in order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    merged = pa.nulls(len(plain), pa.string())
    merged = pc.replace_with_mask(merged, plain, pa.array(fast, pa.string()))
    return pc.replace_with_mask(merged, pc.invert(plain), pa.array(slow, pa.string()))


def _read_last4(text: str) -> str | None:
    # Short codes such as 10086 are nobody's secret; four digits alone would be the whole number.
    digits = re.sub(r"[^0-9*＊•●xX#]", "", text)
    return digits[-4:] if len(digits) > 4 and re.fullmatch(r"[0-9]{4}", digits[-4:]) else None
