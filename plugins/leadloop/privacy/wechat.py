"""WeChat ids, told by what is said around them: 我微信号是…, vx：…, 搜 …，这是我微信, wxid_….

An id is six to twenty letters, digits, `_` and `-`; one without a digit looks like any word and
needs the nearer cue. Neighbour: `numbers`, which runs these steps between its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# Also as it is written to get past filters: 薇信, 威❤, 微X, v信, +V.
_WORD: Final = (
    r"[微薇威徽唯维]\s?(?:[信芯x]|[❤♥]\ufe0f?)|v\s?[信芯❤♥]|we\s?chat|weixin|绿泡泡"
    r"|(?<![a-z0-9])v[.\-]?x|(?<![a-z])wx|我的?[微薇v](?=[号是叫:：])|(?<![a-z0-9])v(?=[:：])"
    r"|[加➕+＋]\s?(?:一下|下|个|我|你|您){0,2}的?\s?(?:vx?|微)信?"
)
_FRIEND: Final = r"加(?:一下|下|个|我|你|您){0,2}的?好友"
# What a text must hold before any pattern below can match, in the words of RE2 and of Python.
CUE: Final = (
    r"[微薇威徽唯维]\s?[信芯xX❤♥]|绿泡泡|好友|加上?我|我的?[微薇]|wxid_"
    r"|(?i:v[\s.\-]?[信芯❤♥x]|v[号是叫:：]|we\s?chat|weixin|wx|[加➕+＋]\s?[^\x00-\x7f\s]{0,5}\s?[v微])"
)
_START: Final = r"(?<![A-Za-z0-9_])"
_ID: Final = r"[a-z](?:[\w\-]|\s?(?:下划线|中划线|横杠)\s?){5,19}(?![\w\-@])(?!\.\w)"
# Up to where the cue's sentence may reach: no other cue, no Latin word, nothing taken between.
_BETWEEN: Final = rf"(?:(?!{_WORD})[^A-Za-z0-9@<\ue000\n]){{0,24}}?"
_ENGLISH: Final = (
    r"(?:'s|’s)?[\s:：,，]*(?:(?:id|account|handle|username|user|name|number|no|is|me|at|as|on|under|by)"
    r"\b[\s.:：,，]*){0,4}"
)
_FLAGS: Final = re.IGNORECASE | re.ASCII
_AFTER_CUE: Final = re.compile(
    rf"(?P<cue>{_WORD}|{_FRIEND})(?P<gap>{_BETWEEN}(?:id[\s是为叫号:：]*)?|{_ENGLISH})"
    rf"(?:{_START}|(?<=[加➕+＋]vx)|(?<=[加➕+＋]wx)|(?<=[加➕+＋]v)(?=[a-z]+[\d_]))(?P<id>{_ID})",
    _FLAGS,
)
_BEFORE_CUE: Final = re.compile(
    rf"(?P<search>(?:搜索?|查找?|输入?)(?:一下|下|这个)?[\s:：“\"]*)?{_START}(?<![\-@.<])(?P<id>{_ID})"
    rf"(?P<gap>(?:(?!{_WORD})[^A-Za-z0-9@<\ue000\n]){{0,12}}?)(?P<cue>{_WORD}|加我|加上我)",
    _FLAGS,
)
# Said letter by letter: z h a n g 8 8.
_SPELLED: Final = re.compile(
    rf"(?:{_WORD})(?P<gap>{_BETWEEN}){_START}(?P<id>[a-z](?:[\s\-][a-z0-9]){{5,19}})(?![\w\-@])",
    _FLAGS,
)
_RAW: Final = re.compile(rf"{_START}(?<![\-@.<])(?P<id>wxid_[\w\-]{{4,20}})", _FLAGS)
# Old accounts go by a QQ number. Runs after the phones, which are WeChat names more often.
_DIGITS: Final = re.compile(
    rf"(?:(?:{_WORD})\s?(?:号码|账号|号|id|[和跟]?qq(?:是?同号|一样|是?一个号?))|[加搜记](?:一下|下|个)?我?的?(?:{_WORD})|(?:{_WORD})\s?[:：])"
    r"[\s是为叫:：，,]{0,4}(?P<id>[1-9]\d{5,9})(?![\d.\-]|\s?[元块万个年月日号点%％人])",
    _FLAGS,
)
# Talk of the programme, not of an account: 微信支付, 微信群, 微信里说的 x200.
_PROGRAMME: Final = re.compile(
    r"支付|付款?|转[账给过]|收[款钱]|红包|群|公众|小程序|视频|服务号|订阅|商城|小店|电话费|二维码|扫"
    r"|[上里](?:聊|说|问|看|谈|讲|报|发|订|买|下单|付|转|收|推荐|咨询)|[订单货型款]号?[是为:：]?$"
    r"|型号|单号|货号|编号|订单|合同|口令|密码|[图照]片|截图|报价|参数|想[问要买看]|咨询|需要|有没有"
    r"|通知|回复|看到|收到|弹出|提示|发[我你您](?:一下|个|张|份)$"
)
# Farther from its cue an id follows a pause or one of these, and is not what is bought or asked.
_LEADS: Final = re.compile(
    r"(?:[^\w]|[是为叫号搜加用填写名给记找呢啊吧哈]|一下|这个|联系|拼音|全拼|字母)\s*$"
)
# What follows a product and no account: …的图片, …多少钱, …这款.
_THING: Final = re.compile(
    r"\s?(?:的(?!话|微信|那个微信)|[这那]款|型号?|多少|几[个台块]|价格?|报价|怎么[卖买用样]|有没?有?货"
    r"|参数|系列|款|版|机[型器]|功能|能不能(?!加|搜|通过)|坏了|支持|升级|下载|软件)"
)
# SF1234567890, R7-5800H: what is printed on parcels and boxes.
_CODE: Final = re.compile(r"[A-Z]{2,4}\d{8,}|[A-Z]{1,4}\d{0,2}-\d+[A-Z]*")
_GIVES_AT_LAST: Final = re.compile(r"[加搜叫]|我的?是|微信号|我号")
_GIVES: Final = re.compile(
    r"[加搜记给留报填写叫号是为名用:：]|找我|发[你您]|备注|告诉|说一下|念|联系|通过"
)
_NAMES: Final = re.compile(
    r"[\s是为叫就个的这它呢啊哦嘛:：加，,号码账搜索名写填您你我（(“”\"「【]*"
    r"|.*\b(?:id|handle|account|username|at|as|under)\b[\s是为叫号:：]*(?:is\b[\s:：]*)?",
    _FLAGS | re.DOTALL,
)
_OWNS: Final = re.compile(
    r"[\s，,。”\"]*(?:[^，,。]*[搜加找记查][^，,。]*[，,]\s?)?(?:[（(]|[^，,。]{0,3}[搜加找]到[我他她]?|(?:[这那]个?|就|也|都|才|上面|前面|，|,)*[是为](?:[我俺他她您你]们?|咱|本人|对方|客户)?"
    r"|(?:[这那]个?|就|也)*(?:[我俺]们?|咱|本人)|[这那]个号?是?)"
    r"(?:这边|家里?|老[公婆板]|爱人|先生|太太|同事|朋友|[爸妈哥姐弟妹]{1,2}|儿子|女儿|经理)?的?(?:个人|工作|私人|常用|现在|公司|店里|新|老|客服|唯一)*的?[（(\s]*"
)
_OWNED: Final = re.compile(
    r"\s?(?:号码?|账号|id|名)?(?:[\s，。,.!！?？、；;）)~～\ue000]|$|[吗啊哦呀呢吧哈嘛了]|[你您]|[加搜]|[对就]|没错|好友|[微薇]信)",
    re.IGNORECASE,
)
_TALK: Final = """
    account actually address advance afternoon alipay already always android another answer anyone
    anything apologies appointment article around available because before better broken business
    called calling cannot change channel channels chatting cheers cheaper choose clicked company
    complete confirm connect contact content contract coupon course customer delivery details
    device discount douyin during either email enough everyone everything facebook finally follow
    friend friends google great group groups haidilao happened harmony hello help history huawei
    however image images instagram instead installed invitation invoice iphone later likely linkedin
    logged login machine macbook manager market maybe meeting member message messages mobile model
    moment moments morning nothing notification number office official online online opened option
    orders package password payment payments people permission person personal perhaps phone
    picture pictures please possible price problem product products program programme qrcode
    question questions quickly rather really receive received record redmi refund registered reply
    report return samsung scan scanned schedule screenshot search second select sending service
    shortly should someone something sometimes sorry specification started status sticker stickers
    still stopped store support taobao telegram thanks thank things through tiktok tomorrow tonight
    transfer twitter unable update upgrade usually verify version video voice wallet website
    weekend whatsapp window windows without wonderful working worked xiaomi yesterday
