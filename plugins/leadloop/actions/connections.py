"""Named connections of config/connections.yml: where mail, webhooks and plans for diallers go."""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leadloop.action_types import TYPES
from leadloop.actions import ActionError
from leadloop.errors import UsageError
from leadloop.keys import DEMO_TENANT, load_key
from leadloop.settings import read_model, read_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leadloop.settings import Settings

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]
Folder = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")]


class Part(BaseModel):
    """Any piece of the file: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Mail(Part):
    """Mail to people: through an SMTP server, or into files of a folder."""

    kind: Literal["mail"]
    to: tuple[str, ...] = Field(min_length=1, description="Addresses it goes to.")
    sender: str = Field(min_length=3, description="Address it comes from.")
    folder: Folder | None = Field(
        default=None, description="Folder under the home's out/ that takes .eml files instead."
    )
    host: str | None = Field(default=None, description="SMTP server.")
    port: int = Field(default=25, ge=1, le=65535, description="Its port.")
    security: Literal["none", "starttls", "tls"] = Field(
        default="none", description="How the line is secured."
    )
    user: str | None = Field(default=None, description="Login; its password is the secret.")

    @model_validator(mode="after")
    def _has_one_target(self) -> Mail:
        if (self.folder is None) == (self.host is None):
            message = "give exactly one of folder, host"
            raise ValueError(message)
        if self.user and self.security == "none":
            message = "a password never goes over an open line: set security to starttls or tls"
            raise ValueError(message)
        return self


class Webhook(Part):
    """A signed POST to a CRM, a dialler or a robot of a chat."""

    kind: Literal["webhook"]
    url: str = Field(pattern=r"^https?://[^\s@]+$", description="Address; no secret in it.")
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="Longest wait.")
    ok_codes: tuple[int | str, ...] = Field(
        default=(0, "0"), description="What errcode, code or StatusCode say when all is well."
    )


class Csv(Part):
    """A CSV file for a dialler that picks up files."""

    kind: Literal["csv"]
    folder: Folder = Field(description="Folder under the home's out/.")


Connection = Annotated[Mail | Webhook | Csv, Field(discriminator="kind")]


class Connections(Part):
    """The whole file."""

    connections: dict[Name, Connection] = Field(description="Connections by name.")
    deliver: dict[str, Name] = Field(
        default_factory=dict, description="Which connection carries out each type of action."
    )

    @model_validator(mode="after")
    def _names_exist(self) -> Connections:
        for action, name in self.deliver.items():
            if action not in TYPES:
                message = f"deliver: there is no action {action!r}; known: {', '.join(TYPES)}"
                raise ValueError(message)
            if name not in self.connections:
                message = f"deliver: {action} goes to {name!r}, which is no connection"
                raise ValueError(message)
        return self


def load_connections(settings: Settings) -> Connections:
    """Return the company's connections; every mistake in the file is named at once."""
    path = settings.config_file("connections.yml")
    try:
        return read_model(path, Connections)
    except UsageError as error:
        raise ActionError(str(error)) from error


def find_connection(settings: Settings, name: str) -> Mail | Webhook | Csv:
    """Return the connection of that name; ActionError lists the known ones."""
    known = load_connections(settings).connections
    if found := known.get(name):
        return found
    path = settings.config_file("connections.yml")
    message = f"There is no connection {name!r} in {path}; known: {', '.join(known)}."
    raise ActionError(message)


def find_route(settings: Settings, action_type: str) -> str:
    """Return the name of the connection that carries out a type of action."""
    if name := load_connections(settings).deliver.get(action_type):
        return name
    path = settings.config_file("connections.yml")
    message = f"Nothing carries out {action_type}: add it under `deliver` in {path}."
    raise ActionError(message)


def load_connection_secret(
    settings: Settings, name: str, environ: Mapping[str, str] | None = None
) -> bytes:
    """Return the secret of a connection; where none is given, the company's signing key."""
    env = os.environ if environ is None else environ
    variable = f"LEADLOOP_SECRET_{name.upper().replace('.', '_')}"
    if given := read_secret(env, variable):
        return given.encode()
    return load_key(settings, "signing", env)


def refuse_far_host(settings: Settings, host: str) -> str | None:
    """Return why a host may not be reached, if it may not: the demo never leaves the machine."""
    if settings.company.tenant_id != DEMO_TENANT or _is_this_machine(host):
        return None
    return (
        f"tenant_id is {DEMO_TENANT}, whose people are made up, so nothing is sent to {host}: "
        "set a tenant_id of your own in company.yml."
    )


def host_of(url: str) -> str:
    """Return the host of an address.

    >>> host_of("http://[::1]:8080/dialler")
    '::1'
    """
    return urlsplit(url).hostname or ""


def sink_folder(settings: Settings, folder: str) -> Path:
    """Return the folder under the home's out/ that takes files."""
    return settings.home.out / folder


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
