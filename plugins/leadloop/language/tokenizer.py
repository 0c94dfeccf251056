"""Words of a text. One Tokenizer, two engines that cut alike: rjieba (fast), jieba (reference).

HMM is off: new words are taught by `config/lexicons/words.txt`, not guessed, and both engines
then give the same tokens. An engine does not pickle: a process makes its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EngineName = Literal["rjieba", "jieba"]
Word = tuple[str, int, str]


class Tokenizer:
    """Cuts normalised texts into words."""

    def __init__(self, words: Sequence[Word] = (), engine: EngineName = "rjieba") -> None:
        """Load the engine's dictionary and add the user's (word, frequency, part) to it."""
        self.engine = engine
        load = _load_jieba if engine == "jieba" else _load_rjieba
        self._cut: Callable[[str], list[str]] = load(words)

    def cut(self, text: str) -> list[str]:
        """Return the words of a text; they join to the text itself."""
        return self._cut(text)

    def cut_batch(self, texts: Sequence[str]) -> list[str]:
        """Return the words of many texts in one list, a line break between texts.

        No text may hold a line break itself; normalised texts do not.
        """
        return self._cut("\n".join(texts))


def _load_rjieba(words: Sequence[Word]) -> Callable[[str], list[str]]:
    import rjieba

    cutter: Any = rjieba.Jieba()
    for word, frequency, part in words:
        cutter.add_word(word, frequency, part)

    def cut(text: str) -> list[str]:
        found: list[str] = cutter.cut(text, False)
        return found

    return cut


def _load_jieba(words: Sequence[Word]) -> Callable[[str], list[str]]:
    import jieba

    cutter: Any = jieba.Tokenizer()
    # Its own `initialize` keeps a cache file outside the home.
    cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
    cutter.initialized = True
    for word, frequency, part in words:
        cutter.add_word(word, frequency, part)

    def cut(text: str) -> list[str]:
        found: list[str] = cutter.lcut(text, HMM=False)
        return found

    return cut
