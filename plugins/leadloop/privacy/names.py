"""Names of people, found by what stands around them: 我叫…, …先生, 姓…, Mr. …, my name is ….

A name without a cue stays: in Chinese half of all words could be one. Only the name goes, the
title stays (`<NAME>先生`). Neighbours: `numbers`, `places`; `mask` puts them together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Found = tuple[int, int, str]
# Single surnames by frequency; those that are mostly other words stand in _RARE.
_COMMON: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋"
    "蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万"
    "段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦柳"
    "邢岳齐梅莫庄辛管祝左涂谷祁舒耿牟卜詹苗凌纪靳盛童欧甄曲游裴席卫屈鲍覃霍翁隋甘景司柏宁"
    "柯阮桂闵柴华冉吉饶刁瞿戚丘古滕晋苑邬臧畅宫苟褚廉娄符奚穆燕冀谈姬屠郜晏栾郁蒙喻揭窦迟"
    "敖卓仇艾蓝巩仲虞卞封竺冼楚佟栗匡宗巫鞠桑荆谌岑鄢麦佘练尉闫肖付"
)
_RARE: Final = "时成关路车房米单包项费简查解连向池党木冷花明全原应台沙习保商计强水代农"
_COMPOUND: Final = (
    "欧阳|上官|诸葛|司马|司徒|夏侯|慕容|令狐|东方|皇甫|尉迟|公孙|长孙|宇文|轩辕|端木|百里|"
    "南宫|独孤|澹台|淳于|申屠|闻人|西门|呼延"
)
# Words that begin like a name. Whatever follows them, they are none.
_WORDS: Final = """
    王者 王牌 王国 张江 张数 张家 陈列 陈旧 杨浦 黄金 黄色 黄牛 黄豆 黄山 黄昏 黄浦 黄石 黄河
    黄埔 黄冈 周围 周期 周边 周年 周末 周岁 周到 周一 周二 周三 周四 周五 周六 周日 周天 周转
    徐州 徐汇 胡乱 胡说 胡同 高速 高度 高级 高兴 高中 高校 高考 高原 高手 高等 高于 高大 高温
    高层 高低 高效 高压 高血 高档 高新 高端 高铁 高价 高额 高峰 高管 高配 高清 高质 高危 高龄
    林业 林区 何况 何必 何处 何时 何地 何人 何种 何不 何来 马上 马路 马桶 马达 马力 马来 罗马
    罗湖 罗技 宋代 郑州 郑重 谢谢 韩国 韩式 韩语 唐朝 唐山 于是 于此 董事 程度 程序 许多 许可
    许久 沈阳 曾经 曾在 苏州 苏联 苏宁 苏打 叶子 叶片 余额 余款 余下 余地 余量 余姚 夏天 夏季
    夏令 钟头 钟点 钟表 田地 任务 任何 任意 任职 任性 范围 范本 方面 方法 方式 方向 方案 方便
    方言 方针 方才 方程 方形 方块 石油 石头 石家 石材 石化 石膏 金融 金属 金额 金钱 金牌 金色
    金华 金卡 金币 金子 金银 金山 金桥 金奖 陆续 陆地 陆家 白色 白天 白领 白酒 白金 白送 白菜
    白班 白费 白条 白银 白云 白名 毛病 毛坯 毛利 毛巾 毛衣 毛重 康复 康养 秦皇 江南 江苏 江西
    江湖 江浙 江北 江阴 江边 江门 史上 顾客 顾虑 顾问 顾及 龙头 龙门 龙虾 龙岗 龙华 龙湖 万一
    万元 万块 万能 万达 万分 万事 万科 段时 段落 段子 雷达 雷同 雷锋 钱包 钱款 汤圆 易懂 易用
    易于 常常 常见 常用 常年 常规 常州 常务 常驻 常温 武汉 武昌 武器 乔迁 贺卡 赖账 文化 文件
    文章 文字 文档 文员 文案 文具 文明 文本 庞大 兰州 施工 施加 陶瓷 洪水 洪山 安全 安排 安装
    安徽 安卓 安心 安静 安慰 安置 安保 安检 安利 安稳 安哥 颜色 严重 严格 严禁 严肃 牛奶 牛肉 牛仔
    温度 温州 温馨 温泉 温暖 温江 温岭 季度 季节 章程 章节 鲁菜 葛优 申请 申报 申诉 申领 尤其
    毕业 毕竟 焦点 焦虑 焦作 柳州 邢台 岳父 岳母 岳阳 齐全 齐备 梅州 梅花 莫非 莫名 庄园 庄重
    辛苦 管理 管家 管道 管用 管子 管辖 管控 祝您 祝你 祝愿 祝贺 祝福 祝好 左右 左边 左手 左侧
    涂料 谷歌 谷物 舒服 舒适 舒心 纪念 纪录 凌晨 苗条 盛大 盛行 童装 童年 童鞋 欧洲 欧元 欧美
    欧式 曲线 曲折 曲奇 曲面 游戏 游客 游泳 游玩 席位 卫生 卫浴 卫星 卫衣 甘肃 景区 景点 司机
    司法 司令 宁波 宁愿 宁可 宁夏 柴油 华为 华东 华南 华北 华中 华人 华西 华夏 吉林 吉他 吉利
    古代 古典 古董 古城 晋升 晋城 畅通 畅销 畅享 宫保 廉价 符合 符号 谈谈 谈价 谈话 谈判 谈过
    蒙古 迟到 迟早 迟迟 蓝色 蓝牙 蓝光 仲裁 封面 封闭 封顶 封号 宗旨 宗教 桑拿 荆州 麦克 麦当
    练习 练车 时间 时候 时尚 时段 时代 时刻 时常 时长 成功 成人 成员 成本 成都 成交 成绩 成熟
    成立 成品 成套 成年 成分 成为 关系 关于 关键 关注 关心 关机 关闭 关门 路上 路口 路边 路线
    路过 车主 车牌 车辆 车险 车位 车间 车队 房东 房子 房产 房贷 房价 房租 米饭 单位 单身 单独
    单子 单价 单亲 单号 包括 包装 包邮 包裹 包年 包月 项目 费用 费率 简单 简历 查询 查看 查一
    解决 解释 解约 解绑 连锁 连续 连接 向您 向你 池子 党员 木材 木工 冷静 冷链 花钱 花费 花园
    明天 明白 明年 明确 明细 明显 全部 全款 全国 全额 全职 全家 全新 全程 全天 原来 原因 原价
    原件 应该 应用 应届 台式 台湾 沙发 习惯 保险 保证 保安 保洁 保姆 保单 商量 商家 商品 商户
    计划 计算 边上 强调 来电 来着 那边 那个 那位 那种 那天 那里 那些 水电 水果 代理 代表 代办
    代购 代发 代驾 原装 原版 原厂     农村 农民 农业 农行 人家
