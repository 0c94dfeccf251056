"""Phone numbers: one hash for every spelling, none where a number is hidden."""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa
import pytest

from leadloop.privacy import phones
from leadloop.privacy.phones import NOBODY, Phone, PhoneHasher, split_e164

KEY = b"key of the tests"


def expected(e164: str) -> str:
    return hmac.new(KEY, e164.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+8613812345678",
        "+86 138 1234 5678",
        "008613812345678",
        "8613812345678",
        "013812345678",
        "１３８１２３４５６７８",
    ],
)
def test_every_spelling_of_a_number_has_one_hash(text):
    assert PhoneHasher(KEY, "CN").read(text) == Phone(expected("+8613812345678"), "5678", "CN")


@pytest.mark.parametrize(
    ("text", "last4"),
    [
        pytest.param("138****1234", "1234", id="stars"),
        pytest.param("138xxxx1234", "1234", id="letters"),
        pytest.param("1381234****", None, id="end hidden"),
        pytest.param("10086", "0086", id="service number"),
        pytest.param("12345678", "5678", id="no area code"),
        pytest.param("1381234567", "4567", id="a digit short"),
        pytest.param("1234", None, id="four digits would be all of it"),
        pytest.param("unknown", None, id="words"),
    ],
)
def test_a_hidden_or_impossible_number_has_no_hash(text, last4):
    assert PhoneHasher(KEY, "CN").read(text) == Phone(None, last4, None)


@pytest.mark.parametrize("text", [None, ""])
def test_no_number_is_nobody(text):
    assert PhoneHasher(KEY, "CN").read(text) == NOBODY


def test_the_home_region_reads_local_numbers():
    assert split_e164("(650) 253-0000", "US") == ("+16502530000", "US")
    assert split_e164("010-62345678", "CN") == ("+861062345678", "CN")
    assert split_e164("+8613812345678", "US") == ("+8613812345678", "CN")


def test_the_fast_path_agrees_with_the_library_on_every_mobile_prefix(monkeypatch):
    for prefix in range(130, 200):
        for form in (f"{prefix}12345678", f"+86{prefix}00000000", f"{prefix}99999999"):
            assert split_e164(form, "CN") == phones._split_by_library(form, "CN")


def test_an_array_is_read_like_its_numbers():
    texts = [
        "13812345678",
        None,
        "138****1234",
        "+16502530000",
        "13812345678",
        "junk",
        "19912345678",
    ]
    hasher = PhoneHasher(KEY, "CN")
    hashes, last4s, regions = hasher.read_array(pa.array(texts, pa.string()))
    one_by_one = [hasher.read(text) for text in texts]
    assert hashes.to_pylist() == [phone.hash for phone in one_by_one]
    assert last4s.to_pylist() == [phone.last4 for phone in one_by_one]
    assert regions.to_pylist() == [phone.region for phone in one_by_one]


def test_another_home_region_does_not_take_plain_numbers_for_chinese():
    hashes, _, regions = PhoneHasher(KEY, "US").read_array(
        pa.array(["13812345678", "+8613812345678"])
    )
    assert hashes.to_pylist()[1] == expected("+8613812345678")
    assert hashes.to_pylist()[0] != hashes.to_pylist()[1]
    assert regions.to_pylist()[1] == "CN"


@pytest.mark.parametrize("key", [b"short", b"k" * 64, b"k" * 65, b"k" * 200])
def test_the_hash_is_hmac_for_keys_of_any_length(key):
    wanted = hmac.new(key, b"+8613812345678", hashlib.sha256).hexdigest()
    assert PhoneHasher(key, "CN").hash("+8613812345678") == wanted


def test_another_key_gives_another_hash():
    assert PhoneHasher(b"other", "CN").hash("+8613812345678") != expected("+8613812345678")
