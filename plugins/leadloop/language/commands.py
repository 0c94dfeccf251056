"""`leadloop train`: models made from sentences, shown with their card."""

from __future__ import annotations

import typer

train_app = typer.Typer(help="Train models; show how they do on sentences they never saw.")


@train_app.callback()
def _group() -> None:
    """Train models; show how they do on sentences they never saw."""


@train_app.command("intents")
def train_intents() -> None:
    """Train the intents of config/intents.yml if that is not done yet; show the model card."""
    from leadloop.console import say
    from leadloop.language.cards import show_card
    from leadloop.language.intents import load_taxonomy
    from leadloop.language.training import load_model, model_folder
    from leadloop.settings import load_settings

    settings = load_settings()
    model = load_model(settings)
    say(show_card(model, load_taxonomy(settings)))
    say(f"\nmodel {model.version}: {model_folder(settings, model.version)}")