"""
_NOT_NAMES: Final = frozenset(_WORDS.split())
_FUNCTION: Final = (
    "的了是我你您他她它在有跟就不也都请问找给到这那哪个位么吗呢吧啊呀"
    "哦嗯呃喂说要会把被让对从往没还很什几"
)
_GIVEN: Final = f"[^\x00-\u4dff\ua000-\U0010ffff{_FUNCTION}]"
_TITLE: Final = (
    "先生|女士|小姐|太太|夫人|经理|总监|老师|主任|师傅|医生|律师|教练|会计|店长|主管|阿姨|同学|"
    "总|老板|大哥|大姐|哥|姐|叔|姨|嫂"
)
# A name of two characters may be followed by these at once; their first is no part of it.
_FOLLOWS: Final = (
    "电话|手机|号码|住址|住在|地址|身份|今年|微信|邮箱|之前|现在|刚才|今天|昨天|来自|来接|接电|接一|"
    f"本人|公司|先生|女士|小姐|和(?!平)|收|可以|已经|上次|家属|家的|{_TITLE}"
)
_GIVEN_NAME: Final = f"(?!{_FOLLOWS}){_GIVEN}(?:(?!{_FOLLOWS}){_GIVEN})?"
_FULL: Final = f"(?:{_COMPOUND}|[{_COMMON}]){_GIVEN_NAME}"
_SURNAMES: Final = frozenset(_COMMON)
_ANY_SURNAME: Final = f"(?:{_COMPOUND}|[{_COMMON}{_RARE}])"
_EDGE: Final = (
    r"(?=[啊呀哈哦呢吧吗]?(?:[\s，。,.!！?？、；;：:）)\ue000]|$)|本人|来?接一?下?电话|的?家属"
    r"|听电话|在吗|在不在|收(?![到费货藏])|的名字|名下|让我|接待|负责)"
)
_FIELD: Final = (
    "[货件收系约请办责款险保户卡购]人|户名|账户名|户主|机主|车主|法人|姓名|名字|真名|本名"
)
_KIN: Final = "先生|太太|老公|老婆|爱人|儿子|女儿|孩子|爸爸|妈妈|老板|朋友|同事"

_TITLED: Final = re.compile(
    f"(?P<name>(?:{_COMPOUND}|[{_COMMON}]){_GIVEN}{{0,2}}?|[{_RARE}](?:{_GIVEN_NAME}(?=先生|女士|小姐))?)(?P<title>{_TITLE})"
)
_NAMED: Final = re.compile(
    rf"(?:我(?:这边|这里|就|也)?叫|叫做|名叫|(?:{_FIELD})(?:[是叫为写填就]|[:：\s]){{0,3}}|(?:{_KIN})的?(?:名字)?叫)"
    rf"({_FULL}|[{_RARE}]{_GIVEN_NAME})"
    rf"|[我您你]是([{_RARE}]{_GIVEN_NAME}){_EDGE}"
)
# "是" alone is no cue: "那是黄瓜" names a thing, "我是…", "请问是…", "…，是…吗" a person.
_IS: Final = r"(?:^|[\s，,。！？!?：:我您你他她喂问]|[写签]字?的|是不)是|写"
_OF: Final = "(?:公司|集团|中心|银行|保险|平台|[店部行司])的"
_MEANT: Final = re.compile(
    rf"(?:{_IS}|{_OF}|本人|[找转问](?:一下|下|接)?|麻烦|登记在|写的|叫(?:一下|下)?|[，,\s](?={_FULL}收))"
    rf"({_FULL}){_EDGE}"
)
# Characters that given names are made of: two of them behind a surname need less of a cue.
_GIVEN_COMMON: Final = (
    "伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚鹏丽燕辉斌波宁凯俊莉琳婷峰松岩晨璐楠恒健秀英建国红志海"
    "文博雨桐子轩桂兰玉梅庆晓思远佳怡浩然梓涵美玲德春花永嘉欣立新婉清鸣若曦振华萍世亚宇雪旭颖钰"
    "萌帆航彤蕾薇毅诚铭瑞祥兵云龙凤莲珍荣贵福生林东光宝金树根胜义仁信忠孝良才富喜乐康祖耀昌兴旺达"
    "豪雄威武飞翔腾启泽瀚宸睿皓昊煜熙霖沐瑶琪琦瑾瑜珊珂妍姝妮娇婕媛嫣菲菁芸莹萱蓉蕊岚岳川江潇泓源"
    "淼鑫森炎炜烨焕灿长小大景培学家连继成正向素淑慧惠翠香琴月秋冬夏锋钢铁石山河湘贤卫民爱彩巧丹"
    "青紫依诗梦语心悦凡致逸驰骏坤翔宏燃倩君洁磊彬岭野娥佩利行昊菁璇琼昕柱伦楚雁冰丰增智维友宗启承绍仲伯叔季"
)
_TOLD: Final = "是叫找写填签给让请用问帮跟和与替对等喊陪事友人妻夫妹弟娘媳长开知通月"
_DOES: Final = f"{_FUNCTION}接打来先写填负收查本下办约已昨今明上买订签开定回"
_LIKELY: Final = re.compile(
    rf"(?:^|[^一-鿿]|[{_TOLD}{_FUNCTION}])"
    rf"((?:{_COMPOUND}|[{_COMMON}])[{_GIVEN_COMMON}](?!{_FOLLOWS})[{_GIVEN_COMMON}])"
    rf"|(?:^|[\s，,。！？!?：:{_TOLD}])([{_RARE}][{_GIVEN_COMMON}]{{2}})(?:(?=[{_DOES}])|{_EDGE})"
    rf"|(?:^|[\s，,。])((?:{_COMPOUND}|[{_COMMON}])[{_GIVEN_COMMON}])(?=[\s，,。]|在家|在吗|$)"
    rf"|[{_TOLD}]((?:{_COMPOUND}|[{_COMMON}])[{_GIVEN_COMMON}])(?:(?=[{_DOES}])|{_EDGE})"
)
_SURNAMED: Final = re.compile(rf"(?<![百老同])姓({_ANY_SURNAME})(?!名)")
_NICKNAMED: Final = re.compile(
    rf"(?:^|[\s，,。]|是|我是[^\s，。,.!！?？]{{0,8}}|[叫喊]我?|找|让|的|跟|和|由|客服|顾问|专员|经理|助理|管家|老师|您好|你好|喂)[，,\s]?[小老阿]"
    rf"({_COMPOUND}|[{_COMMON}])(?:(?=来|接|说|吧|一起|介绍|他们?|就行|就好|就可以|也行|也可以|都行|跟您|给[您我]|为您)|{_EDGE})"
)
_WORD: Final = r"[A-Z][A-Za-z'’\-]+"
_LATIN: Final = re.compile(rf"我(?:叫|是)\s?((?:{_WORD})(?:\s{_WORD})?)|我叫\s?([a-z]{{2,15}})")
_ENGLISH: Final = re.compile(
    rf"\b(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+({_WORD}(?:\s{_WORD})?)"
    rf"|(?i:my name(?: is|'s|’s)|ask for|speaking (?:with|to)|call me|this is|i am|i'm)\s+"
    rf"({_WORD}(?:\s{_WORD}){{0,2}})"
    r"|(?i:my name(?: is|'s|’s))\s+([a-z]+(?:\s[a-z]+)?)"
    rf"|[Ii]t['’]s\s({_WORD}(?:\s{_WORD})?)\shere\b|({_WORD}\s{_WORD})\s(?:speaking|calling|here)\b)"
)
_ENGLISH_WORDS: Final = """
    a an the on in at not no so just very sorry here there calling from with about and but or is
    was are it its this that these those i my your his her our their mr mrs ms miss dr spelled
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december ok okay yes good great well what when where why
    who how if then it's it’s to for of by as
