"""Made lines with known personal spans, to measure the masker; nothing here is a real person.

Pools of phrasings, names, streets and ways to write a number. The masker was tuned on DEVELOPMENT;
SECOND to THIRTEENTH were each held out for one look and then used to mend what it showed. HELD_OUT
was written last, and nothing was mended after it was looked at: do not tune on it, write a new
pool instead. Nothing is imported from the masker: its lists and checksums must not be what it is
measured with.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

Maker = Callable[[random.Random], str]
_SLOT = re.compile(r"\{(\w+)\}")
SPOKEN = "零一二三四五六七八九"
PHONED = "洞幺两三四五六拐八勾"


@dataclass(frozen=True, slots=True)
class Span:
    """Where one value lies in a line, and of what class it is."""

    begin: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """One made line: what must go (`personal`) and what looks like it and must stay (`alike`)."""

    text: str
    personal: tuple[Span, ...]
    alike: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Phrasings and values of one pool; the two pools share none of their phrasings."""

    makers: dict[str, tuple[Maker, ...]]
    phrases: dict[str, tuple[str, ...]]
    alike: dict[str, tuple[Maker, ...]]
    clean: tuple[str, ...]


def make_lines(pool: Pool, count: int, seed: int) -> list[Line]:
    """Return as many lines: three of five with something personal, the classes in turn."""
    rng = random.Random(seed)
    kinds = sorted(pool.phrases)
    lines = []
    for number in range(count):
        turn, place = divmod(number, 5)
        kind = kinds[(turn * 3 + place) % len(kinds)]
        lines.append(_fill(pool, rng.choice(pool.phrases[kind] if place < 3 else pool.clean), rng))
    return lines


