"""All rewriters over one file, all files at once, the proof that nothing else changed, and what is left."""
