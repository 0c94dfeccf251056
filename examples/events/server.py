"""Tells leadloop that a lead has reached a stage, as a shop's or CRM's server would.

    LEADLOOP_SECRET_SHOP=... python server.py http://127.0.0.1:8091/v1/events shop LEAD STAGE

Standard library only. The secret of source `shop` signs what is sent: HMAC-SHA256 of the time, a
point and the body. An event that is not answered with 202 is sent again with the same id.
"""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime

TRIES = 5


def main() -> int:
    """Send one event; return 0 once it is taken."""
    address, source, lead, stage = sys.argv[1:]
    secret = os.environ[f"LEADLOOP_SECRET_{source.upper()}"]
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": source,
        "type": "leadloop.funnel_event",
        "time": datetime.now(UTC).isoformat(),
        "data": {"entity_type": "lead", "entity_id": lead, "stage": stage},
    }
    body = json.dumps(event).encode()
    for attempt in range(TRIES):
        try:
            taken = send(f"{address}?source={source}", secret, body)
        except urllib.error.HTTPError as error:
            # 4xx says that the event is wrong; only too fast (429) is worth another try.
            if error.code < 500 and error.code != 429:
                sys.stderr.write(f"refused {error.code}: {error.read().decode()}\n")
                return 1
        except OSError as error:
            sys.stderr.write(f"not reached: {error}\n")
        else:
            sys.stdout.write(f"accepted {taken['accepted']}, known {taken['duplicate']}\n")
            return 0
        time.sleep(2**attempt)
    return 1


def send(address: str, secret: str, body: bytes) -> dict:
    """Return the answer to a signed event."""
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/cloudevents+json",
        "X-Leadloop-Timestamp": stamp,
        "X-Leadloop-Signature": f"sha256={digest}",
    }
    request = urllib.request.Request(address, body, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())


if __name__ == "__main__":
    raise SystemExit(main())
