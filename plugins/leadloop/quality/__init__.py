"""Gates: whether a day may go on, judged by the suites in `expectations/`."""
