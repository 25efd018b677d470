"""Systems that hold the same deals: what the 40 questions are asked of."""
