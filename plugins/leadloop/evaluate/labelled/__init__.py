"""Scores of what is built on labelled files of a user, each beside a simple baseline."""
