"""What a new user is given: a folder to start from, and files for the scheduler of the house."""
