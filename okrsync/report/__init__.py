"""Rendering only: what is known about key results as text, Markdown, JSON and CSV. No input, no
output, no clock: everything arrives as arguments."""
