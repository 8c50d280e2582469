"""Import every module of a Django project, as a script: prints those that fail, a line each.

Run by the project's own interpreter, in its checkout; needs nothing of ours.
"""

import importlib
import os
import subprocess

import django


def main() -> None:
    """Set Django up, then import whatever git lists."""
    django.setup()
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    for path in sorted(set(listed.stdout.split())):
        parts = path[:-3].split("/")
        if parts[-1] == "__init__":
            parts.pop()
        if "_template" in path or not parts or path == "setup.py" or not os.path.exists(path):
            continue  # code that is filled in before it is code
        name = ".".join(parts)
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever a module raises is what is asked for
            print(f"{name}: {type(error).__name__}: {error}")


main()
