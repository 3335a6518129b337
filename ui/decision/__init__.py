"""What was decided, why, and what came of it: cards, list and drawer."""
