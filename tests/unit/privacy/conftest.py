"""The maker of lines with known spans, which tests of this folder cannot import by name."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def generate() -> ModuleType:
    """Return the module `generate` beside this file."""
    place = Path(__file__).with_name("generate.py")
    spec = importlib.util.spec_from_file_location("made_lines", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
