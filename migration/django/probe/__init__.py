"""What runs in the monolith's own interpreter. Files here import nothing of ours, and nothing imports them."""
