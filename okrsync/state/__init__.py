"""The memory between runs: leases, intents and receipts, history, people's words.

``open_state`` in ``okrsync.state.state`` is the way in. This package's name alone loads nothing:
SQLAlchemy comes with the modules that use it.
"""
