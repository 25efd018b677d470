"""What the system tests drive okrsync with: a folder, a warmed process, and faults."""
