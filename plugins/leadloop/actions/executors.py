"""Hands one message to one connection: mail, signed webhook or CSV file; says what came back.

Every message carries the same key on every try (Message-ID, Idempotency-Key, a column), so the
receiver can tell a repeat. A 200 whose body holds an error code is a failure.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import re
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from leadloop.actions.connections import (
    Csv,
    Mail,
    Webhook,
    host_of,
    load_connection_secret,
    refuse_far_host,
    sink_folder,
)
from leadloop.pointer import write_whole
from leadloop.spreadsheet import defuse

if TYPE_CHECKING:
    from leadloop.settings import Settings

ANSWER_LENGTH = 500
SMTP_SECONDS = 20.0
CODE_FIELDS = ("errcode", "code", "StatusCode")
_AGAIN = {408, 425, 429}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a plan goes to the address in the configuration and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Return nothing, so that the redirect comes back as an error."""


_NO_REDIRECTS = urllib.request.build_opener(_StayHere)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent; `rows` under `columns` are the plan of a dialler, `data` goes to webhooks."""

    key: str
    subject: str
    text: str
    name: str = "message"
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, in the server's own words; a final refusal is not tried again."""

    is_ok: bool
    text: str
    is_final: bool = False


def deliver(
    settings: Settings, name: str, connection: Mail | Webhook | Csv, message: Message
) -> Answer:
    """Return the answer to one try; whatever goes wrong on the way is an answer too."""
    try:
        if isinstance(connection, Mail):
            if connection.folder:
                return _drop_mail(settings, connection, message)
            return _send_mail(settings, name, connection, message)
        if isinstance(connection, Webhook):
            return _post(settings, name, connection, message)
        return _drop_csv(settings, connection, message)
    except (OSError, HTTPException, smtplib.SMTPException) as error:
        return Answer(False, _shorten(f"{type(error).__name__}: {error}"))


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature of a webhook: HMAC-SHA256 over the time, a dot and the body.

    >>> sign(b"secret", "1700000000", b"{}")[:23]
    'sha256=b8569b78799ff9e3'
    """
    digest = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def build_mail(connection: Mail, message: Message) -> EmailMessage:
    """Return the mail; its Message-ID is the message's key."""
    # Lines end in CR LF, as mail servers want them.
    mail = EmailMessage(policy=policy.SMTP)
    # A line break in a subject would start a header of its own.
    mail["Subject"] = _CONTROL.sub(" ", message.subject)
    mail["From"] = connection.sender
    mail["To"] = ", ".join(connection.to)
    mail["Message-ID"] = f"<{message.key}@leadloop>"
    mail["Idempotency-Key"] = message.key
    mail.set_content(message.text)
    if message.rows:
        mail.add_attachment(
            render_csv(message).encode(), "text", "csv", filename=f"{message.name}.csv"
        )
    return mail


def render_csv(message: Message) -> str:
    """Return the plan as CSV, or the words where there is no plan; each row carries the key."""
    columns: tuple[str, ...] = message.columns or ("subject", "text")
    rows = message.rows if message.columns else ((message.subject, message.text),)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(("idempotency_key", *columns))
    writer.writerows((message.key, *map(defuse, row)) for row in rows)
    return buffer.getvalue()


def _drop_mail(settings: Settings, connection: Mail, message: Message) -> Answer:
    path = sink_folder(settings, connection.folder or "") / f"{message.key}.eml"
    write_whole(path, build_mail(connection, message).as_string())
    return Answer(True, f"written to out/{connection.folder}/{path.name}")


def _drop_csv(settings: Settings, connection: Csv, message: Message) -> Answer:
    path = sink_folder(settings, connection.folder) / f"{message.name}_{message.key}.csv"
    write_whole(path, render_csv(message))
    return Answer(True, f"written to out/{connection.folder}/{path.name}")


def _send_mail(settings: Settings, name: str, connection: Mail, message: Message) -> Answer:
    host = connection.host or ""
    if refused := refuse_far_host(settings, host):
        return Answer(False, refused, is_final=True)
    mail = build_mail(connection, message)
    with _open_smtp(connection) as server:
        server.ehlo_or_helo_if_needed()
        if connection.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if connection.user:
            server.login(connection.user, load_connection_secret(settings, name).decode())
        return _hand_over(server, connection, mail)


def _hand_over(server: smtplib.SMTP, connection: Mail, mail: EmailMessage) -> Answer:
    """Send to whoever the server takes; who is refused keeps the mail from no one else."""
    code, words = server.mail(connection.sender)
    refused = []
    if code < 400:
        for address in connection.to:
            answer = server.rcpt(address)
            if answer[0] >= 400:
                refused.append((address, answer))
        if len(refused) == len(connection.to):
            # Tried again as long as one of them may be taken later.
            code, words = min((answer for _, answer in refused), key=lambda answer: answer[0])
        else:
            code, words = server.data(mail.as_bytes())
    said = f"{code} {words.decode(errors='replace')}"
    if code < 400 and refused:
        said += "; refused: " + ", ".join(f"{address} ({no[0]})" for address, no in refused)
    return Answer(code < 400, _shorten(said), is_final=code >= 500)


def _open_smtp(connection: Mail) -> smtplib.SMTP:
    if connection.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(
            connection.host or "", connection.port, timeout=SMTP_SECONDS, context=context
        )
    return smtplib.SMTP(connection.host or "", connection.port, timeout=SMTP_SECONDS)


def _post(settings: Settings, name: str, connection: Webhook, message: Message) -> Answer:
    if refused := refuse_far_host(settings, host_of(connection.url)):
        return Answer(False, refused, is_final=True)
    content = {
        **message.data,
        "key": message.key,
        "name": message.name,
        "subject": message.subject,
        "text": message.text,
        "rows": [dict(zip(message.columns, row, strict=True)) for row in message.rows],
    }
    body = json.dumps(content, ensure_ascii=False, default=str).encode()
    timestamp = str(int(time.time()))
    request = urllib.request.Request(  # noqa: S310
        connection.url,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.key,
            "X-Leadloop-Timestamp": timestamp,
            "X-Leadloop-Signature": sign(load_connection_secret(settings, name), timestamp, body),
        },
    )
    try:
        with _NO_REDIRECTS.open(request, timeout=connection.timeout_seconds) as answer:
            return _read_answer(connection, answer.status, answer.read(65_536))
    except urllib.error.HTTPError as error:
        words = error.read(65_536).decode(errors="replace")
        if place := error.headers.get("Location"):
            words = f"is at {place} now: correct the url of {name} in connections.yml. {words}"
        is_final = error.code < 500 and error.code not in _AGAIN
        return Answer(False, _shorten(f"{error.code} {words}"), is_final)


def _read_answer(connection: Webhook, status: int, body: bytes) -> Answer:
    """Return success only if the body has no error code: chat robots refuse with a 200."""
    words = _shorten(f"{status} {body.decode(errors='replace')}")
    try:
        content = json.loads(body)
    except ValueError:
        return Answer(True, words)
    if not isinstance(content, dict):
        return Answer(True, words)
    codes = [content[name] for name in CODE_FIELDS if content.get(name) is not None]
    return Answer(all(code in connection.ok_codes for code in codes), words)


def _shorten(text: str) -> str:
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= ANSWER_LENGTH else text[: ANSWER_LENGTH - 1] + "…"