"""
_NOT_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
_SURNAME_ONLY: Final = frozenset(("总", "老板", "大哥", "大姐", "哥", "姐", "叔", "姨", "嫂"))
_BEFORE: Final = frozenset(
    "好是叫们谢烦告诉知等系次边给找问的那跟和请位喂让对您你吧啊嗯行哦呀到看听替帮由"
)
_WORDS_BEFORE: Final = frozenset(
    ("谢谢", "感谢", "多谢", "致谢", "答谢", "语文", "中文", "基金", "资金")
)
_SUM: Final = re.compile("[结价共体计额量部数裁]")
_NOT_TOTAL: Final = re.compile(
    "结|价|共|之|和|体|计|额|量|部|数|裁|分|是|会|要|算|得|有|销|成|表|店|公司"
)

# What a text must hold before any pattern above can match, in the words of RE2 and of Python.
CUE: Final = (
    rf"姓|我(?:这边|这里|就|也)?叫|叫做|名叫|{_FIELD}|(?:{_KIN})的?(?:名字)?叫"
    rf"|(?:{_COMPOUND}|[{_COMMON}])[^\x00-\x7f]{{0,2}}(?:{_TITLE})"
    rf"|[{_RARE}](?:{_TITLE}|[^\x00-\x7f]{{1,2}}(?:先生|女士|小姐))|[，,\s](?:{_COMPOUND}|[{_COMMON}])[^\x00-\x7f]{{1,2}}收"
    rf"|(?:^|[^一-鿿]|[{_TOLD}{_FUNCTION}])(?:{_COMPOUND}|[{_COMMON}])[{_GIVEN_COMMON}]{{2}}|(?:^|[\s，,。])(?:[{_COMMON}]|{_COMPOUND})[{_GIVEN_COMMON}](?:[\s，,。在]|$)"
    rf"|[{_TOLD}](?:[{_COMMON}]|{_COMPOUND})[{_GIVEN_COMMON}]"
    rf"|[我您你]是[{_RARE}]|(?:{_IS}|{_OF}|本人|[找转问下接]|麻烦|登记在|写的|叫)(?:{_COMPOUND}|[{_COMMON}])[^\x00-\x7f]{{1,2}}"
    r"(?:[啊呀哈哦呢吧吗\s，。,.!！?？、；;：:）)]|本人|[接来在收听]|的?家|的名字|名下|[让接负]|$)"
    rf"|[小老阿](?:{_COMPOUND}|[{_COMMON}])(?:[来接说吧就跟给为一介他也都啊呀哈哦呢吗\s，。,.!！?？、；;：:）)]|本人|$)"
    r"|我是\s?[A-Z]|(?i:my name|ask for|call me|speaking)|\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b"
    r"|(?i:this is|i am|i'm) [A-Z]| (?:calling|here)\b"
)


def find_names(text: str) -> Iterator[Found]:
    """Yield where names are and what to put there; a name with two cues comes twice.

    >>> text = "我是李明，找周末上班的王老师"
    >>> sorted({text[begin:end] for begin, end, _ in find_names(text)})
    ['李明', '王']
    """
    yield from _find_titled(text)
    for pattern in (_NAMED, _MEANT, _LIKELY, _SURNAMED, _NICKNAMED):
        for match in pattern.finditer(text):
            begin, end = match.span(match.lastindex or 0)
            if text[begin : begin + 2] not in _NOT_NAMES:
                yield begin, end, "<NAME>"
    for pattern in (_LATIN, _ENGLISH):
        for match in pattern.finditer(text):
            yield from _trim_english(match)


def _find_titled(text: str) -> Iterator[Found]:
    place = 0
    while match := _TITLED.search(text, place):
        begin, end = match.span("name")
        if _is_titled(match):
            yield begin, end, "<NAME>"
            place = match.end()
        else:
            place = begin + 1


def _is_titled(match: re.Match[str]) -> bool:
    text, name, title = match.string, match["name"], match["title"]
    begin, end = match.span()
    before = text[begin - 1] if begin else ""
    if (
        before + name[0] in _WORDS_BEFORE
        or text[begin : begin + 2] in _NOT_NAMES
        or (name[0] == "于" and name[1:2] in _SURNAMES)
    ):
        return False
    loose = not ("一" <= before <= "鿿") or before in _BEFORE
    if title == "总" and _SUM.match(text, end):
        return False
    if title == "总" and _NOT_TOTAL.match(text, end) and (name in "周金方安常万时全" or not loose):
        return False
    if title in _SURNAME_ONLY:
        return loose and (len(name) == 1 or name in _COMPOUND)
    return loose or name not in _RARE


def _trim_english(match: re.Match[str]) -> Iterator[Found]:
    """Yield the leading words that may be a name; "my name is on the list" has none."""
    group = match.lastindex or 0
    begin, end = match.start(group), match.start(group)
    for word in re.finditer(r"\S+", match[group]):
        if word[0].lower() in _NOT_ENGLISH:
            break
        end = begin + word.end()
    if end > begin:
        yield begin, end, "<NAME>"
