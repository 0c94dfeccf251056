"""What a speech recogniser makes of the words: fillers, homophones, lost characters, digits."""

from __future__ import annotations

from collections.abc import Callable

# What a Mandarin recogniser confuses: one character for another.
HOMOPHONES = {
    "账": "帐", "帐": "账", "店": "点", "的": "得", "在": "再", "再": "在",
    "做": "作", "他": "她", "吧": "把", "是": "事", "那": "哪", "年": "念", "期": "七",
    "货": "或", "费": "废", "贵": "跪", "价": "架", "记": "计", "微": "威", "加": "家",
    "机": "鸡", "号": "好", "办": "半", "送": "宋", "退": "推", "买": "卖", "卖": "买",
    "收": "手", "银": "因", "数": "树", "据": "句", "存": "村", "库": "裤", "像": "向",
    "用": "永", "同": "童", "小": "晓", "以": "已", "和": "合", "后": "候", "现": "线",
    "先": "鲜", "多": "朵", "看": "砍", "里": "理", "天": "添", "会": "回", "要": "药",
}  # fmt: skip
PAUSES = frozenset("，。？！、")
FILLERS = ("嗯", "呃", "啊", "那个", "就是", "这个", "哎", "_")
# Digits as they are read aloud in numbers of a telephone.
SPOKEN_DIGITS = str.maketrans("0123456789", "零幺二三四五六七八九")
RADIO_DIGITS = str.maketrans("0123456789", "洞幺二三四五六拐八九")
DIGITS = frozenset("0123456789")
# Role swaps go with noise: 1 % of turns at the usual .06.
SWAPS_PER_NOISE = 1 / 6


def hear(said: str, noise: float, draw: Callable[[], float]) -> tuple[str, int]:
    """Return the recogniser's text and how many characters it got wrong."""
    wrong = int(len(said) * noise + draw())
    if not wrong and said.isascii():
        return said, 0
    text = said
    if not DIGITS.isdisjoint(said):
        chance = draw()
        if chance < 0.5:
            text = said.translate(RADIO_DIGITS if chance < 0.15 else SPOKEN_DIGITS)
    for _ in range(wrong):
        text = _mishear(text, draw)
    return text, wrong


def swaps_role(noise: float, draw: Callable[[], float]) -> bool:
    """Return whether the recogniser takes a turn for the other speaker's."""
    return draw() < noise * SWAPS_PER_NOISE


def _mishear(text: str, draw: Callable[[], float]) -> str:
    place = int(draw() * len(text))
    kind = draw()
    if kind < 0.5:
        # The nearest character from there on that sounds like another.
        for spot in range(place, min(place + 8, len(text))):
            other = HOMOPHONES.get(text[spot])
            if other is not None:
                return f"{text[:spot]}{other}{text[spot + 1 :]}"
    if kind < 0.75 and len(text) > 3:
        return text[:place] + text[place + 1 :]
    filler = FILLERS[int(draw() * len(FILLERS))]
    # People hesitate before they begin or between two clauses, never within a word.
    pauses = [0, *(spot for spot in range(1, len(text)) if text[spot - 1] in PAUSES)]
    place = pauses[int(draw() * len(pauses))]
    return f"{text[:place]}{filler}{text[place:]}"
