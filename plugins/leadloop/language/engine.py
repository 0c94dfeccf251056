"""All that scoring needs, loaded once in a process, and the version of it.

`language_version` is a digest of everything that can change a score: the code's own version, the
lexicons, the intents, the model and the engine's library. A changed word list scores anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from leadloop.language.classifier import Classifier
from leadloop.language.intents import IntentRules, load_taxonomy
from leadloop.language.lexicons import digest, load_lexicons
from leadloop.language.sentiment import Sentiment
from leadloop.language.tokenizer import Tokenizer
from leadloop.language.training import load_model
from leadloop.language.wordlists import WordLists

if TYPE_CHECKING:
    from leadloop.language.intents import Taxonomy
    from leadloop.settings import Settings

# Raised by hand when a change of the code changes a score.
CODE_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that scores a text. It does not pickle: a process loads its own."""

    version: str
    taxonomy: Taxonomy
    tokenizer: Tokenizer
    lists: WordLists
    rules: IntentRules
    classifier: Classifier
    sentiment: Sentiment


def load_engine(settings: Settings) -> Engine:
    """Return the engine of the company's lexicons and intents; the model is trained if missing."""
    lexicons, taxonomy, model = (
        load_lexicons(settings),
        load_taxonomy(settings),
        load_model(settings),
    )
    tokenizer = Tokenizer(lexicons.words)
    parts = [CODE_VERSION, model.version, version("rjieba"), *lexicons.versions.values()]
    return Engine(
        version=digest(*(part.encode() for part in parts)),
        taxonomy=taxonomy,
        tokenizer=tokenizer,
        lists=WordLists(lexicons),
        rules=IntentRules(taxonomy, model.classes),
        classifier=Classifier(model),
        sentiment=Sentiment(lexicons, tokenizer),
    )
