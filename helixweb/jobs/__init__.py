"""What starts background work, and what does it."""
