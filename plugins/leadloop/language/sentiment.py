"""How a sentence feels, from -1 to 1, by words that people can read and change.

Each word of `config/lexicons/sentiment.yml` has a value; a degree word right before it makes it
stronger or weaker, a negator shortly before it turns it round. No data are needed, and every score
can be explained by its words. Works on the tokens of a whole batch at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadloop.language.normalize import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.language.lexicons import Lexicons
    from leadloop.language.tokenizer import Tokenizer

# Denied praise is blame, yet milder: 不好 is less than 坏.
TURNED: Final = -0.7
# A sum of this size, one strong word, scores 0.7.
ONE_WORD: Final = 2.0
REACH: Final = 2


class Sentiment:
    """The words of feeling of a company."""

    def __init__(self, lexicons: Lexicons, tokenizer: Tokenizer) -> None:
        """Take values, degrees and negators; a word of feeling is never also a negator."""
        feelings = lexicons.feelings
        self._values = {
            normalize(word): float(value)
            for value, words in feelings.values.items()
            for word in words
        }
        self._degrees = {normalize(word): power for word, power in feelings.degrees.items()}
        self._negators = {*map(normalize, lexicons.negators.negators)} - self._values.keys()
        harmless = {*map(normalize, lexicons.negators.harmless)}
        self._values |= {
            word: value
            for word, value in self._fuse().items()
            if word not in self._values and word not in harmless and tokenizer.cut(word) == [word]
        }

    def _fuse(self) -> dict[str, float]:
        """Return values of degree or negator and feeling in one: the dictionary knows 太贵."""
        powers = {**dict.fromkeys(self._negators, TURNED), **self._degrees}
        return {
            before + word: value * power
            for word, value in self._values.items()
            for before, power in powers.items()
        }

    def score(self, tokens: Sequence[str], count: int) -> Any:
        """Return one score a text, for the words of `count` texts with line breaks between."""
        import numpy as np

        sums = np.zeros(count)
        row = 0
        for place, word in enumerate(tokens):
            if word == "\n":
                row += 1
            elif (value := self._values.get(word)) is not None:
                sums[row] += value * self._power(tokens, place)
        return sums / np.sqrt(sums**2 + ONE_WORD**2)

    def _power(self, tokens: Sequence[str], place: int) -> float:
        """Return the factor of the words right before a word of feeling."""
        power = 1.0
        for back in range(1, REACH + 1):
            before = tokens[place - back] if place >= back else "\n"
            if before in self._degrees:
                power *= self._degrees[before]
            elif before in self._negators:
                power *= TURNED
            elif before not in _FILLERS:
                break
        return power


_FILLERS: Final = {"是", "的", "得", "那么", "怎么", "会", "再", "用", "太", "很", "有"}