"""
_NOT_IDS: Final = frozenset(_TALK.split())


def _looks_made(match: re.Match[str]) -> bool:
    return bool(re.search(r"[\d_\-]|划线|横杠", match["id"]))


def _follows(match: re.Match[str]) -> bool:
    """Return whether what is said before the id gives an account away."""
    gap, tail = match["gap"], match.string[match.end() :]
    named = bool(_NAMES.fullmatch(gap))
    paused = re.search(r"[，,]", gap)
    last = re.split(r"[，,。;；]", gap)[-1] if paused else ""
    about = last if _GIVES_AT_LAST.search(last) else gap
    if _PROGRAMME.search(about) or (_THING.match(tail) and (paused or not named)):
        return False
    if _CODE.fullmatch(match["id"]) and not named:
        return False
    if _looks_made(match):
        return named or bool(_LEADS.search(gap))
    if match["id"].lower() in _NOT_IDS or "好友" in match["cue"]:
        return False
    # A word alone: close to its cue, or where someone adds, gives, notes.
    said = match.string[max(0, match.start() - 8) : match.end("cue")] + gap
    return named or bool(_LEADS.search(gap) and _GIVES.search(said))


def _precedes(match: re.Match[str]) -> bool:
    """Return whether what is said behind the id makes it an account."""
    tail = match.string[match.end() :]
    if match["id"].lower() in _NOT_IDS or _PROGRAMME.search(match["gap"]):
        return False
    if match["search"] and _OWNED.match(tail):
        return True
    if match["cue"].startswith(("加我", "加上我")):
        return False
    if not _OWNED.match(tail):
        return False
    alone = re.search(r"(?:^|[\s，,。对])$", match.string[: match.start()])
    bare = alone and _looks_made(match) and not _CODE.fullmatch(match["id"])
    return bool(_OWNS.fullmatch(match["gap"]) or (bare and re.fullmatch(r"[\s，,]*", match["gap"])))


def _is_led(match: re.Match[str]) -> bool:
    return not _PROGRAMME.search(match["gap"]) and bool(
        _NAMES.fullmatch(match["gap"]) or _LEADS.search(match["gap"])
    )


_Step = tuple["re.Pattern[str]", str, str, "Callable[[re.Match[str]], bool] | None"]
STEPS: Final[tuple[_Step, ...]] = (
    (_RAW, "<WECHAT>", "id", None),
    (_AFTER_CUE, "<WECHAT>", "id", _follows),
    (_SPELLED, "<WECHAT>", "id", _is_led),
    (_BEFORE_CUE, "<WECHAT>", "id", _precedes),
)
LAST_STEPS: Final[tuple[_Step, ...]] = ((_DIGITS, "<WECHAT>", "id", None),)
