"""How good everything is, against known truth: the scoreboard."""
