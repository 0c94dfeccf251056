"""Effects: whether what was done helped, judged against those who were left out on purpose.

Meets `actions` in the ledger alone: assignments and actions in, effects out.
"""
