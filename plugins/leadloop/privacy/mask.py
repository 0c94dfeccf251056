"""Masking of free text before it lands: placeholders instead of what points at a person.

Phones (also with spaces, also spoken: 幺三八...), ID cards by checksum, bank cards by Luhn,
e-mail, WeChat and QQ by context. Order numbers, prices and dates stay: analysts need them. Keys
for joins are made in `phones`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

# Digits as people say and write them; one character each, so that places stay the same.
_WRITTEN: Final = str.maketrans("０１２３４５６７８９", "0123456789")
_SPOKEN: Final = str.maketrans(
    "零〇○洞一幺妖腰壹二两贰三叁四肆五伍六陆七拐柒八捌九勾玖", "0000111112223344556677788999"
)
_GAP: Final = r"[\s\-_.·,，、—–]{0,2}"
_START: Final = r"(?<!\d)(?<!\d\.)"
_END: Final = r"(?!\d)(?!\.\d)"
_MOBILE: Final = re.compile(
    rf"{_START}(?:(?:\+|00)?86{_GAP})?(?:"
    rf"1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
    rf"|1[3-9]\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{4}}"
    rf"|1[3-9]\d{_GAP}\d{{3}}{_GAP}\d{{5}}"
    rf"|1[3-9]\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}"
    rf"|1{_GAP}[3-9](?:{_GAP}\d){{9}}(?<=\d[\s\-_.·,，、—–]\d)"
    rf"){_END}"
)
_AREA: Final = r"0(?:10|2\d|[3-9]\d{2})"
_LANDLINE: Final = re.compile(rf"{_START}(?:\({_AREA}\)\s?|{_AREA}[\s\-])\d{{3,4}}\s?\d{{4}}{_END}")
_CALLED: Final = re.compile(
    rf"(?:电话|座机|号码|拨打|回拨|打到|tel|phone|call)\D{{0,6}}({_AREA}\d{{7,8}}){_END}",
    re.IGNORECASE,
)
# Service lines (400, 800) are nobody's number.
_AMERICAN: Final = re.compile(
    rf"{_START}(?!\(?[48]00)(?:\(\d{{3}}\)\s?|\d{{3}}[-.])\d{{3}}[-.]\d{{4}}{_END}"
)
_FOREIGN: Final = re.compile(r"(?<!\d)\+\d{1,3}(?:[\s\-()]{0,2}\d){6,13}(?!\d)")
_ID_CARD: Final = re.compile(
    rf"(?<![\dA-Za-z])[1-9]\d{{5}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXx](?![\dA-Za-z])"
)
_ID_NAMED: Final = re.compile(
    r"身份证(?:号码|号)?[\s是为:：,，]{0,4}((?:\d[\s\-]?){14}(?:(?:\d[\s\-]?){3})?[\dXx])(?!\d)"
)
_CARD: Final = re.compile(
    rf"{_START}(?:62|4\d|5[1-5]|35|22[2-9]|2[3-6]\d|27[01]|60|9\d)(?:[\s\-]?\d){{13,17}}{_END}"
)
_ORDER: Final = re.compile(
    r"(?:订单|单号|运单|流水|编号|合同|order|tracking|invoice)\D{0,8}$", re.IGNORECASE
)
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}"
)
_WECHAT: Final = re.compile(
    r"(?:微信|薇信|威信|wechat|weixin|(?<![a-z])(?:vx|wx))(?:号|id)?[\s是为:：加]{0,4}"
    r"(?<![A-Za-z0-9_])([a-z][\w\-]{5,19})",
    re.IGNORECASE | re.ASCII,
)
_QQ: Final = re.compile(
    r"(?:qq|扣扣|企鹅)(?:号码|号|群)?[\s是为:：加]{0,4}([1-9]\d{4,10})(?!\d)", re.IGNORECASE
)
# Nothing above can match a text without one of these; most utterances stop here.
_DIGIT: Final = "[0-9０-９零〇○洞一幺妖腰壹二两贰三叁四肆五伍六陆七拐柒八捌九勾玖]"
WORTH_A_LOOK: Final = (
    rf"{_DIGIT}(?:[\s\-_.·,，、—–()]{{0,2}}{_DIGIT}){{4}}|@"
    r"|微信|薇信|威信|(?i:wechat|weixin|vx|wx|qq)|扣扣|企鹅"
)
_WORTH: Final = re.compile(WORTH_A_LOOK)
_LONG_NUMBER: Final = re.compile(r"\d(?:[\s\-]?\d){6,}")


def mask_text(text: str) -> str:
    """Return the text with placeholders for what points at a person.

    >>> mask_text("打我手机幺三八 一二三四 五六七八，订单号20260105001")
    '打我手机<PHONE>，订单号20260105001'
    """
    if not _WORTH.search(text):
        return text
    written = _mask_spans(text, text.translate(_WRITTEN))
    # Words for digits come second: in "第一13812345678" they would hide where the number starts.
    spoken = written.translate(_SPOKEN)
    return written if spoken == written else _mask_spans(written, spoken)


def mask_line(text: str) -> str:
    """Return a line of unknown shape, masked without mercy: long numbers go as well.

    For broken lines in quarantine, where no column says what a number is.

    >>> mask_line("c1,outbound,1381234567,成交")
    'c1,outbound,<NUMBER>,成交'
    """
    return _LONG_NUMBER.sub("<NUMBER>", mask_text(text))


def mask_array(texts: pa.Array) -> pa.Array:
    """Return a string array with every text masked; only texts that may hold something are read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    hits = pc.fill_null(pc.match_substring_regex(texts, WORTH_A_LOOK), False)
    if not pc.any(hits).as_py():
        return texts
    coded = pc.filter(texts, hits).dictionary_encode()
    masked = pa.array([mask_text(text) for text in coded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(texts, hits, masked.take(coded.indices))


def is_id_card(digits: str) -> bool:
    """Return whether 18 characters carry the checksum of a mainland ID card.

    >>> is_id_card("11010119900307803X"), is_id_card("110101199003078031")
    (True, False)
    """
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    if len(digits) != 18 or not digits[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
    return "10X98765432"[total % 11] == digits[17].upper()


def is_luhn(digits: str) -> bool:
    """Return whether the last digit is the Luhn check digit of the others.

    >>> is_luhn("6222021234567894"), is_luhn("6222021234567890")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _mask_spans(text: str, digits: str) -> str:
    """Mask by looking at `digits`, the same text character by character with plain digits."""
    for pattern, token, group, accept in _STEPS:
        spans = [
            match.span(group)
            for match in pattern.finditer(digits)
            if accept is None or accept(match)
        ]
        for begin, end in reversed(spans):
            text = f"{text[:begin]}{token}{text[end:]}"
            digits = f"{digits[:begin]}{token}{digits[end:]}"
    return text


def _holds_id_card(match: re.Match[str]) -> bool:
    return is_id_card(re.sub(r"[^0-9Xx]", "", match[0]))


def _holds_card(match: re.Match[str]) -> bool:
    number = re.sub(r"\D", "", match[0])
    named_otherwise = _ORDER.search(match.string[max(0, match.start() - 16) : match.start()])
    return 16 <= len(number) <= 19 and is_luhn(number) and not named_otherwise


def _holds_wechat(match: re.Match[str]) -> bool:
    # "微信 payment" is a word, "微信zhang_88" and "微信号是zhangsan" are ids.
    named = match.string[match.start() : match.start(1)]
    return bool(re.search(r"[号是为:：加]|id", named) or re.search(r"[\d_\-]", match[1]))


def _holds_foreign(match: re.Match[str]) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(match[0], None))
    except phonenumbers.NumberParseException:
        return False


_Step = tuple["re.Pattern[str]", str, int, "Callable[[re.Match[str]], bool] | None"]
_STEPS: Final[tuple[_Step, ...]] = (
    (_EMAIL, "<EMAIL>", 0, None),
    (_ID_NAMED, "<ID_CARD>", 1, None),
    (_ID_CARD, "<ID_CARD>", 0, _holds_id_card),
    (_CARD, "<BANK_CARD>", 0, _holds_card),
    (_WECHAT, "<WECHAT>", 1, _holds_wechat),
    (_QQ, "<QQ>", 1, None),
    (_MOBILE, "<PHONE>", 0, None),
    (_LANDLINE, "<PHONE>", 0, None),
    (_CALLED, "<PHONE>", 1, None),
    (_AMERICAN, "<PHONE>", 0, None),
    (_FOREIGN, "<PHONE>", 0, _holds_foreign),
)
