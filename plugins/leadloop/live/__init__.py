"""What is always on: events are taken in over HTTP."""
