"""leadloop: analytics for telesales, from the signal to its cause, action and effect."""

__version__ = "0.1.0"
