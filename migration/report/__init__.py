"""The report as one page of HTML: what moved, what changed and why, what crosses the border."""
