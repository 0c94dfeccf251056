"""How real a made company is: statistics of its raw exports beside those of real sets."""