def make_development(count: int) -> list[Line]:
    """Return as many lines in equal parts from all pools that the masker was tuned on."""
    parts = [count // len(USED_UP) + (n < count % len(USED_UP)) for n in range(len(USED_UP))]
    numbered = enumerate(zip(USED_UP, parts, strict=True), start=1)
    return [line for seed, (pool, part) in numbered for line in make_lines(pool, part, seed)]


def make_held_out(count: int) -> list[Line]:
    """Return as many lines of the pool that nothing was tuned on."""
    return make_lines(HELD_OUT, count, seed=14)


def _fill(pool: Pool, template: str, rng: random.Random) -> Line:
    text, last = "", 0
    personal: list[Span] = []
    alike: list[Span] = []
    for slot in _SLOT.finditer(template):
        text += template[last : slot.start()]
        last, kind = slot.end(), slot[1]
        spans, makers = (personal, pool.makers) if kind in pool.makers else (alike, pool.alike)
        value = rng.choice(makers[kind])(rng)
        spans.append(Span(len(text), len(text) + len(value), kind))
        text += value
    return Line(text + template[last:], tuple(personal), tuple(alike))


def _digits(rng: random.Random, count: int, first: str = "0123456789") -> str:
    return rng.choice(first) + "".join(rng.choices("0123456789", k=count - 1))


def _say(number: str, words: str = SPOKEN) -> str:
    return "".join(words[int(digit)] if digit.isdigit() else digit for digit in number)


def _group(number: str, sizes: tuple[int, ...], gap: str) -> str:
    parts, place = [], 0
    for size in sizes:
        parts.append(number[place : place + size])
        place += size
    return gap.join(part for part in (*parts, number[place:]) if part)


def _mobile(rng: random.Random) -> str:
    return "1" + rng.choice("3456789") + _digits(rng, 9)


def _id_card(rng: random.Random) -> str:
    area = rng.choice(("110101", "310104", "440305", "330106", "510107", "420111", "610113"))
    born = f"{rng.randint(1950, 2006)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    body = area + born + _digits(rng, 3)
    # ISO 7064 MOD 11-2 as a running remainder: another way than the table of weights.
    rest = 0
    for digit in body:
        rest = (rest + int(digit)) * 2 % 11
    check = (12 - rest) % 11
    return body + ("X" if check == 10 else str(check))


def _bank_card(rng: random.Random) -> str:
    first, size = rng.choice((("622202", 19), ("621700", 19), ("625965", 16), ("436742", 16)))
    body = first + _digits(rng, size - 7)
    return next(body + last for last in "0123456789" if _luhn_sum(body + last) % 10 == 0)


def _luhn_sum(number: str) -> int:
    doubled = [sum(divmod(int(digit) * 2, 10)) for digit in number[-2::-2]]
    return sum(doubled) + sum(map(int, number[::-2]))


def _plate(rng: random.Random) -> str:
    place = rng.choice("京沪粤苏浙鲁川鄂湘豫冀闽皖渝津陕") + rng.choice("ABCDEF")
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    tail = rng.choice(
        (
            _digits(rng, 5),
            rng.choice(letters) + _digits(rng, 4),
            rng.choice(letters) + rng.choice(letters) + _digits(rng, 3),
            _digits(rng, 2) + rng.choice(letters) + _digits(rng, 2),
            _digits(rng, 3) + rng.choice(letters) + _digits(rng, 1),
        )
    )
    return place + tail


def _new_energy_plate(rng: random.Random) -> str:
    place = rng.choice("京沪粤苏浙鲁川") + rng.choice("ABCE")
    return place + rng.choice("DF") + rng.choice((_digits(rng, 5), "A" + _digits(rng, 4)))


def _word(rng: random.Random, size: int) -> str:
    return "".join(rng.choices("abcdefghkmnopqrstuvwxyz", k=size))


def _of(*values: str) -> Maker:
    return lambda rng: rng.choice(values)


def _made(*parts: Maker | str) -> Maker:
    return lambda rng: "".join(part if isinstance(part, str) else part(rng) for part in parts)


def _some(first: int, last: int) -> Maker:
    return lambda rng: str(rng.randint(first, last))


def _names(
    surnames: str, compounds: tuple[str, ...], single: str, double: tuple[str, ...]
) -> Maker:
    family = (*surnames.split(), *compounds)

    def make(rng: random.Random) -> str:
        given = rng.choice(double) if rng.random() < 0.65 else rng.choice(single)
        return rng.choice(family) + given

    return make


# ---- development: what the masker was tuned on

_DEV_SURNAMES = (
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 程"
)
_dev_surname = _of(*_DEV_SURNAMES.split(), "欧阳", "上官", "诸葛")
_dev_name = _names(
    _DEV_SURNAMES,
    ("欧阳", "上官", "诸葛"),
    "伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚",
    (
        "秀英",
        "建国",
        "小红",
        "志强",
        "海燕",
        "文博",
        "雨桐",
        "子轩",
        "桂兰",
        "玉梅",
        "国庆",
        "晓明",
    ),
)
_dev_streets = _of(
    "中山路", "人民路", "建设大道", "张江路", "文一西路", "解放街", "长宁路", "和平北路"
)
_dev_estates = _of("阳光花园", "万科城", "幸福小区", "金地家园", "绿地公寓", "碧桂园")
_dev_regions = _of("上海市浦东新区", "广东省深圳市南山区", "杭州市西湖区", "成都市", "武汉市洪山区")

DEVELOPMENT = Pool(
    makers={
        "phone": (
            _mobile,
            lambda rng: _group(_mobile(rng), (3, 4), " "),
            lambda rng: _group(_mobile(rng), (3, 4), "-"),
            lambda rng: "+86 " + _mobile(rng),
        ),
        "phone_spoken": (
            lambda rng: _say(_mobile(rng)).replace("一", "幺"),
            lambda rng: _say(_mobile(rng)),
            lambda rng: _say(_group(_mobile(rng), (3, 4), "，")).replace("一", "幺"),
            lambda rng: _say(_group(_mobile(rng), (3, 4), " ")),
        ),
        "landline": (
            lambda rng: rng.choice(("010-", "021-", "0755-")) + _digits(rng, 8, "2345678"),
            lambda rng: rng.choice(("010", "021", "0571")) + _digits(rng, 8, "2345678"),
        ),
        "id_card": (_id_card, lambda rng: _group(_id_card(rng), (6, 8), " ")),
        "id_card_spoken": (
            lambda rng: _say(_id_card(rng)),
            lambda rng: _say(_group(_id_card(rng), (6, 4, 4), "，")).replace("一", "幺"),
        ),
        "bank_card": (_bank_card, lambda rng: _group(_bank_card(rng), (4, 4, 4, 4), " ")),
        "bank_card_spoken": (
            lambda rng: _say(_bank_card(rng)),
            lambda rng: _say(_group(_bank_card(rng), (4, 4, 4, 4), "，")).replace("一", "幺"),
        ),
        "plate": (_plate, _new_energy_plate, lambda rng: _group(_plate(rng), (2,), "·")),
        "plate_spoken": (
            lambda rng: _say(_plate(rng)),
            lambda rng: _say(_plate(rng)).replace("一", "幺"),
        ),
        "email": (
            lambda rng: f"{_word(rng, 6)}@{rng.choice(('qq.com', '163.com', 'example.com'))}",
            lambda rng: f"{_word(rng, 4)}.{_word(rng, 3)}@{_word(rng, 5)}.com.cn",
        ),
        "wechat": (
            lambda rng: f"{_word(rng, 5)}{_digits(rng, 3)}",
            lambda rng: f"{_word(rng, 4)}_{_digits(rng, 2)}",
            lambda rng: f"wxid_{_word(rng, 8)}",
        ),
        "qq": (lambda rng: _digits(rng, 9, "123456789"),),
        "permit": (
            lambda rng: rng.choice("EG") + _digits(rng, 8),
            lambda rng: rng.choice("CHM") + _digits(rng, 8),
        ),
        "name": (_dev_name,),
        "surname": (_dev_surname,),
        "name_english": (
            _of("John Smith", "Mary Johnson", "David Lee", "Anna Brown", "Tom Wilson"),
        ),
        "surname_english": (_of("Smith", "Johnson", "Brown", "Taylor", "Wilson"),),
        "address": (
            _made(_dev_streets, _some(1, 999), "号", _some(1, 30), "栋", _some(101, 2800), "室"),
            _made(_dev_streets, _some(1, 999), "弄", _some(1, 60), "号", _some(101, 900), "室"),
            _made(_dev_estates, _some(1, 30), "栋", _some(1, 4), "单元", _some(101, 2800)),
            _made(_dev_streets, _some(1, 999), "号"),
        ),
    },
    phrases={
        "phone": (
            "我的手机号是{phone}",
            "你打{phone}找我就行",
            "电话{phone}，下午都在",
            "号码记一下{phone}啊",
            "please call me at {phone} tomorrow",
            "联系人{name}，电话{phone}",
        ),
        "phone_spoken": (
            "我电话{phone_spoken}，你记一下",
            "号码是{phone_spoken}，对",
            "{phone_spoken}，这个就是微信",
            "加我手机号{phone_spoken}",
        ),
        "landline": ("公司座机是{landline}", "你打到{landline}转前台", "办公室电话{landline}"),
        "id_card": (
            "身份证号{id_card}",
            "证件号码是{id_card}，你核对一下",
            "我报一下身份证，{id_card}",
            "{id_card}，对的",
        ),
        "id_card_spoken": ("身份证是{id_card_spoken}", "我念一下，{id_card_spoken}，记好了吗"),
        "bank_card": (
            "卡号是{bank_card}",
            "你扣这张{bank_card}就行",
            "退款退到{bank_card}这张卡",
            "银行卡{bank_card}，户名{name}",
        ),
        "bank_card_spoken": ("卡号{bank_card_spoken}", "我念给你听，{bank_card_spoken}，没错吧"),
        "plate": ("我车牌{plate}", "车是{plate}，停在楼下", "{plate}这辆车的保险到期了吗"),
        "plate_spoken": ("车牌号是{plate_spoken}", "我的车{plate_spoken}，白色的"),
        "email": ("邮箱是{email}", "资料发到{email}吧", "my email is {email} thanks"),
        "wechat": (
            "我微信号是{wechat}",
            "加我微信{wechat}",
            "vx：{wechat}",
            "薇信{wechat}你搜一下",
            "加V {wechat} 发你报价",
        ),
        "qq": ("我QQ是{qq}", "加扣扣{qq}", "QQ号{qq}，发文件给我"),
        "permit": ("护照号{permit}", "港澳通行证号码是{permit}", "我的护照是{permit}"),
        "name": (
            "我叫{name}",
            "您好，我叫{name}，是做餐饮的",
            "我的名字是{name}",
            "收货人{name}",
            "请问是{name}先生吗",
            "联系人是{name}，你找他",
            "喂您好，我是{name}，耽误您一分钟",
            "姓名：{name}",
            "麻烦找一下{name}",
            "您是{name}女士吧",
            "我是示例公司的{name}，之前联系过您",
            "户名{name}，没错",
        ),
        "surname": (
            "我姓{surname}",
            "免贵姓{surname}",
            "{surname}先生您好",
            "是{surname}女士吗",
            "{surname}经理在吗",
            "好的{surname}总，那我明天过来",
            "叫我小{surname}就行",
            "您好，我是您的客服小{surname}",
            "{surname}老师，您看合适吗",
            "我给{surname}姐说一声",
        ),
        "name_english": (
            "my name is {name_english}",
            "hi, this is {name_english} from the bank",
            "Hello, my name's {name_english} and I need help",
        ),
        "surname_english": ("Mr. {surname_english} is not in", "Is that Mrs {surname_english}?"),
        "address": (
            "我住在{address}",
            "地址是{region}{address}",
            "寄到{region}{address}就行",
            "送货到{address}，打我{phone}",
            "收货地址{region}{address}",
        ),
    },
    alike={
        "region": (_dev_regions, _of("北京", "上海", "广州天河", "江苏省", "长沙", "朝阳区")),
        "order": (
            lambda rng: "2026" + _digits(rng, 10),
            lambda rng: "DD" + _digits(rng, 12),
            lambda rng: _digits(rng, 18, "2356789"),
        ),
        "tracking": (lambda rng: "SF" + _digits(rng, 13), lambda rng: "YT" + _digits(rng, 13)),
        "price": (
            lambda rng: f"{rng.randint(10, 99999)}.{rng.randint(0, 99):02d}元",
            lambda rng: f"{rng.randint(1, 99)}万",
            _of("三百六十五块", "一千二百八", "一万三千五百元", "九块九"),
        ),
        "date": (
            lambda rng: f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            lambda rng: f"{rng.randint(1, 12)}月{rng.randint(1, 28)}号",
            _of("二零二六年三月五号", "八月十五", "上周三", "周末"),
        ),
        "time": (
            lambda rng: f"{rng.randint(8, 20)}:{rng.randint(0, 59):02d}",
            _of("下午三点半", "早上九点", "晚上八点一刻"),
        ),
        "model": (_of("iPhone 15 Pro", "A6L", "Mate60", "ThinkPad X1", "小米14", "RTX4090"),),
        "quantity": (
            lambda rng: f"{rng.randint(2, 900)}件",
            _of("二十三台", "一百五十箱", "三五个人", "两三百单"),
        ),
        "contract": (
            lambda rng: "HT-2026-" + _digits(rng, 4),
            lambda rng: "合同" + _digits(rng, 10),
        ),
        "percentage": (lambda rng: f"{rng.randint(1, 99)}%", _of("百分之十五", "三成", "八折")),
        "hotline": (_of("10086", "95588", "400-820-8820", "12315", "4008123123"),),
        "worker": (lambda rng: "工号" + _digits(rng, 4), lambda rng: "工号是" + _digits(rng, 5)),
    },
    clean=(
        "订单号{order}什么时候发货",
        "单号是{order}，帮我查一下",
        "快递{tracking}到哪了",
        "这款卖{price}，买两件打{percentage}",
        "{date}{time}之前送到可以吗",
        "{model}还有货吗，要{quantity}",
        "合同编号{contract}，{date}到期",
        "利率{percentage}，一年{price}",
        "打客服电话{hotline}就行",
        "您好我是{worker}，很高兴为您服务",
        "我在{region}，你们能送吗",
        "{region}的客户占{percentage}",
        "我们经理说可以便宜点",
        "方便的时候给我回个电话",
        "我是老师，周末才有时间",
        "高级会员一年{price}",
        "我叫了外卖，{time}到",
        "别叫我了，我不需要",
        "先生您好，打扰一下",
        "这位女士，{quantity}起订",
        "我们公司在5楼，坐3号线过来",
        "走路十分钟就到，地铁2号线",
        "总共{price}，总的来说不贵",
        "周总结{date}发给你",
        "产品经理和项目经理都在开会",
        "我姓什么不重要，{price}能不能少",
        "安全座椅{price}一个",
        "马上就好，常年有货",
        "我是{region}人，做服装的",
        "我微信上看到的，{model}有优惠",
        "于是我就买了{quantity}",
        "成都的路况不太好，{time}出发",
        "名字叫什么都行",
        "I'm calling about the invoice from {date}",
        "This is not what I ordered",
        "嗯好的，那先这样，再见",
        "你们的价格比别家高，{model}才{price}",
        "小程序里面可以下单",
        "老板不在，{time}再打吧",
        "我是做生意的，天天忙",
    ),
)

# ---- second: held out at first, looked at once, then used up by mending what it showed

_OUT_SURNAMES = (
    "沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 "
    "谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 "
    "易 常 武 乔 贺 赖 龚 文 覃 佟 麦 褚 柯 安 "
)
_out_surname = _of(*_OUT_SURNAMES.split(), "司马", "夏侯", "慕容", "令狐")
_out_name = _names(
    _OUT_SURNAMES,
    ("司马", "夏侯", "慕容", "令狐"),
    "鹏丽燕辉斌波宁凯俊莉琳婷峰松岩晨璐楠恒健",
    (
        "思远",
        "佳怡",
        "浩然",
        "梓涵",
        "美玲",
        "德明",
        "春花",
        "永刚",
        "嘉欣",
        "立新",
        "婉清",
        "俊杰",
        "一鸣",
        "若曦",
        "振华",
        "丽萍",
        "世杰",
        "亚楠",
        "天宇",
        "雪梅",
    ),
)
_out_streets = _of(
    "南京东路",
    "深南大道",
    "天府三街",
    "光谷大道",
    "延安中路",
    "新华街",
    "科技园路",
    "虹桥路",
    "学院南路",
    "珠江大街",
    "百家巷",
    "雨花西路",
)
_out_estates = _of(
    "世茂滨江", "保利香槟苑", "龙湖天街", "翠湖新村", "鑫苑名家", "东方雅苑", "锦绣华庭"
)
_out_regions = _of("南京市玄武区", "四川省成都市高新区", "重庆渝北", "天津市和平区", "江苏省苏州市")
_CHINESE_NUMBERS = _of("八", "十二", "二十六", "一百零三", "五")

SECOND = Pool(
    makers={
        "phone": (
            _mobile,
            lambda rng: _group(_mobile(rng), (4, 3), " "),
            lambda rng: _group(_mobile(rng), (3, 3), "-"),
            lambda rng: "86-" + _mobile(rng),
            lambda rng: _group(_mobile(rng), (3, 4), "，"),
            lambda rng: " ".join(_mobile(rng)),
        ),
        "phone_spoken": (
            lambda rng: _say(_mobile(rng), PHONED),
            lambda rng: _say(_group(_mobile(rng), (4, 3), "，")).replace("一", "幺"),
            lambda rng: _say(_group(_mobile(rng), (3, 4), "，嗯，")).replace("一", "幺"),
            lambda rng: _say(_group(_mobile(rng), (3, 2, 2, 2), " ")),
            lambda rng: (number := _mobile(rng))[:3] + _say(number[3:]),
        ),
        "landline": (
            lambda rng: f"({rng.choice(('020', '028', '0512'))}){_digits(rng, 8, '2345678')}",
            lambda rng: (
                rng.choice(("022 ", "0731 ")) + _group(_digits(rng, 8, "2345678"), (4,), " ")
            ),
            lambda rng: _say(rng.choice(("027", "029")) + _digits(rng, 8, "2345678")),
        ),
        "id_card": (
            _id_card,
            lambda rng: _id_card(rng).lower(),
            lambda rng: _group(_id_card(rng), (3, 3, 4, 4), " "),
        ),
        "id_card_spoken": (
            lambda rng: _say(_id_card(rng)).replace("一", "幺").replace("X", "叉"),
            lambda rng: _say(_group(_id_card(rng), (3, 3, 4, 4), " ")),
            lambda rng: _say(_group(_id_card(rng), (6, 8), "，嗯")),
        ),
        "bank_card": (
            _bank_card,
            lambda rng: _group(_bank_card(rng), (6,), " "),
            lambda rng: _group(_bank_card(rng), (4, 4, 4, 4), "-"),
        ),
        "bank_card_spoken": (
            lambda rng: _say(_bank_card(rng)).replace("一", "幺"),
            lambda rng: _say(_group(_bank_card(rng), (4, 4, 4, 4), " ")),
            lambda rng: _say(_group(_bank_card(rng), (3, 3, 4, 4), "，")),
        ),
        "plate": (
            _plate,
            _new_energy_plate,
            lambda rng: _group(_plate(rng), (2,), " "),
            lambda rng: _plate(rng).lower(),
        ),
        "plate_spoken": (
            lambda rng: " ".join(_say(_plate(rng))),
            lambda rng: _group(_say(_plate(rng)), (2,), "，"),
            lambda rng: _say(_new_energy_plate(rng)).replace("一", "幺"),
        ),
        "email": (
            lambda rng: f"{_word(rng, 5)}{_digits(rng, 4)}@{rng.choice(('gmail.com', '126.com'))}",
            lambda rng: f"{_word(rng, 3)}-{_word(rng, 4)}@mail.{_word(rng, 6)}.net",
            lambda rng: f"{_word(rng, 7).upper()}@FOXMAIL.COM",
        ),
        "wechat": (
            lambda rng: f"{_word(rng, 8)}{_digits(rng, 2)}",
            lambda rng: f"{_word(rng, 3)}-{_word(rng, 3)}{_digits(rng, 1)}",
            lambda rng: f"{_word(rng, 1).upper()}{_word(rng, 5)}{_digits(rng, 4)}",
        ),
        "qq": (
            lambda rng: _digits(rng, 6, "123456789"),
            lambda rng: _digits(rng, 10, "123"),
            lambda rng: _say(_digits(rng, 8, "3456789")),
        ),
        "permit": (
            lambda rng: "E" + rng.choice("ABCD") + _digits(rng, 7),
            lambda rng: rng.choice("CW") + _digits(rng, 8),
            lambda rng: "H" + _digits(rng, 10),
        ),
        "name": (_out_name,),
        "surname": (_out_surname,),
        "name_english": (
            _of("Peter Clark", "Susan Walker", "James Young", "Linda Green", "Kevin Scott"),
            _of("robert hall", "emily king"),
        ),
        "surname_english": (_of("Clark", "Walker", "Young", "Green", "Scott"),),
        "address": (
            _made(_out_streets, _some(1, 2000), "号", _some(1, 20), "号楼", _some(101, 3000)),
            _made(_out_streets, _CHINESE_NUMBERS, "号", _CHINESE_NUMBERS, "栋", "三零二", "室"),
            _made(_out_estates, _some(1, 30), "幢", _some(101, 3000), "室"),
            _made(_out_estates, _some(1, 30), "号楼", _some(1, 4), "单元", _some(1, 30), "层"),
            _made(_out_streets, _some(1, 400), "弄", _some(1, 90), "支弄", _some(1, 60), "号"),
            _made(_out_estates, _some(1, 9), "期", _some(1, 30), "栋", _some(101, 3000)),
        ),
    },
    phrases={
        "phone": (
            "麻烦记我的号{phone}谢谢",
            "有事拨{phone}",
            "本人手机{phone}（微信同号）",
            "回我这个{phone}可以的",
            "My mobile is {phone}.",
            "收件人手机：{phone}",
        ),
        "phone_spoken": (
            "你拿笔记一下啊，{phone_spoken}",
            "就是{phone_spoken}这个号",
            "登记的是{phone_spoken}吧",
            "我老公的{phone_spoken}，打他的",
        ),
        "landline": (
            "店里固话{landline}",
            "有急事打电话{landline}找我",
            "传真和电话都是{landline}",
        ),
        "id_card": (
            "你看是不是{id_card}这个",
            "投保人证件{id_card}",
            "实名用的{id_card}",
            "身份证号码给你：{id_card}。",
        ),
        "id_card_spoken": ("我的证件号{id_card_spoken}", "对，{id_card_spoken}，就这个"),
        "bank_card": (
            "工资卡{bank_card}能办吗",
            "转到{bank_card}",
            "尾号不对，完整的是{bank_card}",
            "my card is {bank_card}",
        ),
        "bank_card_spoken": ("建行的{bank_card_spoken}", "你听好，{bank_card_spoken}，是储蓄卡"),
        "plate": ("{plate}什么时候年检", "帮我查{plate}的违章", "开的是{plate}，黑色轿车"),
        "plate_spoken": ("车辆是{plate_spoken}对吧", "牌照{plate_spoken}"),
        "email": ("发票开好寄{email}", "有邮件{email}收不到", "Send it to {email}, please"),
        "wechat": (
            "VX {wechat}",
            "微信搜{wechat}就能找到我",
            "威信：{wechat}",
            "wechat id {wechat}",
            "我的v信是{wechat}",
            "{wechat}是我的微信",
        ),
        "qq": ("企鹅号{qq}", "qq：{qq}", "发我QQ {qq}"),
        "permit": ("我护照号码{permit}快过期了", "通行证{permit}", "护照：{permit}"),
        "name": (
            "本人{name}，要求退款",
            "我叫{name}啊，上次来过",
            "名字叫{name}",
            "您是{name}本人吗",
            "收件人：{name}",
            "喂，是{name}吗",
            "这里是示例公司，我是{name}。",
            "我先生叫{name}",
            "帮我转一下{name}",
            "{name}女士您好，您的快递到了",
            "登记的姓名是{name}对吗",
            "持卡人{name}",
            "你好我是{name}的家属",
        ),
        "surname": (
            "贵姓？我姓{surname}",
            "请问{surname}先生在家吗",
            "您好{surname}小姐",
            "{surname}总好，合同看了吗",
            "这事要问{surname}主任",
            "我是这边的顾问小{surname}，跟您约一下",
            "{surname}哥，价格好商量",
            "让老{surname}来接电话",
            "那位{surname}师傅修得不错",
            "刚才是{surname}经理给我打的",
        ),
        "name_english": (
            "Good morning, {name_english} speaking",
            "Yeah my name is {name_english}, spelled as usual",
            "you can ask for {name_english}",
        ),
        "surname_english": (
            "Please tell Ms. {surname_english} to call back",
            "Dr {surname_english} said so",
        ),
        "address": (
            "家住{region}{address}",
            "上门安装在{address}",
            "请送{region}{address}，谢谢",
            "发票寄{address}，收件人{name}",
            "我搬家了，现在是{address}",
            "店在{region}{address}，对面是学校",
        ),
    },
    alike={
        "region": (_out_regions, _of("武汉", "西安", "浙江", "广东东莞", "海淀区", "昆山市")),
        "order": (
            lambda rng: "SO" + _digits(rng, 14),
            lambda rng: _digits(rng, 16, "123789"),
            lambda rng: _group("2026" + _digits(rng, 8), (4, 4), "-"),
        ),
        "tracking": (lambda rng: "JD" + _digits(rng, 13), lambda rng: "78" + _digits(rng, 12)),
        "price": (
            lambda rng: f"¥{rng.randint(100, 999999)}",
            lambda rng: f"{rng.randint(1, 99)},{_digits(rng, 3)}.50",
            _of("两千八百八十八", "十五万六", "四百五一个月", "一百一十九块九"),
        ),
        "date": (
            lambda rng: f"2026年{rng.randint(1, 12)}月{rng.randint(1, 28)}日",
            lambda rng: f"2026/{rng.randint(1, 12)}/{rng.randint(1, 28)}",
            _of("二零二五年十二月三十一日", "腊月二十三", "下个礼拜一", "国庆节"),
        ),
        "time": (
            lambda rng: (
                f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
            ),
            _of("十点二十五", "中午十二点", "凌晨一点四十"),
        ),
        "model": (_of("GLC260", "P40 Pro", "云K3000", "Galaxy S24", "新A3L", "i7-13700K"),),
        "quantity": (
            lambda rng: f"{rng.randint(1000, 99999)}个",
            _of("四五十套", "六百八十吨", "一二十人", "七八千份"),
        ),
        "contract": (
            lambda rng: "CN" + _digits(rng, 11),
            lambda rng: "保单号" + _digits(rng, 15, "2346789"),
        ),
        "percentage": (lambda rng: f"{rng.randint(1, 99)}.5%", _of("百分之三点二五", "六七成")),
        "hotline": (_of("95533", "400 810 6666", "12345", "8008201234", "110"),),
        "worker": (lambda rng: rng.choice("ABC") + _digits(rng, 4) + "号客服",),
    },
    clean=(
        "查下订单{order}的物流",
        "{order}这单要取消",
        "运单号{tracking}显示签收了",
        "首付{price}，月供另算，{percentage}的利息",
        "约{date}的{time}，可以不",
        "库存{quantity}，型号{model}",
        "{contract}续签要什么材料",
        "同比增长{percentage}，到了{quantity}",
        "有问题拨打{hotline}投诉",
        "这里是{worker}，请问有什么可以帮您",
        "{region}那边最近下雨",
        "客户大多来自{region}",
        "你们总经理在不在",
        "项目总共{price}，分三期",
        "时间上不太方便",
        "我是学生，没有收入",
        "您贵姓？怎么称呼您",
        "我叫他给您回电话",
        "叫我怎么相信你们",
        "这位先生您先别急",
        "上周总量{quantity}",
        "路边3号窗口取件",
        "万一不合适能退吗，{date}前",
        "金额不对，应该是{price}",
        "何时到账？{date}可以吗",
        "石家庄和温州都有店",
        "史上最低价{price}",
        "任何问题找客服",
        "白天不方便，{time}以后打",
        "安装费{price}，安排{date}上门",
        "我是车主，车还没过户",
        "她是我太太，{quantity}是她订的",
        "老客户打{percentage}",
        "请问是哪里，找我什么事",
        "Sorry, I am busy right now, call back at {time}",
        "my name is on the list already",
        "微信支付{price}，立减优惠",
        "高铁{time}到，座位在5车",
        "合同第十二条第三款",
        "行吧，我考虑考虑，谢谢",
        "我们这边有专门的老师带",
        "三栋楼都卖完了，均价{price}",
    ),
)


# ---- third: held out next, written before anything was mended for SECOND, then used up as well

_NEW_SURNAMES = (
    "欧 路 翁 倪 严 牛 温 季 俞 章 鲁 葛 韦 毕 聂 焦 柳 邢 岳 齐 梅 莫 庄 辛 管 祝 左 涂 谷 祁 "
    "舒 耿 卜 詹 苗 凌 纪 裴 王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 单 车 宁 游 芦 申 牟 甘 隋 盛"
)
_new_surname = _of(*_NEW_SURNAMES.split(), "皇甫", "东方", "长孙", "端木")
_new_name = _names(
    _NEW_SURNAMES,
    ("皇甫", "东方", "端木"),
    "旭颖钰萌帆航轩彤蕾薇毅诚铭瑞祥红梅兵建华",
    (
        *(
            "志远",
            "淑芬",
            "秀兰",
            "文杰",
            "佳琪",
            "宇航",
            "欣怡",
            "子涵",
            "金凤",
            "爱民",
            "少华",
            "明辉",
        ),
        *(
            "丹丹",
            "晓东",
            "春燕",
            "家豪",
            "诗涵",
            "卫东",
            "素珍",
            "大伟",
            "和平",
            "向阳",
            "可欣",
            "立群",
        ),
    ),
)
_new_streets = _of(
    "湖滨南路",
    "经三路",
    "朝阳北大街",
    "龙昆南路",
    "滨海大道",
    "东风路",
    "石狮巷",
    "北环路",
    "香樟大道",
    "劳动西路",
    "工业园三路",
    "环城西路",
)
_new_estates = _of("中海国际", "恒大名都", "水岸新城", "书香门第", "融创壹号院", "和谐家园小区")
_new_regions = _of("厦门市思明区", "河南省郑州市金水区", "昆明市", "合肥市蜀山区", "长沙市岳麓区")

THIRD = Pool(
    makers={
        **SECOND.makers,
        "phone": (
            _mobile,
            lambda rng: _group(_mobile(rng), (3, 4), "."),
            lambda rng: _group(_mobile(rng), (3, 4), "-"),
            lambda rng: "(+86)" + _mobile(rng),
            lambda rng: _mobile(rng).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        ),
        "phone_spoken": (
            lambda rng: _say(_group(_mobile(rng), (3, 3, 3), " ")).replace("一", "幺"),
            lambda rng: _say(_group(_mobile(rng), (3, 4), "、"), PHONED),
            lambda rng: _say(_group(_mobile(rng), (2, 3, 3), "，")),
            lambda rng: _say(_mobile(rng)).replace("零", "〇"),
        ),
        "landline": (
            lambda rng: rng.choice(("0592", "0371")) + "-" + _digits(rng, 7, "2345678"),
            lambda rng: rng.choice(("023", "024")) + _digits(rng, 8, "2345678"),
            lambda rng: _say(rng.choice(("0551", "0731")) + _digits(rng, 8, "2345678")),
        ),
        "id_card_spoken": (
            lambda rng: _say(_group(_id_card(rng), (4, 4, 4, 4), "，")).replace("一", "幺"),
            lambda rng: _say(_id_card(rng), PHONED),
        ),
        "bank_card_spoken": (
            lambda rng: _say(_group(_bank_card(rng), (4, 4, 4, 4), "、")).replace("零", "〇"),
            lambda rng: _say(_bank_card(rng), PHONED),
        ),
        "plate": (
            _plate,
            _new_energy_plate,
            lambda rng: _group(_plate(rng), (2,), "-"),
            lambda rng: _group(_plate(rng), (1, 1), " "),
        ),
        "plate_spoken": (
            lambda rng: _say(_plate(rng), PHONED),
            lambda rng: _group(_say(_plate(rng)), (2, 2), " "),
            lambda rng: _say(_new_energy_plate(rng)),
        ),
        "wechat": (
            lambda rng: f"{_word(rng, 2)}{_digits(rng, 6)}",
            lambda rng: f"{_word(rng, 6)}_{_word(rng, 4)}",
            lambda rng: f"{_word(rng, 5)}-{_digits(rng, 4)}",
            lambda rng: f"{_word(rng, 4).upper()}{_digits(rng, 4)}",
        ),
        "name": (_new_name,),
        "surname": (_new_surname,),
        "name_english": (
            _of("Michael Turner", "Grace Hill", "Oliver O'Brien", "Rachel Adams", "Chris Evans"),
            _of("Sophie", "Daniel"),
            _of("laura bennett", "steven cook"),
        ),
        "surname_english": (_of("Turner", "Hill", "O'Brien", "Adams", "Evans"),),
        "address": (
            _made(
                _new_streets,
                _some(1, 1500),
                "号",
                _new_estates,
                _some(1, 30),
                "栋",
                _some(101, 3300),
            ),
            _made(_new_streets, _some(1, 1500), "号", _some(1, 40), "层"),
            _made(_new_streets, _some(1, 300), "号院", _some(1, 30), "号楼", _some(1, 6), "单元"),
            _made(_new_estates, _some(1, 30), "座", _some(101, 3300), "室"),
            _made(_new_estates, _some(1, 30), "号楼", _some(1, 4), "单元", _some(101, 3300)),
            _made(_new_streets, _of("二十", "六十八", "七"), "号"),
        ),
    },
    phrases={
        "phone": (
            "回电{phone}就成",
            "换号了，新号{phone}",
            "紧急联系方式{phone}",
            "发短信到{phone}",
            "Reach me on {phone} after six",
        ),
        "phone_spoken": (
            "嗯你记，{phone_spoken}",
            "新的号{phone_spoken}，旧的不用了",
            "下单用的{phone_spoken}",
            "跟您核对一下，{phone_spoken}对吗",
        ),
        "landline": ("总机{landline}", "家里电话是{landline}，白天没人", "单位电话{landline}"),
        "id_card": (
            "证号{id_card}",
            "开户填{id_card}",
            "我爱人的身份证是{id_card}",
            "您看{id_card}对得上吗",
        ),
        "id_card_spoken": ("身份证号码{id_card_spoken}", "后面是{id_card_spoken}，没有了"),
        "bank_card": (
            "绑定的卡{bank_card}",
            "打款账号{bank_card}",
            "储蓄卡号是{bank_card}",
            "{bank_card}，工行的",
        ),
        "bank_card_spoken": ("账号您记，{bank_card_spoken}", "卡是{bank_card_spoken}"),
        "plate": ("车牌号码：{plate}", "{plate}的车主在吗", "把{plate}挪一下", "投保车辆{plate}"),
        "plate_spoken": ("号牌是{plate_spoken}", "{plate_spoken}，去年买的"),
        "email": (
            "电子邮件{email}",
            "抄送{email}一份",
            "我邮箱{email}收一下合同",
            "write to {email} instead",
        ),
        "wechat": (
            "微信：{wechat}",
            "您加一下我的微信，{wechat}",
            "我的微信账号是{wechat}",
            "加vx{wechat}",
            "微信叫{wechat}",
            "我WeChat：{wechat}",
            "威信号{wechat}",
        ),
        "qq": ("QQ:{qq}", "我的扣扣号码是{qq}", "qq号是{qq}"),
        "permit": (
            "护照号码为{permit}",
            "回乡证号{permit}",
            "港澳通行证{permit}",
            "passport {permit}",
        ),
        "name": (
            "我的真名叫{name}",
            "麻烦转接{name}，谢谢",
            "请问您是{name}女士本人吗",
            "我老婆叫{name}，写她的",
            "投保人姓名{name}",
            "合同上写的是{name}。",
            "{name}老师在吗",
            "收件人写{name}",
            "您好，是{name}先生吧",
            "我是{name}，上午打过电话",
            "我这边叫{name}，做装修的",
            "联系人：{name}，{phone}",
            "机主是{name}",
        ),
        "surname": (
            "我这边姓{surname}",
            "敝姓{surname}，{date}再联系",
            "{surname}女士，打扰您了",
            "麻烦{surname}经理回个电话",
            "是{surname}老板吗",
            "您叫我小{surname}吧",
            "{surname}医生几点上班",
            "上次是一位{surname}小姐接待的",
            "喂，{surname}总，方便吗",
            "我找{surname}先生",
            "叫{surname}哥就行",
        ),
        "name_english": (
            "Hi, I'm {name_english}, calling back",
            "my name is {name_english}",
            "This is {name_english}.",
            "Could you call me {name_english} please",
        ),
        "surname_english": (
            "Hello Mr {surname_english}, how are you",
            "Ask Mrs. {surname_english} first",
        ),
        "address": (
            "详细地址：{region}{address}",
            "我家在{address}",
            "安装到{region}{address}",
            "门店开在{address}，欢迎来",
            "你送{address}吧",
            "发到{region}{address}，{name}收",
        ),
    },
    alike={
        **SECOND.alike,
        "region": (_new_regions, _of("山东", "大连", "江西南昌", "徐汇区", "义乌市", "福田")),
        "order": (
            lambda rng: "T2026" + _digits(rng, 11),
            lambda rng: _digits(rng, 15, "3456789"),
            lambda rng: _digits(rng, 19, "12378"),
        ),
        "tracking": (lambda rng: "ZTO" + _digits(rng, 12), lambda rng: "43" + _digits(rng, 13)),
        "model": (_of("ES6", "Nova 12", "皖K800", "Pad 6 Pro", "川V8", "GTX1660"),),
        "contract": (
            lambda rng: "XS" + _digits(rng, 10),
            lambda rng: "第" + _digits(rng, 6) + "号合同",
        ),
        "worker": (lambda rng: _digits(rng, 4) + "号坐席", lambda rng: "工号" + _digits(rng, 6)),
    },
    clean=(
        "这笔{order}退款到哪了",
        "麻烦把{order}改成{date}发",
        "物流{tracking}一直没动",
        "一共{quantity}，合计{price}",
        "{contract}{date}生效",
        "年化{percentage}，存{price}",
        "官方热线{hotline}",
        "您好，{worker}为您服务",
        "{region}有没有门店",
        "发往{region}要几天，{date}能到吗",
        "{model}和{model}有什么区别",
        "早上{time}开会，晚点说",
        "我是新客户，有优惠吗",
        "是金色的还是白色的",
        "方案发我看看，{percentage}的佣金太高",
        "找马桶疏通的，多少钱",
        "那位女士刚走",
        "客户经理明天上门",
        "总体还行，总价{price}",
        "我们老师说{date}开课",
        "姓名要写全吗",
        "联系人可以改吗",
        "叫什么名字无所谓",
        "高兴就好，严重的话再说",
        "石材{price}一平，{quantity}起",
        "武汉的天气，{time}就黑了",
        "任务完成{percentage}了",
        "钱不是问题，时间才是",
        "毛利{percentage}左右",
        "这条路{time}堵车，走高架吧",
        "3号楼那边有个停车场",
        "过马路{quantity}",
        "请问是不是满{price}减",
        "我叫人去取，{time}之前",
        "不是我买的，是家里人",
        "Thank you, I am happy with {model}",
        "this is the second time I called about {order}",
        "call me later, I'm driving",
        "身份证要原件吗",
        "银行卡限额{price}",
    ),
)


# ---- fourth: held out next, then used up as well

_LAST_SURNAMES = (
    "樊 兰 殷 施 陶 洪 安 颜 倪 庞 邓 许 傅 萧 曹 袁 "
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 "
    "欧 甄 曲 席 屈 鲍 霍 翁 柏 阮 桂 闵 关 成 连 付 肖 闫"
)
_last_surname = _of(*_LAST_SURNAMES.split(), "诸葛", "公孙", "百里")
_last_name = _names(
    _LAST_SURNAMES,
    ("诸葛", "公孙", "尉迟"),
    "昊琪蓉斐骏炜菁瑜坤翔宏燃倩荣君泽",
    (
        *("国栋", "彩霞", "长江", "小军", "月娥", "紫萱", "博文", "景行", "忠义", "巧云", "铁柱"),
        *("昕怡", "光明", "致远", "翠花", "佩佩", "学文", "胜利", "静怡", "逸飞"),
    ),
)
_last_streets = _of(
    "解放碑步行街",
    "五一大道",
    "望京西路",
    "江汉路",
    "友谊大街",
    "柳巷",
    "迎宾大道",
    "二环南路",
    "长江三路",
    "青年路",
    "后海胡同",
    "高新二路",
)
_last_estates = _of("紫荆公寓", "银河湾", "南湖国际社区", "红星大厦", "丽景城", "康乐里")

FOURTH = Pool(
    makers={
        **THIRD.makers,
        "phone": (
            _mobile,
            lambda rng: _group(_mobile(rng), (3, 4), "/"),
            lambda rng: "0086" + _mobile(rng),
            lambda rng: _group(_mobile(rng), (3, 2, 2, 2), " "),
            lambda rng: _group(_mobile(rng), (3, 4), "  "),
        ),
        "phone_spoken": (
            lambda rng: _say(_group(_mobile(rng), (3, 4), "，")),
            lambda rng: _say(_group(_mobile(rng), (3, 4), " 啊 ")).replace("一", "幺"),
            lambda rng: "、".join(_say(_mobile(rng), PHONED)),
            lambda rng: _say((number := _mobile(rng))[:7]) + number[7:],
        ),
        "wechat": (
            lambda rng: f"{_word(rng, 3)}{_digits(rng, 4)}{_word(rng, 2)}",
            lambda rng: f"{_word(rng, 9)}",
            lambda rng: f"a{_digits(rng, 8)}",
            lambda rng: f"{_word(rng, 4).title()}_{_word(rng, 5).title()}",
        ),
        "name": (_last_name,),
        "surname": (_last_surname,),
        "name_english": (
            _of("Hannah Wright", "George Baker", "Nina Patel", "Carlos Mendes"),
            _of("Alice", "Victor"),
            _of("Jean-Paul Martin", "Fiona McDonald"),
        ),
        "surname_english": (_of("Wright", "Baker", "Patel", "McDonald"),),
        "address": (
            _made(
                _last_streets,
                _some(1, 1500),
                "号",
                _last_estates,
                _some(1, 30),
                "幢",
                _some(101, 3300),
            ),
            _made(_last_streets, _some(1, 1500), "-", _some(1, 9), "号"),
            _made(_last_streets, _some(1, 300), "号", _of("A", "B", "C"), "座", _some(1, 30), "楼"),
            _made(_last_estates, _some(1, 30), "号楼", _some(101, 3300), "室"),
            _made(_last_estates, _of("东", "西", "南"), "区", _some(1, 30), "栋", _some(101, 3300)),
            _made(_last_streets, _of("十一", "九十二"), "号", _of("三", "六"), "楼"),
        ),
    },
    phrases={
        "phone": (
            "那你留我电话{phone}",
            "这个号不用了，换成{phone}",
            "客户自己说是{phone}",
            "{phone}，晚上打",
            "text {phone} please",
        ),
        "phone_spoken": (
            "听好啊{phone_spoken}",
            "我再说一遍，{phone_spoken}",
            "填{phone_spoken}就好",
            "您这边尾号对的，全号{phone_spoken}是吧",
        ),
        "landline": ("座机号码是{landline}", "公司电话：{landline}", "前台{landline}有人接"),
        "id_card": (
            "公民身份号码{id_card}",
            "办卡用的是{id_card}",
            "你输一下{id_card}",
            "孩子的是{id_card}",
        ),
        "id_card_spoken": ("号码是{id_card_spoken}啊", "听清楚，{id_card_spoken}"),
        "bank_card": (
            "还款卡{bank_card}",
            "钱打这个{bank_card}",
            "收款账户{bank_card}",
            "换绑{bank_card}",
        ),
        "bank_card_spoken": ("农行卡，{bank_card_spoken}", "卡面上是{bank_card_spoken}"),
        "plate": ("给{plate}续保", "您名下的{plate}", "车牌号为{plate}", "送修的是{plate}"),
        "plate_spoken": ("那车{plate_spoken}", "登记{plate_spoken}，没换过"),
        "email": (
            "报价单发我邮箱{email}",
            "{email}这个邮箱还用",
            "E-mail：{email}",
            "try {email} then",
        ),
        "wechat": (
            "微信号：{wechat}",
            "你加我，微信 {wechat}",
            "我的vx是{wechat}",
            "薇信号{wechat}，备注一下",
            "加微信号{wechat}",
            "wx {wechat}",
            "客户微信号为{wechat}",
        ),
        "qq": ("我的QQ号码{qq}", "QQ {qq}", "加我企鹅{qq}"),
        "permit": ("passport number {permit}", "护照是{permit}", "通行证号{permit}"),
        "name": (
            "我就叫{name}",
            "户主是{name}",
            "我的名字叫{name}，你查查",
            "喂你好，我是{name}。",
            "那就写{name}的名字",
            "找{name}，他在吗",
            "你是不是{name}",
            "我爸爸叫{name}",
            "开户人{name}，卡是她的",
            "{name}经理，您好",
            "{name}同学你好",
            "请问是{name}吗",
            "预约人姓名是{name}",
            "签字的是{name}，我老公",
        ),
        "surname": (
            "我也姓{surname}",
            "您贵姓，姓{surname}是吧",
            "{surname}先生不在",
            "之前跟{surname}总谈过",
            "{surname}女士您这边考虑得怎么样",
            "喊我老{surname}就好",
            "我是客户经理小{surname}",
            "找你们{surname}店长",
            "好的{surname}姐，那就这样",
            "是{surname}太太吗",
        ),
        "name_english": (
            "Hello, my name is {name_english}, I have a question",
            "It's {name_english} here",
            "Hi this is {name_english}, I called on Monday",
            "You're speaking with {name_english}",
        ),
        "surname_english": (
            "Is Mr. {surname_english} there?",
            "Miss {surname_english} asked for a refund",
        ),
        "address": (
            "收件地址是{region}{address}",
            "我现在住{address}",
            "上门取件，{region}{address}",
            "合同寄给我，{address}",
            "你到{address}来找我",
            "公司在{region}{address}",
        ),
    },
    alike={
        **THIRD.alike,
        "region": (_of("海口市龙华区", "太原", "济南市历下区", "贵州省", "宝安区", "河北石家庄"),),
        "order": (
            lambda rng: "P" + _digits(rng, 12),
            lambda rng: _digits(rng, 14, "123456789"),
            lambda rng: _digits(rng, 10, "456789"),
        ),
        "tracking": (lambda rng: "EMS" + _digits(rng, 11), lambda rng: "55" + _digits(rng, 13)),
        "model": (_of("Model 3", "K70", "京东E卡", "Xperia 5", "鲁班7号", "X100"),),
        "contract": (lambda rng: "YX-" + _digits(rng, 8), lambda rng: "协议" + _digits(rng, 9)),
        "worker": (
            lambda rng: _digits(rng, 5) + "号话务员",
            lambda rng: "工号：" + _digits(rng, 4),
        ),
    },
    clean=(
        "我要查{order}",
        "订单编号{order}申请退货",
        "{tracking}是哪个快递",
        "报价{price}含税，{quantity}以上{percentage}",
        "{contract}里写了{date}交货",
        "有事打{hotline}",
        "我是{worker}，感谢来电",
        "{region}这个月卖了{quantity}",
        "人在{region}出差，{date}回",
        "{model}续航怎么样",
        "是严重的问题，马上处理",
        "我是新手，{time}有直播吗",
        "您是高级会员，享{percentage}",
        "找客服要说法",
        "孙女要用的，{price}以内",
        "我女儿上高中了",
        "老师说要交{price}",
        "总不能一直等吧",
        "周总有人打电话来",
        "经理不在，你{time}再来",
        "黄色{quantity}，白色{quantity}",
        "姓名和电话都对",
        "先生，女士，都可以办",
        "方总价也就{price}",
        "成本{price}，毛利{percentage}",
        "下了高速走二环路就到",
        "2号楼和3号楼之间",
        "三单元的电梯坏了",
        "我叫的车到了",
        "叫我考虑到{date}",
        "关于{contract}的事",
        "金融产品，年化{percentage}",
        "I am afraid that is too expensive",
        "This is about order {order}",
        "Dr is short for doctor",
        "温馨提示：{date}截止",
        "安排在{date}，{time}左右",
        "微信转账{price}",
        "护照要不要带",
        "邮箱收不到验证码",
    ),
)


# ---- fifth: held out next, then used up as well

_FINAL_SURNAMES = (
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 "
    "高 林 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 肖 "
    "田 董 袁 潘 于 蒋 蔡 余 杜 叶 程 苏 魏 吕 丁 任 沈 "
    "姚 卢 姜 崔 钟 谭 陆 汪 范 金 石 廖 贾 夏 韦 付 "
    "方 白 邹 孟 熊 秦 邱 江 尹 薛 闫 段 雷 侯 龙 史 "
    "陶 黎 贺 顾 毛 郝 龚 邵 万 钱 严 覃 武 戴 莫 孔 向"
)
_final_surname = _of(*_FINAL_SURNAMES.split(), "欧阳", "司徒")
_final_name = _names(
    _FINAL_SURNAMES,
    ("欧阳", "司徒"),
    "威雯娇岚洁瑶倩宾森磊彬珊媛翠珍岳川野",
    (
        *("一凡", "晓燕", "俊峰", "玉兰", "志刚", "梦瑶", "建平", "凤英", "子豪", "桂英", "海波"),
        *("雪莹", "东升", "文静", "小龙", "佩珊", "丽娟", "泽宇", "思琪", "大勇", "新民"),
    ),
)
_final_streets = _of(
    "中华北路",
    "胜利街",
    "黄河路",
    "兴业大道",
    "文化东路",
    "书院路",
    "临江大道",
    "花园路",
    "体育西路",
    "卫国街",
    "锦江大道",
    "梧桐巷",
)
_final_estates = _of("金色家园", "天润城", "滨河小区", "奥林匹克花园", "中南世纪城", "枫林绿洲")

FIFTH = Pool(
    makers={
        **FOURTH.makers,
        "phone": (
            _mobile,
            _mobile,
            lambda rng: _group(_mobile(rng), (3, 4), " "),
            lambda rng: _group(_mobile(rng), (3, 4), " - "),
            lambda rng: _group(_mobile(rng), (4, 4), " "),
            lambda rng: "+86-" + _group(_mobile(rng), (3, 4), "-"),
            lambda rng: _group(_mobile(rng), (3, 4), "_"),
        ),
        "phone_spoken": (
            lambda rng: _say(_mobile(rng)).replace("一", "幺"),
            lambda rng: _say(_group(_mobile(rng), (3, 4), "。")).replace("一", "幺"),
            lambda rng: _say(_group(_mobile(rng), (4, 4), " ")).replace("二", "两"),
            lambda rng: _say(_group(_mobile(rng), (3, 4), "，呃，")),
        ),
        "wechat": (
            lambda rng: f"{_word(rng, 6)}{_digits(rng, 4)}",
            lambda rng: f"{_word(rng, 1)}_{_digits(rng, 6)}",
            lambda rng: f"{_word(rng, 7)}",
            lambda rng: f"{_word(rng, 5).title()}{_digits(rng, 2)}",
        ),
        "permit": (
            lambda rng: rng.choice("EG") + _digits(rng, 8),
            lambda rng: "E" + rng.choice("EFGH") + _digits(rng, 7),
            lambda rng: rng.choice("HMC") + _digits(rng, 8),
        ),
        "name": (_final_name,),
        "surname": (_final_surname,),
        "name_english": (_of("Laura Stone", "Ben Cooper", "Yuki Tanaka", "Paul"),),
        "surname_english": (_of("Stone", "Cooper", "Tanaka"),),
        "address": (
            _made(_final_streets, _some(1, 1500), "号"),
            _made(_final_streets, _some(1, 1500), "号", _some(1, 20), "栋", _some(101, 3300), "室"),
            _made(
                _final_streets,
                _some(1, 900),
                "号",
                _final_estates,
                _some(1, 30),
                "号楼",
                _some(101, 990),
            ),
            _made(_final_estates, _some(1, 30), "栋", _some(1, 4), "单元", _some(101, 3300), "室"),
            _made(
                _final_estates,
                _of("十二", "三"),
                "号楼",
                _of("二", "一"),
                "单元",
                _of("五零一", "八零二"),
            ),
        ),
    },
    phrases={
        "phone": (
            "打这个电话：{phone}",
            "手机号{phone}没变",
            "我给您报一下{phone}",
            "你加一下{phone}",
            "预留手机{phone}，对吗",
            "ring me on {phone}",
        ),
        "phone_spoken": (
            "好的我记了，{phone_spoken}",
            "手机是{phone_spoken}",
            "加微信的话就{phone_spoken}",
            "短信发{phone_spoken}",
        ),
        "landline": ("联系电话{landline}", "拨打{landline}预约", "打公司的电话{landline}"),
        "id_card": ("身份证：{id_card}", "号码{id_card}", "实名信息{id_card}", "报销要填{id_card}"),
        "id_card_spoken": ("身份证{id_card_spoken}，您查一下", "证件是{id_card_spoken}"),
        "bank_card": (
            "我的卡{bank_card}",
            "转账到{bank_card}",
            "招行{bank_card}",
            "换一张{bank_card}",
        ),
        "bank_card_spoken": ("卡号我读一下，{bank_card_spoken}", "{bank_card_spoken}，就这张"),
        "plate": ("车牌是{plate}", "我那台{plate}要保养", "查一下{plate}", "是不是{plate}"),
        "plate_spoken": ("车牌{plate_spoken}", "我开{plate_spoken}来的"),
        "email": ("合同发{email}", "我的email是{email}", "{email}，记住了吗", "mail me: {email}"),
        "wechat": (
            "我微信是{wechat}",
            "微信号{wechat}，加我",
            "加V：{wechat}",
            "vx号{wechat}",
            "你微信搜索{wechat}",
            "我的微信号码是{wechat}",
        ),
        "qq": ("qq {qq}", "我QQ{qq}", "扣扣：{qq}"),
        "permit": ("我的护照号是{permit}", "护照 {permit}", "通行证号码{permit}，没过期"),
        "name": (
            "我叫{name}，昨天打过电话",
            "您好，请问是{name}先生吗",
            "收货人是{name}",
            "客户姓名{name}",
            "联系人{name}",
            "我是{name}，你哪位",
            "找下{name}",
            "我老公叫{name}",
            "喂，是{name}女士吗",
            "名字是{name}，没写错吧",
            "登记在{name}名下",
            "您是{name}吧",
        ),
        "surname": (
            "我姓{surname}，你呢",
            "{surname}先生，您好",
            "您好，{surname}女士",
            "{surname}经理，报价发您了",
            "{surname}总，周三见",
            "请{surname}老师接电话",
            "我是售后小{surname}，给您回访",
            "{surname}姐，您看可以吗",
            "我们{surname}主任说的",
        ),
        "name_english": (
            "my name is {name_english} and I'd like a quote",
            "This is {name_english} from accounts",
            "Hi, I'm {name_english}.",
        ),
        "surname_english": (
            "Good afternoon Mr. {surname_english}",
            "Mrs. {surname_english} will pay",
        ),
        "address": (
            "我家地址是{region}{address}",
            "住{region}{address}",
            "送到{address}",
            "快递寄到{address}，谢谢",
            "我在{address}上班",
        ),
    },
    alike={
        **FOURTH.alike,
        "region": (_of("成都市武侯区", "福建省", "石家庄市", "广东省佛山市", "雁塔区", "沈阳"),),
        "order": (
            lambda rng: "20260" + _digits(rng, 9),
            lambda rng: "NO" + _digits(rng, 12),
            lambda rng: _digits(rng, 8, "456789"),
        ),
        "model": (_of("P70 Ultra", "汉EV", "T480", "R7-5800H", "Find X7", "A4L"),),
    },
    clean=(
        "单号{order}到哪里了",
        "我的订单{order}还没发货",
        "{tracking}，帮我催一下",
        "{model}现价{price}，立减{percentage}",
        "要{quantity}，{date}交货",
        "按合同{contract}执行",
        "费率{percentage}，最低{price}",
        "客服{hotline}打不通",
        "您好，{worker}，请讲",
        "我们在{region}有仓库",
        "{region}{date}开始降温",
        "会议{time}开始，{date}",
        "经理今天休息",
        "先生贵姓",
        "您怎么称呼，方便留个电话吗",
        "我是来问价格的，{price}行吗",
        "张数不够，再补{quantity}",
        "这个颜色是白色，不是黄色",
        "周末{time}有空",
        "高考结束再联系",
        "金额{price}，余额不足",
        "万一坏了谁负责",
        "马上{time}了，快点",
        "你们老板在吗",
        "我找老师问问",
        "总之{percentage}太低了",
        "小程序下单减{price}",
        "江苏和浙江都包邮",
        "从这条路一直走{quantity}米",
        "地铁{time}末班，5号线",
        "楼下超市{time}关门",
        "叫我下午再打吧",
        "不姓那个，打错了",
        "联系人那一栏空着",
        "I'm fine, thank you",
        "This is a good price, {price}",
        "my name is spelled wrong on invoice {order}",
        "微信不常用",
        "卡号后四位是多少",
        "车牌还没上",
    ),
)


# ---- sixth: held out next, then used up as well

SIXTH = Pool(
    makers={
        **FIFTH.makers,
        "wechat": (
            lambda rng: f"{_word(rng, 4)}{rng.randint(1970, 2012)}",
            lambda rng: f"{_word(rng, 2)}_{_word(rng, 5)}",
            lambda rng: f"{_word(rng, 8)}{_digits(rng, 1)}",
            lambda rng: f"{_word(rng, 3)}{_mobile(rng)[3:]}",
        ),
        "name": (FOURTH.makers["name"][0], FIFTH.makers["name"][0]),
        "surname": (THIRD.makers["surname"][0], FIFTH.makers["surname"][0]),
        "address": (
            _made(_of("新民街", "学府路", "凤凰北路", "海景大道"), _some(1, 900), "号"),
            _made(
                _of("江滨路", "玉泉路", "民主西街"),
                _some(1, 900),
                "号",
                _some(1, 30),
                "栋",
                _some(101, 990),
            ),
            _made(
                _of("星河城", "山水华府", "安居小区"), _some(1, 30), "栋", _some(101, 3300), "室"
            ),
            _made(
                _of("星河城", "橡树湾", "安居小区"),
                _some(1, 20),
                "号楼",
                _some(1, 4),
                "单元",
                _some(101, 990),
            ),
        ),
    },
    phrases={
        "phone": (
            "手机{phone}，微信也是这个",
            "有消息打我{phone}",
            "号码给你{phone}",
            "我现在用{phone}",
            "留个电话吧，{phone}",
            "call back on {phone}",
        ),
        "phone_spoken": (
            "电话号码{phone_spoken}",
            "我的是{phone_spoken}，你打一下",
            "那个号{phone_spoken}停机了",
            "您记录一下，{phone_spoken}",
        ),
        "landline": ("我们座机{landline}", "电话是{landline}", "传真{landline}"),
        "id_card": ("证件号{id_card}", "我的身份证是{id_card}", "输入{id_card}试试"),
        "id_card_spoken": ("身份证号是{id_card_spoken}", "我说您记，{id_card_spoken}"),
        "bank_card": ("银行卡号{bank_card}", "用{bank_card}付", "卡{bank_card}扣不了钱"),
        "bank_card_spoken": ("银行卡是{bank_card_spoken}", "您核对，{bank_card_spoken}"),
        "plate": ("车牌{plate}", "我车是{plate}", "报案的车{plate}"),
        "plate_spoken": ("车牌号{plate_spoken}", "车牌是{plate_spoken}，大众的"),
        "email": ("邮箱：{email}", "发到我邮箱{email}", "email {email}"),
        "wechat": (
            "我的微信{wechat}",
            "加我微信号{wechat}",
            "微信就是{wechat}",
            "方便加个微信吗，{wechat}",
            "vx: {wechat}",
            "VX是{wechat}",
            "您微信号{wechat}对吧",
            "我薇信是{wechat}",
            "加一下微信：{wechat}，谢谢",
        ),
        "qq": ("QQ是{qq}", "我的扣扣{qq}", "QQ号：{qq}"),
        "permit": ("护照号码{permit}", "护照{permit}", "港澳通行证号{permit}"),
        "name": (
            "您好我叫{name}",
            "我是{name}，帮我查个单",
            "你好，是{name}吗",
            "麻烦叫{name}听电话",
            "姓名{name}",
            "{name}先生，您的车好了",
            "{name}女士在吗",
            "签收人写的{name}",
            "我名字叫{name}",
            "收件人{name}，别写错",
        ),
        "surname": (
            "我姓{surname}，叫我老{surname}也行",
            "{surname}先生，耽误您一分钟",
            "喂，{surname}女士吗",
            "{surname}总您好",
            "我是小{surname}，上次跟您聊过",
            "那谢谢{surname}经理",
            "帮我谢谢{surname}姐",
            "{surname}师傅几点到",
            "找{surname}老板谈",
            "您姓{surname}是吗",
            "跟{surname}主管说过了",
        ),
        "name_english": (
            "my name is {name_english}, nice to meet you",
            "this is {name_english} calling",
        ),
        "surname_english": ("I spoke to Ms. {surname_english}", "Mr {surname_english} is here"),
        "address": (
            "我住{region}{address}",
            "地址：{region}{address}",
            "东西寄{address}",
            "约在{address}见",
            "家在{region}{address}",
        ),
    },
    alike=FIFTH.alike,
    clean=(
        "订单{order}退了吧",
        "快递单号{tracking}",
        "{model}多少钱，{price}吗",
        "先来{quantity}，{date}要",
        "{contract}盖章了没有",
        "打{percentage}我就要",
        "{hotline}一直占线",
        "您好，我是{worker}",
        "{region}有代理商吗",
        "{date}{time}开门",
        "经理说了不算",
        "女士优先，先生稍等",
        "老师讲得不错，{price}值",
        "我是说{price}太贵",
        "是白酒还是黄酒",
        "找到了，谢谢",
        "任务多，时间紧",
        "高端的{price}，低端的{price}",
        "方案不错，成本有点高",
        "周一到周五{time}上班",
        "余下的{quantity}下周发",
        "安卓和苹果都能用",
        "石头剪刀布",
        "路上堵车，晚点{time}到",
        "加微信发资料",
        "微信还是电话都行",
        "姓名怎么写",
        "总共{quantity}，一件{price}",
        "I'm not interested, sorry",
        "This is too late, {time}",
    ),
)


# ---- seventh: held out next; nothing but names was mended for it

SEVENTH = Pool(
    makers={
        **SIXTH.makers,
        "wechat": (
            lambda rng: f"{_word(rng, 5)}{_digits(rng, 2)}",
            lambda rng: f"{_word(rng, 3)}_{_digits(rng, 4)}",
            lambda rng: f"{_word(rng, 7)}-{_digits(rng, 1)}",
            lambda rng: f"wxid_{_word(rng, 6)}{_digits(rng, 3)}",
        ),
        "name": (SECOND.makers["name"][0], FIFTH.makers["name"][0]),
        "surname": (SECOND.makers["surname"][0], FIFTH.makers["surname"][0]),
    },
    phrases={
        "phone": (
            "座机没有，手机{phone}",
            "{phone}我是机主",
            "改约的话打{phone}",
            "备用号码{phone}",
            "you can text me on {phone}",
        ),
        "phone_spoken": (
            "号是{phone_spoken}",
            "给您报号，{phone_spoken}",
            "{phone_spoken}，记住了没",
        ),
        "landline": ("固定电话{landline}", "打电话{landline}就好", "前台电话{landline}"),
        "id_card": ("我身份证{id_card}", "证件信息{id_card}", "{id_card}是我本人的"),
        "id_card_spoken": ("证件号码{id_card_spoken}", "念给您，{id_card_spoken}"),
        "bank_card": ("这张卡{bank_card}", "卡号：{bank_card}", "打到我{bank_card}上"),
        "bank_card_spoken": ("我卡号是{bank_card_spoken}", "跟您说，{bank_card_spoken}"),
        "plate": ("我的车牌是{plate}", "这台{plate}", "事故车{plate}"),
        "plate_spoken": ("车牌的话是{plate_spoken}", "车号{plate_spoken}"),
        "email": ("发邮件{email}", "邮箱地址{email}", "my mail {email}"),
        "wechat": (
            "微信号是这个{wechat}",
            "那你记一下我微信，{wechat}",
            "微信的话是{wechat}",
            "加我个微信呗 {wechat}",
            "我VX {wechat}",
            "v信{wechat}",
            "微信名就是{wechat}",
            "麻烦通过一下，微信{wechat}",
            "我工作微信是{wechat}",
            "我的wx号是{wechat}",
            "加这个微信{wechat}",
            "用微信搜{wechat}",
            "微信号您写{wechat}",
            "微信号发您了，就是{wechat}",
        ),
        "qq": ("QQ号码是{qq}", "qq{qq}", "企鹅{qq}"),
        "permit": ("护照号是{permit}", "护照号：{permit}", "台胞证{permit}"),
        "name": (
            "我叫{name}，您怎么称呼",
            "我是{name}",
            "请问您是{name}吗",
            "喂，{name}先生是吧",
            "帮忙找{name}接电话",
            "收货人姓名{name}",
            "联系人写{name}",
            "您好{name}女士",
            "她叫{name}",
            "孩子叫{name}，上三年级",
            "合同签{name}的名字",
            "账户名{name}",
            "我本人就是{name}",
            "是{name}让我打来的",
            "名字：{name}",
            "上次是{name}接待我的",
        ),
        "surname": (
            "我姓{surname}，木子那个不是",
            "您好，{surname}先生",
            "{surname}女士，方便说话吗",
            "{surname}总，打扰了",
            "我是小{surname}啊",
            "这边是您的专属顾问小{surname}",
            "{surname}经理让我联系您",
            "帮我转{surname}经理",
            "{surname}老师推荐我来的",
            "那{surname}姐我先挂了",
            "跟老{surname}一起来的",
            "麻烦叫一下{surname}师傅",
            "您贵姓，{surname}是吧",
            "行，{surname}哥，回头聊",
            "他们{surname}总监同意了",
        ),
        "name_english": ("Yes, my name is {name_english}", "This is {name_english} speaking"),
        "surname_english": ("Can I speak to Mr. {surname_english}", "Ms {surname_english} called"),
        "address": (
            "我家就在{address}",
            "地址没变，还是{address}",
            "寄{region}{address}",
            "公司地址{address}",
            "请到{region}{address}来取",
            "收货填{address}",
            "人在{address}",
            "发{region}{address}，到付",
        ),
    },
    alike=SIXTH.alike,
    clean=(
        "查询{order}",
        "{order}帮忙催单",
        "运单{tracking}退回了",
        "{model}和{model}哪个好",
        "要不先拿{quantity}，{price}给您",
        "{contract}什么时候签",
        "微信上聊，{model}多少钱",
        "微信发我{model}的图片",
        "{percentage}的首付，剩下{date}付",
        "打{hotline}转人工",
        "您好，{worker}为您解答",
        "{region}也有活动",
        "{date}{time}，别忘了",
        "我姐说{price}太贵",
        "总的来讲还行",
        "我是想问{price}包不包邮",
        "老板娘在，老板出去了",
        "叫我再考虑考虑",
        "老师傅手艺好，{price}",
        "女士款{price}，男士款{price}",
        "是成品还是半成品",
        "常用地址改一下",
        "高总价的不考虑",
        "那个方案可以",
        "他叫了{quantity}",
        "经理级别打{percentage}",
        "路口右转，{quantity}米",
        "This is fine, thanks",
        "I am looking for {model}",
        "写清楚数量，{quantity}",
    ),
)


# ---- eighth: held out next; nothing but names was mended for it

EIGHTH = Pool(
    makers={
        **SEVENTH.makers,
        "name": (THIRD.makers["name"][0], FOURTH.makers["name"][0], FIFTH.makers["name"][0]),
        "surname": (THIRD.makers["surname"][0], FOURTH.makers["surname"][0]),
    },
    phrases={
        **{kind: SEVENTH.phrases[kind] for kind in SEVENTH.phrases if "name" not in kind},
        "name": (
            "您好，我叫{name}，想咨询一下",
            "我是{name}呀，您忘了吗",
            "请问{name}在不在",
            "我找{name}",
            "叫{name}来听一下",
            "请{name}接一下电话",
            "发票抬头写{name}",
            "客户叫{name}",
            "我同事{name}给您打过电话",
            "我爱人{name}办的",
            "收货人改成{name}",
            "寄件人是{name}",
            "{name}先生，这里是示例公司",
            "您就是{name}吧",
            "姓名我填的{name}",
            "用{name}的身份证办的",
            "之前是{name}负责的",
            "户主叫{name}",
            "是{name}本人接的电话",
            "给{name}回个电话",
        ),
        "surname": (
            "我姓{surname}，您可以记一下",
            "喂{surname}先生吗",
            "{surname}女士，您的快递",
            "{surname}总在吗",
            "叫我小{surname}吧",
            "我是客服小{surname}，工号不记得了",
            "{surname}经理你好",
            "和{surname}经理约好了",
            "{surname}老师有空吗",
            "谢谢{surname}哥",
            "老{surname}介绍我来的",
            "找{surname}师傅修一下",
            "您是姓{surname}对吧",
            "麻烦转告{surname}总",
            "你们{surname}主任在吗",
            "请{surname}小姐接电话",
            "问问{surname}医生",
            "我跟{surname}姐熟",
        ),
        "name_english": (
            "Good day, my name is {name_english}",
            "Hello, this is {name_english}, from sales",
        ),
        "surname_english": ("Thanks, Mr. {surname_english}", "Tell Mrs {surname_english} I called"),
    },
    alike=SEVENTH.alike,
    clean=(
        "查一下{order}",
        "{tracking}丢件了吗",
        "{model}降价到{price}了",
        "定{quantity}，{date}提货",
        "签{contract}的时候说好的",
        "微信里说的{percentage}",
        "{hotline}转人工太慢",
        "您好，{worker}，有什么可以帮您",
        "{region}有没有同城配送",
        "{time}以后都行",
        "我是说质量不好",
        "高兴得太早了",
        "经理同意了吗",
        "程序出错了，{date}修好",
        "严重影响使用",
        "请安排师傅上门",
        "给安装费打个折",
        "叫马桶疏通的来",
        "用金卡能打{percentage}吗",
        "写方案要{quantity}天",
        "和谐一点，别吵",
        "请关注公众号",
        "找成品，不要半成品",
        "我同事说{price}",
        "老客户都是{price}",
        "总算到了",
        "问问老板行不行",
        "请明天{time}来",
        "跟白色的差不多",
        "给高一的孩子买的",
        "谢谢老师",
        "I will call again",
        "This works well, thanks",
    ),
)


# ---- ninth: held out next, then used up as well

NINTH = Pool(
    makers={
        **EIGHTH.makers,
        "name": (SECOND.makers["name"][0], THIRD.makers["name"][0], FOURTH.makers["name"][0]),
        "surname": (SECOND.makers["surname"][0], FIFTH.makers["surname"][0]),
        "address": FIFTH.makers["address"],
    },
    phrases={
        "phone": (
            "我手机{phone}啊",
            "换了号，{phone}",
            "备注里有{phone}",
            "请拨{phone}",
            "my number's {phone}",
        ),
        "phone_spoken": (
            "您记好，{phone_spoken}",
            "我报号码，{phone_spoken}，对的",
            "老号{phone_spoken}",
        ),
        "landline": ("店里电话{landline}", "座机：{landline}", "办公电话{landline}"),
        "id_card": ("身份证是{id_card}吗", "填的{id_card}", "{id_card}，您核实"),
        "id_card_spoken": ("身份证号我说一下，{id_card_spoken}", "是{id_card_spoken}"),
        "bank_card": ("扣款卡{bank_card}", "绑{bank_card}这张", "打到{bank_card}"),
        "bank_card_spoken": ("卡号是这个，{bank_card_spoken}", "储蓄卡{bank_card_spoken}"),
        "plate": ("挂的{plate}", "{plate}保养一次", "车牌照{plate}"),
        "plate_spoken": ("牌子是{plate_spoken}", "我车{plate_spoken}"),
        "email": ("收件邮箱{email}", "请回{email}", "use {email}"),
        "wechat": (
            "微信的号是{wechat}",
            "我微信{wechat}，备注公司",
            "加我V：{wechat}",
            "您的微信号是{wechat}对不对",
            "搜微信号{wechat}",
            "wechat: {wechat}",
            "个人微信{wechat}",
            "我这个微信是{wechat}",
        ),
        "qq": ("QQ号码{qq}", "我的qq是{qq}", "扣扣{qq}"),
        "permit": ("护照的号码是{permit}", "通行证是{permit}", "passport no. {permit}"),
        "name": (
            "喂你好，我叫{name}",
            "我是{name}，给您回访",
            "{name}在家吗",
            "这个号是{name}的",
            "钱转给{name}了",
            "帮{name}约个时间",
            "我儿媳{name}买的",
            "发票开{name}",
            "订单是{name}下的",
            "你问{name}就知道",
            "跟{name}说好了",
            "{name}，对，就这个名字",
            "请{name}下午来一趟",
            "合伙人{name}也同意",
            "负责人叫{name}",
            "您好，{name}先生在吗",
            "写我的名字，{name}",
            "上个月{name}签的单",
            "我们店长{name}定的",
            "麻烦通知{name}",
        ),
        "surname": (
            "我姓{surname}，很高兴认识您",
            "{surname}先生，您看行吗",
            "那边{surname}女士接的",
            "{surname}总，方便聊两句吗",
            "您叫我老{surname}",
            "我是您的顾问小{surname}，您好",
            "上次{surname}经理答应的",
            "告诉{surname}老师一声",
            "{surname}哥您好",
            "{surname}姐介绍的",
            "等{surname}主任回来",
            "让{surname}师傅来",
            "我就姓{surname}",
            "联系{surname}小姐",
            "小{surname}给我报的价",
            "你们{surname}总同意的",
        ),
        "name_english": ("my name is {name_english}, thanks", "This is {name_english}, hello"),
        "surname_english": ("Mr. {surname_english} agreed", "Mrs. {surname_english} please"),
        "address": (
            "住址{region}{address}",
            "在{address}装一台",
            "邮到{region}{address}",
            "我这{address}",
        ),
    },
    alike=EIGHTH.alike,
    clean=(
        "单子{order}到了没",
        "{tracking}什么情况",
        "看中{model}，{price}能拿吗",
        "备货{quantity}，{date}要",
        "{contract}要改一改",
        "涨了{percentage}",
        "打了{hotline}没人接",
        "您好，{worker}，请问需要什么",
        "{region}下雪了",
        "{date}{time}之后打",
        "高清的比较好",
        "常用的就行",
        "石英的还是钢的",
        "金红色好看",
        "花园小区的物业",
        "安全出口在左边",
        "方向盘有点抖",
        "我同事明天到",
        "文件发我",
        "何必这么贵",
        "黄金周去旅游",
        "白天忙，晚上行",
        "余下的再说",
        "江东那边的店",
        "程序更新了",
        "万达广场那家",
        "华东区卖得好",
        "成立三年了",
        "段位太低",
        "田里忙着呢",
        "林业局的人",
        "张开嘴就是{price}",
        "I like this model, {model}",
        "This one is {price}",
    ),
)


# ---- tenth: the WeChat phrasings that were held out next, and what must stay beside them

TENTH = Pool(
    makers={
        **NINTH.makers,
        "wechat": (*FOURTH.makers["wechat"], *DEVELOPMENT.makers["wechat"]),
    },
    phrases={
        "wechat": (
            "我的微信号{wechat}，您搜",
            "微信：{wechat}，备注姓名",
            "你加我微信吧，{wechat}",
            "vx {wechat}",
            "微信是{wechat}吗",
            "我把微信给您，{wechat}",
            "直接搜{wechat}，这是我微信",
            "记一下微信号，{wechat}",
            "威信{wechat}",
            "WeChat ID: {wechat}",
        ),
    },
    alike=NINTH.alike,
    clean=(
        "微信支付{price}就行",
        "微信群发的{model}",
        "微信付款{price}，{order}",
        "微信里说的{model}有货吗",
        "型号{model}，我微信发你",
        "微信发我{model}的图片",
        "wifi名是tplink_8f3a，微信发你了",
        "加微信送{model}",
    ),
)


# ---- eleventh: WeChat alone again, held out next

ELEVENTH = Pool(
    makers=TENTH.makers,
    phrases={
        "wechat": (
            "我微信跟手机不同号，是{wechat}",
            "先加个好友吧，我微信{wechat}",
            "你拿笔记下，微信号{wechat}",
            "{wechat}，您搜这个，就是我的微信",
            "我发您个微信号哈：{wechat}",
            "咱们加个V吧，{wechat}",
            "不方便打电话就微信联系，{wechat}",
            "薇❤{wechat}",
            "微信那边搜一下{wechat}就出来了",
            "我换微信了，现在用{wechat}",
            "申请加您了，微信名{wechat}，通过一下",
            "私人微信不给，工作的是{wechat}",
            "VX号：{wechat}，加的时候说一声",
            "我老公微信{wechat}，你跟他谈",
            "you can reach me on wechat: {wechat}",
            "输入{wechat}，加我",
        ),
    },
    alike=NINTH.alike,
    clean=(
        "微信群里都在抢{model}",
        "微信支付{price}，怎么没到账",
        "微信公众号上写的{model}",
        "加我微信，{model}的资料发我",
        "家里wifi叫home_5g2022，连不上",
        "wifi密码guest88888，微信也发您了",
        "微信红包抵{price}",
        "微信小程序里{model}缺货",
        "型号{model}，微信发图给您",
        "扫微信二维码领{model}",
        "企业微信推的{model}，{percentage}",
    ),
)


# ---- twelfth: WeChat alone once more, held out next

TWELFTH = Pool(
    makers=TENTH.makers,
    phrases={
        "wechat": (
            "您备注一下我微信哈，{wechat}",
            "微信号报给你，{wechat}，记下了吗",
            "之前那个微信不用了，新的叫{wechat}",
            "我这边微信是这个：{wechat}",
            "加一下这个VX，{wechat}",
            "{wechat}是我老婆的微信号",
            "留个微信吧，我的是{wechat}",
            "wx：{wechat}（晚上在线）",
            "搜索{wechat}，加我好友",
            "微信昵称不好搜，你搜号{wechat}",
            "回头微信发我就行，我号是{wechat}",
            "他的微信应该是{wechat}",
            "v❤：{wechat}",
            "wechat me at {wechat}",
            "咨询请加薇信{wechat}",
            "我把V信号念一遍，{wechat}",
        ),
    },
    alike=NINTH.alike,
    clean=(
        "微信支付{order}失败了",
        "群里微信通知{model}降价了",
        "我在微信商城买的{model}",
        "微信转你{price}，{model}的尾款",
        "wifi名字mi_router5g，跟微信没关系",
        "微信登不上，换{model}试试",
        "货号AB-77120，微信发你报价",
        "关注公众号看{model}",
        "用微信聊{model}不方便",
        "微信视频看一下{model}",
        "加微信，{price}的优惠券就发您",
    ),
)


# ---- thirteenth: WeChat alone, held out next

THIRTEENTH = Pool(
    makers=TENTH.makers,
    phrases={
        "wechat": (
            "您看下短信，我微信{wechat}在里面",
            "我微信就写在名片上，{wechat}",
            "麻烦您加下微信：{wechat}，我姓林",
            "我两个微信，常用的是{wechat}",
            "vx报一下，{wechat}",
            "你用这个加，微信号{wechat}",
            "客户留的微信是{wechat}",
            "微信好友搜{wechat}，头像是只猫",
            "{wechat}就是我微信，同意一下",
            "我爱人的微信号是{wechat}",
            "要不加我微X，{wechat}",
            "微信号给您，{wechat}，随时找我",
            "薇信同号，搜不到就搜{wechat}",
            "我微信号比较长，{wechat}",
            "微信（{wechat}）",
            "My WeChat is {wechat}, add me anytime",
        ),
    },
    alike=NINTH.alike,
    clean=(
        "微信支付限额{price}",
        "你们微信群里说{model}有货",
        "微信收款码扫不了，{model}的钱怎么付",
        "绑微信的那台{model}",
        "微信和支付宝都行，{model}要{quantity}",
        "wifi是office_guest01，密码问前台",
        "料号BX-99201，加微信发图纸",
        "微信提醒我{order}签收了",
        "公众号回复{model}领券",
        "从微信点进去是{model}",
        "在微信问过了，{model}没有",
    ),
)


# ---- held out: written last, and nothing was mended after it was looked at

HELD_OUT = Pool(
    makers={
        **NINTH.makers,
        "phone": FIFTH.makers["phone"],
        "phone_spoken": (*FIFTH.makers["phone_spoken"], *DEVELOPMENT.makers["phone_spoken"]),
        "wechat": (*FOURTH.makers["wechat"], *DEVELOPMENT.makers["wechat"]),
        "name": (SECOND.makers["name"][0], THIRD.makers["name"][0], FIFTH.makers["name"][0]),
        "surname": (FIFTH.makers["surname"][0],),
        "name_english": (*FOURTH.makers["name_english"], *THIRD.makers["name_english"]),
        "address": (*SECOND.makers["address"], *FIFTH.makers["address"]),
    },
    phrases={
        "phone": (
            "您按{phone}联系",
            "这边登记{phone}，没问题吧",
            "我把号发你，{phone}",
            "找我就{phone}",
            "送货前打{phone}",
            "The best number is {phone}",
        ),
        "phone_spoken": (
            "麻烦您记录，{phone_spoken}",
            "我的号码{phone_spoken}，你加一下",
            "跟你说，{phone_spoken}，听清了吗",
            "就打{phone_spoken}",
        ),
        "landline": ("办公室的座机{landline}", "打我家电话{landline}", "这是公司电话{landline}"),
        "id_card": (
            "登记用{id_card}",
            "证件号码：{id_card}",
            "我的号是{id_card}",
            "身份证 {id_card} 收到了",
        ),
        "id_card_spoken": ("开始念了，{id_card_spoken}", "身份证{id_card_spoken}，完了"),
        "bank_card": (
            "卡号我发你{bank_card}",
            "从{bank_card}扣",
            "我用建行{bank_card}",
            "账户是{bank_card}",
        ),
        "bank_card_spoken": ("银行卡号{bank_card_spoken}", "开始念，{bank_card_spoken}，好了"),
        "plate": ("停的车是{plate}", "车牌号{plate}对吧", "给{plate}上保险", "{plate}，白色的"),
        "plate_spoken": ("这车牌{plate_spoken}", "{plate_spoken}这辆"),
        "email": (
            "你发{email}就行",
            "公司邮箱{email}",
            "我填的{email}",
            "email address is {email}",
        ),
        "wechat": (
            "那加个微信方便点，{wechat}",
            "我的微信号跟您说一下，{wechat}，头像是花",
            "喂，微信号是{wechat}对吗，我加不上",
            "麻烦把资料传到我微信上，{wechat}",
            "公司不让留电话，您加V信{wechat}",
            "老板微信{wechat}",
            "我写给你，{wechat}，这是微信号",
            "你搜一下{wechat}，那个就是我的微信",
            "加的时候注意，微信号{wechat}，中间没空格",
            "wx: {wechat} 谢谢",
            "添加微信{wechat}领资料",
            "我没有QQ，只有微信{wechat}",
            "微信号没变，还是{wechat}",
            "问一下，您的微信是不是{wechat}",
            "加我，微信号码{wechat}",
            "my WeChat ID is {wechat}",
        ),
        "qq": ("QQ是{qq}，加一下", "我的QQ号：{qq}", "企鹅号是{qq}"),
        "permit": ("我护照{permit}", "护照号码：{permit}", "港澳通行证是{permit}"),
        "name": (
            "你好，我叫{name}，想问个事",
            "您好，请问您是{name}先生吗",
            "我姓名是{name}",
            "收件人是{name}，电话晚点给",
            "是{name}女士本人吗",
            "我是{name}，之前留过电话",
            "找一下{name}好吗",
            "联系人就写{name}",
            "我太太叫{name}",
            "请{name}先生接电话",
            "喂，请问是{name}吗",
            "名字叫{name}，住附近",
            "我是示例公司的客户经理{name}",
            "投保人是{name}",
            "您是{name}对吧",
        ),
        "surname": (
            "我姓{surname}，怎么了",
            "{surname}先生，没打扰您吧",
            "好的{surname}女士，马上办",
            "{surname}总，资料收到了吗",
            "我是您的客户经理小{surname}",
            "叫我小{surname}就可以",
            "{surname}经理，麻烦您了",
            "请问{surname}老师在吗",
            "{surname}姐，优惠到月底",
            "我找你们{surname}经理",
            "您贵姓，哦，{surname}先生",
            "是{surname}老板吧",
        ),
        "name_english": (
            "Hello, my name is {name_english} from support",
            "This is {name_english}, how can I help",
            "I'm {name_english}, we spoke last week",
        ),
        "surname_english": (
            "Thank you Mr. {surname_english}",
            "Could Ms. {surname_english} ring me",
        ),
        "address": (
            "地址您记，{region}{address}",
            "我住{address}，到了打电话",
            "送{region}{address}",
            "我们公司在{region}{address}",
            "寄到{address}就可以了",
            "家里地址{address}",
        ),
    },
    alike=NINTH.alike,
    clean=(
        "{order}什么时候能到",
        "查一下单号{tracking}",
        "{model}有优惠吗，{percentage}也行",
        "这批{quantity}，总价{price}",
        "{date}{time}开始活动",
        "{contract}续一年",
        "{hotline}是你们的客服吗",
        "您好，我是{worker}，请问方便吗",
        "{region}的门店在哪里",
        "我在{region}上班，{time}下班",
        "我是做餐饮的，忙得很",
        "先生这个{price}可以吗",
        "经理让我问一下{percentage}的事",
        "马上要开会了，{time}再说",
        "高峰期{time}最忙",
        "成本太高，{price}做不了",
        "何时发货，{date}吗",
        "安装要多久，{quantity}呢",
        "我叫你们别打了",
        "叫什么来着，那个{model}",
        "我姐夫开店的，要{quantity}",
        "微信收款{price}",
        "用微信支付的，{order}",
        "微信群主说{model}明天到",
        "微信零钱不够{price}",
        "微信弹窗广告，{model}打折",
        "搜{model}看看评价",
        "wifi叫guest_5g8821，密码八个八",
        "产品编号AX-20331，微信里有图",
        "你们微信公众号{date}推的{model}",
        "加微信能便宜吗，{model}",
        "微信版的{model}好用吗",
        "朋友圈看到{model}，{price}",
        "姓名电话都给过了",
        "路太远，不去了",
        "白天没空，周末行",
        "小店{quantity}够了",
        "老板说{price}",
        "你们总部在{region}吗",
        "I'm sorry, not today",
        "This is the wrong {model}",
        "my name is not important",
        "Call me after {time}",
    ),
)


USED_UP = (
    DEVELOPMENT,
    SECOND,
    THIRD,
    FOURTH,
    FIFTH,
    SIXTH,
    SEVENTH,
    EIGHTH,
    NINTH,
    TENTH,
    ELEVENTH,
    TWELFTH,
    THIRTEENTH,
)

# ---- measuring

_TOKEN = re.compile(r"[A-Za-z0-9]+|[\u4e00-\u9fff]")
Finder = Callable[[str], list[tuple[int, int, str]]]


@dataclass(slots=True)
class Score:
    """How many of how many: personal values found whole, or clean things touched."""

    hits: int = 0
    total: int = 0

    def add(self, hit: bool) -> None:
        """Count one more."""
        self.hits += hit
        self.total += 1


def measure(lines: list[Line], find: Finder) -> tuple[dict[str, Score], dict[str, Score], Score]:
    """Return recall by class, look-alikes touched by class, and clean tokens touched.

    A value counts as found only if every letter and digit of it goes; a look-alike or token (a
    Chinese character, a run of letters and digits) counts as touched if any part of it goes.
    """
    recall: dict[str, Score] = {}
    touched: dict[str, Score] = {}
    clean = Score()
    for line in lines:
        gone = {place for begin, end, _ in find(line.text) for place in range(begin, end)}
        for span in line.personal:
            parts = [p for p in range(span.begin, span.end) if line.text[p].isalnum()]
            recall.setdefault(span.kind, Score()).add(gone.issuperset(parts))
        for span in line.alike:
            hit = not gone.isdisjoint(range(span.begin, span.end))
            touched.setdefault(span.kind, Score()).add(hit)
        personal = {p for span in line.personal for p in range(span.begin, span.end)}
        for token in _TOKEN.finditer(line.text):
            places = set(range(*token.span()))
            if personal.isdisjoint(places):
                clean.add(not gone.isdisjoint(places))
    return recall, touched, clean
