"""What the corpus is made with: its cases, a project to break, and okrsync itself."""
