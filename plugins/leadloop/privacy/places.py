"""Addresses down to a house number: 张江路88号3栋502室. The city and the district before stay.

Analysts need regions, and a street without a number points at nobody. Neighbours: `numbers`,
`names`; `mask` puts them together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.privacy.names import Found

_NUMBER: Final = "(?:[0-9０-９]{1,5}|[零〇○一二三四五六七八九十百千两幺]{1,6})"
_CODE: Final = rf"(?:[A-Za-z]?{_NUMBER}[A-Za-z]?|[A-Za-z甲乙丙丁])"
# What the name of a street or an estate does not hold: words around it, regions, other parts.
_STOP: Final = (
    "的了在到是住去送寄给您你我他她它就从往跟呢啊吗请把这那有个叫省市区县镇乡号栋幢楼室座层弄址装搬"
)
_CHARACTER: Final = rf"[^\x00-\u4dff\ua000-\U0010ffff{_STOP}]"
_BUILDING: Final = "栋|幢|座|号楼"
_PART: Final = "号楼|支弄|弄堂|单元|栋|幢|座|弄|号|楼|层|室|户|门|组|队|房"
_NOT_UNITS: Final = "年月日点块元万千百件个人次天楼%％:：.折"
_LAST: Final = rf"(?:[\s\-—]?{_NUMBER}(?![{_NOT_UNITS}0-9零一二三四五六七八九十]))?"
_STREET: Final = (
    rf"{_CHARACTER}{{1,5}}?(?:大道|大街|胡同|路|街|巷|道)(?:[东南西北中]|[一二三四五六七八九十]段)?"
    rf"{_NUMBER}(?:[\-—之]{_NUMBER})?(?:号(?!线|窗口|出口|门店|店|楼)院?|弄)"
)
_INSIDE: Final = rf"(?:[\s，,]?{_CODE}[\s]?(?:{_PART}))*{_LAST}"
_ESTATE: Final = (
    rf"(?:{_CHARACTER}{{2,8}}?[小社园]?区?(?:{_NUMBER}期)?)?{_CODE}(?:{_BUILDING})"
    rf"(?:[\s，,]?{_CODE}(?:单元|室|层|楼|号|户))"
    rf"|(?:{_CHARACTER}{{2,8}}?[小社园]?区?(?:{_NUMBER}期)?)?{_CODE}(?:{_BUILDING})"
    r"(?:[0-9]{3,4}|[零一二三四五六七八九幺]{3,4})(?![0-9年月日点块元件个人]) ?"
)
# Regions without 省 or 市, unless they name the street itself (南京东路).
_REGION: Final = (
    "北京|上海|天津|重庆|广州|深圳|杭州|南京|成都|武汉|西安|苏州|长沙|郑州|青岛|宁波|合肥|东莞|佛山|"
    "厦门|大连|济南|福州|昆明|南昌|河北|山西|辽宁|吉林|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|"
    "广东|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|新疆|西藏|广西|宁夏|黑龙江|石家庄|太原|沈阳|长春|"
    "哈尔滨|无锡|温州|常州|烟台|珠海|贵阳|南宁|海口|兰州|银川|西宁|呼和浩特|乌鲁木齐|拉萨|徐州|南通|"
    "扬州|嘉兴|绍兴|金华|台州|泉州|惠州|中山|洛阳|唐山|保定|潍坊|临沂"
)
_LEAD: Final = (
    "(?:收?货?地址|家庭住址|家里|家住|位于|门牌|改成|改为|现在|公司|快递|麻烦|上门|发票|收货|就|填|写|"
    f"(?:{_REGION})(?![东南西北中]?[大一二三]?[路街道])){{0,4}}"
)
_ADDRESS: Final = re.compile(
    rf"{_LEAD}((?:{_STREET}(?:{_CHARACTER}{{2,8}}?(?={_CODE}(?:{_BUILDING})))?"
    rf"|{_ESTATE}|{_CODE}单元(?=[\s，,]?{_CODE})|{_CHARACTER}{{1,4}}村{_NUMBER}[组号队]){_INSIDE})"
)
# "走路10号到", "我们马路3号": the way on foot and roads in general are no street's name.
_NOT_STREETS: Final = re.compile(
    f".{{0,4}}?[走铁公马半套思线网电问顺同知味频渠管赛车逛][路街道]{_NUMBER}"
)
# What a text must hold before the pattern above can match, in the words of RE2 and of Python.
CUE: Final = (
    rf"[路街巷道同](?:[东南西北中]|[一二三四五六七八九十]段)?{_NUMBER}(?:[\-—之]{_NUMBER})?[号弄]"
    rf"|{_CODE}(?:{_BUILDING}|单元)[\s，,]?[0-9０-９零〇○一二三四五六七八九十百两幺A-Za-z]"
    rf"|村{_NUMBER}[组号队]"
)


def find_addresses(text: str) -> Iterator[Found]:
    """Yield where addresses are and what to put there.

    >>> text = "寄到杭州市西湖区文一西路12号3栋502室，谢谢"
    >>> [text[begin:end] for begin, end, _ in find_addresses(text)]
    ['文一西路12号3栋502室']
    """
    for match in _ADDRESS.finditer(text):
        if not _NOT_STREETS.match(match[1]):
            yield *match.span(1), "<ADDRESS>"
