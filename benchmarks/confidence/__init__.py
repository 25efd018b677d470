"""Forecasts over windows of real series, scored by the folder's own score.py."""
