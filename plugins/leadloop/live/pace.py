"""How much one sender may send: a bucket that fills with time."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Tokens for one source; a request takes one, a full bucket lasts ten seconds."""

    per_minute: int
    tokens: float = 0.0
    filled_at: float | None = None

    def take(self, now: float) -> int:
        """Return 0 if a request may pass at this moment, else the seconds to wait.

        >>> bucket = Bucket(per_minute=6)
        >>> bucket.take(0.0), bucket.take(0.0), bucket.take(10.0)
        (0, 10, 0)
        """
        rate = self.per_minute / 60
        most = max(1.0, rate * 10)
        if self.filled_at is None:
            self.tokens = most
        else:
            self.tokens = min(most, self.tokens + (now - self.filled_at) * rate)
        self.filled_at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        return math.ceil((1 - self.tokens) / rate)
