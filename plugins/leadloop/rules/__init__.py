"""Rules: which numbers deserve somebody's attention, in a manager's words, and what follows."""
