"""What is odd about items, how sure that is, and why."""
