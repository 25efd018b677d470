"""Ratios taken in one run; see CONTRIBUTING.md for the commands and the bars."""
