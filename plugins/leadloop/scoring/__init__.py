"""Scores of customers: how likely each is to leave, by rule and by a model that learned it."""
