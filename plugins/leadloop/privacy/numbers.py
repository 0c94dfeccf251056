"""Numbers and accounts that point at a person: phones, cards, plates, e-mail, QQ.

Written and spoken (幺三八…) alike: digits are looked at twice, first as they are written, then
with the words for digits read as digits. Order numbers, prices, dates and service lines stay.
Neighbours: `wechat`, `names`, `places`; `mask` puts them together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from leadloop.privacy import wechat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadloop.privacy.names import Found

# One character each, so that places stay the same.
_WRITTEN: Final = str.maketrans("０１２３４５６７８９", "0123456789")
_SPOKEN: Final = str.maketrans(
    "零〇○洞一幺妖腰壹二两贰三叁四肆五伍六陆七拐柒八捌九勾玖叉",
    "0000111112223344556677788999X",
)
_WORDS: Final = re.compile("[零〇○洞一幺妖腰壹二两贰三叁四肆五伍六陆七拐柒八捌九勾玖]")
# What may stand between two digits: marks, and the sounds of someone who looks the number up.
_GAP: Final = r"[\s\-_./·,，。、—–嗯呃啊哦]{0,3}"
_START: Final = r"(?<!\d)(?<!\d\.)"
_END: Final = r"(?!\d)(?!\.\d)"
_MOBILE: Final = re.compile(
    rf"{_START}(?:\(?(?:\+|00)?86\)?{_GAP})?(?:"
    rf"1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
    rf"|1[3-9]\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{4}}"
    rf"|1[3-9]\d{_GAP}\d{{3}}{_GAP}\d{{5}}"
    rf"|1[3-9]\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}"
    rf"|1{_GAP}[3-9](?:{_GAP}\d){{9}}(?<=\d[\s\-_.·,，、—–]\d)"
    rf"){_END}"
)
# Eleven digits in groups of any size, with one kind of mark between all of them.
_GROUPED: Final = re.compile(rf"{_START}1[3-9]\d+(?:(\s?[\s\-_/·,，、—–]\s?)\d+)(?:\1\d+)*{_END}")
_DICTATED: Final = re.compile(rf"{_START}1{_GAP}[3-9](?:{_GAP}\d){{9}}{_END}")
_AREA: Final = r"0(?:10|2\d|[3-9]\d{2})"
_LANDLINE: Final = re.compile(rf"{_START}(?:\({_AREA}\)\s?|{_AREA}[\s\-])\d{{3,4}}\s?\d{{4}}{_END}")
_PLAIN_LANDLINE: Final = re.compile(
    rf"(?<![A-Za-z]){_START}(?:0(?:10|2\d)[2-8]\d{{7}}|0[3-9]\d{{2}}[2-8]\d{{6,7}}){_END}"
)
_CALLED: Final = re.compile(
    rf"(?:电话|座机|固话|传真|号码|拨打|回拨|打到|tel|phone|call)\D{{0,6}}"
    rf"({_AREA}(?:{_GAP}\d){{7,8}}){_END}",
    re.IGNORECASE,
)
# Service lines (400, 800) are nobody's number.
_AMERICAN: Final = re.compile(
    rf"{_START}(?!\(?[48]00)(?:\(\d{{3}}\)\s?|\d{{3}}[-.])\d{{3}}[-.]\d{{4}}{_END}"
)
_FOREIGN: Final = re.compile(r"(?<!\d)\+\d{1,3}(?:[\s\-()]{0,2}\d){6,13}(?!\d)")
_ID_CARD: Final = re.compile(rf"(?<![\dA-Za-z])[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx](?![\dA-Za-z])")
_ID_NAMED: Final = re.compile(
    rf"(?:身份证|证件)(?:号码|号)?[\s是为:：,，]{{0,4}}"
    rf"((?:\d{_GAP}){{14}}(?:(?:\d{_GAP}){{3}})?[\dXx])(?!\d)"
)
_CARD: Final = re.compile(
    rf"{_START}(?:62|4\d|5[1-5]|35|22[2-9]|2[3-6]\d|27[01]|60|9\d)(?:{_GAP}\d){{13,17}}{_END}"
)
_CARD_NAMED: Final = re.compile(
    rf"(?:卡号|银行卡|储蓄卡|信用卡|工资卡|card(?: number)?)"
    rf"[^\d]{{0,6}}(\d(?:{_GAP}\d){{15,18}}){_END}",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    r"(?:订单|单号|运单|快递|流水|编号|合同|保单|货号|order|tracking|invoice)\D{0,8}$",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}"
)
_EMAIL_SPOKEN: Final = re.compile(
    r"[a-z0-9][a-z0-9._\-]{1,30}\s?(?:艾特|圈a|\bat\b)\s?[a-z0-9\-]{1,20}"
    r"(?:\s?(?:点|\bdot\b)\s?[a-z]{2,6}){1,2}",
    re.IGNORECASE,
)
_QQ: Final = re.compile(
    r"(?:qq|扣扣|企鹅)(?:号码|号|群)?[\s是为:：加]{0,4}([1-9]\d{4,10})(?!\d)", re.IGNORECASE
)
_PERMIT: Final = re.compile(
    r"(?:护照|通行证|回乡证|台胞证|passport)的?\s?(?:号码|号|number|no\.?)?[\s是为:：]{0,4}"
    r"([a-z][a-z]?\d{7,10})(?![a-z\d])",
    re.IGNORECASE,
)
_PROVINCE: Final = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_BETWEEN: Final = r"[\s·•,，、\-]{0,2}"
_MARK: Final = f"{_BETWEEN}[A-HJ-NP-Z0-9]"
# New-energy plates have six places, with a letter first (small cars) or last (large ones).
_PLATE: Final = re.compile(
    rf"{_PROVINCE}{_BETWEEN}[A-HJ-Z](?:"
    rf"{_BETWEEN}[A-HJK]{_MARK}(?:{_BETWEEN}\d){{4}}|(?:{_BETWEEN}\d){{5}}{_BETWEEN}[A-HJK]"
    rf"|(?:{_MARK}){{5}}|(?:{_MARK}){{4}}[警学挂港澳领试])(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_DIGIT: Final = "[0-9０-９零〇○洞一幺妖腰壹二两贰三叁四肆五伍六陆七拐柒八捌九勾玖]"
# What a text must hold before any pattern above can match, in the words of RE2 and of Python.
CUE: Final = (
    rf"{_DIGIT}(?:[\s　\-_./·,，。、—–()嗯呃啊哦]{{0,3}}{_DIGIT}){{4}}|@|艾特|圈[aA]"
    rf"|{wechat.CUE}|(?i:qq| dot )|扣扣|企鹅|wxid_"
    rf"|护照|通行证|回乡证|台胞证|(?i:passport)|{_PROVINCE}[\s·•,，、\-]{{0,2}}[A-HJ-Za-hj-z]"
)
# Stands where something was found: no letter, no digit, and as long as what was there.
TAKEN: Final = "\ue000"


def find_numbers(text: str) -> Iterator[Found]:
    """Yield where numbers and accounts are and what to put there, none across another.

    >>> text = "打我手机幺三八 一二三四 五六七八，订单号20260105001"
    >>> [(text[begin:end], token) for begin, end, token in find_numbers(text)]
    [('幺三八 一二三四 五六七八', '<PHONE>')]
    """
    written = text.translate(_WRITTEN)
    found = list(_find_steps(written))
    yield from found
    written = blank(written, found)
    # Words for digits come second: in "第一13812345678" they would hide where the number starts.
    if len(_WORDS.findall(written)) < 3:
        return
    spoken = written.translate(_SPOKEN)
    found = [
        (begin, end, token)
        for begin, end, token in _find_steps(spoken)
        # "运单4395...21一直没动": one word behind a number is no part of it.
        if len(_WORDS.findall(text[begin:end])) >= (4 if "CARD" in token else 1)
    ]
    yield from found
    spoken = blank(spoken, found)
    for match in _DICTATED.finditer(spoken):
        # Digits in any groups are a phone where nearly all are words; "13 8 2026 12 30 45" is not.
        if len(_WORDS.findall(text[match.start() : match.end()])) >= 8:
            yield *match.span(), "<PHONE>"


def _find_steps(digits: str) -> Iterator[Found]:
    """Yield what the patterns find, one after another; none looks at what an earlier one took."""
    for pattern, token, group, accept in _STEPS if _WECHAT_CUE.search(digits) else _OTHER_STEPS:
        found: list[Found] = []
        for match in pattern.finditer(digits):
            if accept is None or accept(match):
                found.append((*match.span(group), token))
        if found:
            yield from found
            digits = blank(digits, found)


def spell_digits(text: str) -> str:
    """Return the text with words for digits and wide digits as plain ones, place by place.

    >>> spell_digits("幺三八，两箱")
    '138，2箱'
    """
    return text.translate(_WRITTEN).translate(_SPOKEN)


def blank(text: str, found: list[Found]) -> str:
    """Return the text with these stretches marked as taken; all places stay."""
    if not found:
        return text
    pieces: list[str] = []
    last = 0
    for begin, end, _ in sorted(found):
        pieces += (text[last:begin], TAKEN * (end - begin))
        last = end
    return "".join((*pieces, text[last:]))


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


def _holds_id_card(match: re.Match[str]) -> bool:
    digits = re.sub(r"[^0-9Xx]", "", match[0])
    born = re.fullmatch(r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", digits[6:14])
    return bool(born) and is_id_card(digits)


def _is_no_order(match: re.Match[str]) -> bool:
    return not _ORDER.search(match.string[max(0, match.start() - 16) : match.start()])


def _holds_card(match: re.Match[str]) -> bool:
    number = re.sub(r"\D", "", match[0])
    return 16 <= len(number) <= 19 and is_luhn(number) and _is_no_order(match)


def _holds_mobile(match: re.Match[str]) -> bool:
    return len(re.sub(r"\D", "", match[0])) == 11 and _is_no_order(match)


def _holds_plate(match: re.Match[str]) -> bool:
    tail = re.sub(r"[^A-Za-z0-9]", "", match[0])[1:]
    return sum(character.isalpha() for character in tail) <= 2


def _holds_foreign(match: re.Match[str]) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(match[0], None))
    except phonenumbers.NumberParseException:
        return False


_Step = tuple["re.Pattern[str]", str, int | str, "Callable[[re.Match[str]], bool] | None"]
_STEPS: Final[tuple[_Step, ...]] = (
    (_EMAIL, "<EMAIL>", 0, None),
    (_EMAIL_SPOKEN, "<EMAIL>", 0, None),
    (_PERMIT, "<PERMIT>", 1, None),
    (_PLATE, "<PLATE>", 0, _holds_plate),
    (_ID_NAMED, "<ID_CARD>", 1, None),
    (_ID_CARD, "<ID_CARD>", 0, _holds_id_card),
    (_CARD_NAMED, "<BANK_CARD>", 1, None),
    (_CARD, "<BANK_CARD>", 0, _holds_card),
    *wechat.STEPS,
    (_QQ, "<QQ>", 1, None),
    (_MOBILE, "<PHONE>", 0, None),
    (_GROUPED, "<PHONE>", 0, _holds_mobile),
    (_LANDLINE, "<PHONE>", 0, None),
    (_CALLED, "<PHONE>", 1, None),
    (_PLAIN_LANDLINE, "<PHONE>", 0, _is_no_order),
    (_AMERICAN, "<PHONE>", 0, None),
    (_FOREIGN, "<PHONE>", 0, _holds_foreign),
    *wechat.LAST_STEPS,
)
# Few texts with a number speak of WeChat, and its patterns cost as much as all others.
_WECHAT_CUE: Final = re.compile(wechat.CUE)
_OTHER_STEPS: Final = tuple(step for step in _STEPS if step[1] != "<WECHAT>")
