"""The commands beside the phases: what ``preview``, ``status``, ``residue`` and the others do and print."""
