"""The page docs/language.md: what is found in words, how, and how well; the tables are computed."""

from __future__ import annotations

from leadloop.language.cards import show_card
from leadloop.language.intents import load_taxonomy
from leadloop.language.lexicons import expand, load_lexicons
from leadloop.language.training import model_version, train
from leadloop.settings import PROJECT_ROOT, load_settings

INTRODUCTION = """\
# Language: what calls say

{made}

Every text of a transcript is scored once: its intent, its feeling, and the words of three lists.
Words stay in landing; what is kept of a text is its hash, labels and places. `score_batch` is a
pure function over Arrow (`text` and `side` in; hash, intent, sentiment, hits out), `annotate_day`
the step of the daily cycle between the core and the marts.

## How

1. **Normalise**: NFKC, lower case, control characters as spaces, invisible ones dropped. Places of
   hits are given in the original text.
2. **Cut**: rjieba, HMM off, with `config/lexicons/words.txt`; jieba is the reference, and a
   property test holds both to the same words.
3. **Look for words**: one automaton a list for the whole batch, longest match first. A negator
   within four characters before, in the same clause, makes a forbidden word a compliant mention
   (`不能保证收益`): severity 0. Lists of what customers say heed no negator.
4. **Name the intent**: char 1-3-grams, a linear classifier, a bonus for the rules of
   `config/intents.yml`. Only intents of the speaker's side can win. Below a threshold, chosen out
   of fold for nine right in ten, it abstains; the score is kept either way.
5. **Weigh the feeling**: words of `sentiment.yml` with negators and degrees, -1 to 1.

`language_version` is a digest of code, lists, intents, sentences and libraries. A text is scored
again when it changes. Dates that no later load touches keep the labels of their time; to judge
history by a new list, rebuild the core and the marts in full and run the step between them.

## What comes out

| mart | what |
|---|---|
| `fct_annotations` | labels of turns: kind, label, score, place, evidence, version, by whom |
| `fct_analysed_calls` | a transcript with its dial, and what was found in it |
| `fct_agent_language_daily` | an agent's calls of a day: analysable, with forbidden words, rivals |
| `fct_do_not_call_requests` | requests for no more calls, heard in words or noted as outcome |
| `dim_do_not_call` | the numbers of those, for the compliance gate |

- **The dial of a transcript** is the dial with the same `call_id`: recogniser and dialler are two
  systems, so `source_system` does not join. Of several, the same system comes first, then the same
  day, then the longest talk; dials more than a day away are not considered, unless the transcript
  has no date. Agent, customer and phone come from the dial.
- **Whose words**: forbidden ones count on the agent's side, rivals on the customer's, requests for
  no more calls on the customer's and where a one-channel recording does not say who speaks.
- **Short talks** have no intent and no feeling, and are not analysable; a request in them counts.
- `forbidden_word_rate` is k analysable calls with a forbidden word of severity 2 or 3, of n
  analysable calls, by agent and day. Before the language step has run it is not available.

## Word lists

A company copies a file of `config/lexicons` into its own configuration and changes it. The source
is the article nearest in meaning; the lists are no legal advice.
"""
REAL = """\
## How well: real calls of another trade

Ten service calls of a mobile operator (SereTOD examples), 196 turns, labelled by hand before
anything was scored; a turn may have several right labels. The set is not copied here: ids and
labels are in `tests/real/labels`, the test prints these figures and holds them to floors.
Sentences, rules and labels come from one hand, which had read these calls: take the figures as
friendly.

| ten real calls | |
|---|---|
| precision of what it names, any of the labels | 61 of 72 (0.85, 0.75-0.91) |
| precision of what it names, the main label | 56 of 72 (0.78, 0.67-0.86) |
| recall of labelled turns | 61 of 195 (0.31, 0.25-0.38) |
| forced to name every turn, any of the labels | 108 of 196 (0.55, 0.48-0.62) |
| always the most frequent intent of the side | 82 of 196 (0.42, 0.35-0.49) |

It leaves two thirds of such turns unnamed: questions and explanations of a trade it has not
learned. A company's own sentences, as `examples` in its `intents.yml`, are the way to more.

## Not yet

Traditional script is scored as it is, not converted. Homophones and letters in place of characters
are not expanded. One intent a turn; longer turns often hold two. Turns are cut at {longest:,}
characters. No label of a person is taken in yet (`is_human` is always false).
"""


def render_language(made: str) -> str:
    """Return the page; `made` is the line that says that it is generated."""
    from leadloop.language.scoring import LONGEST_TEXT

    # The shipped configuration, whatever the environment of the writer says.
    settings = load_settings({"LEADLOOP_CONFIG": str(PROJECT_ROOT / "config")})
    taxonomy = load_taxonomy(settings)
    card = show_card(train(taxonomy, model_version(settings)), taxonomy)
    lines = [INTRODUCTION.format(made=made), *_list_rows(load_lexicons(settings).lists)]
    lines += ["", "## How well: sentences of ours", "", "`leadloop train intents` prints this.", ""]
    return "\n".join([*lines, card, "", REAL.format(longest=LONGEST_TEXT)])


def _list_rows(lists: object) -> list[str]:
    rows = ["| list | class | severity | ways to say | source |", "|---|---|---|---|---|"]
    for words in lists:  # type: ignore[attr-defined]
        for group in words.groups:
            count = len(group.terms) + sum(len(expand(item)) for item in group.patterns)
            rows.append(
                f"| {words.title.zh} | `{group.id}` {group.title.zh} | {group.severity} "
                f"| {count:,} | {group.source or '-'} |"
            )
    return rows
