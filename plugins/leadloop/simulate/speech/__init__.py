"""Chinese telesales talks of the made company, from a grammar of dialogue acts."""

from leadloop.simulate.speech.dialogue import Turn, objection_seconds, write_talk
from leadloop.simulate.speech.plan import CONCERNS, SIGNALS, TalkPlan

__all__ = ["CONCERNS", "SIGNALS", "TalkPlan", "Turn", "objection_seconds", "write_talk"]
