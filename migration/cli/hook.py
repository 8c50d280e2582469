"""``python -m migration.cli.hook PLAN …``: what ``follow check=1`` says, for pre-commit and CI.

It looks at the repository that it is started in, and takes the plans from where they are named: neither doit nor a
checkout of the tool is needed, only the installed package.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from migration.cli.commands import follow
from migration.cli.options import Options
from migration.cli.session import Session
from migration.cli.terminal import escape_output
from migration.core.errors import MigrationError, refused
from migration.plan import reading


def main(arguments: Sequence[str]) -> int:
    """Look for what is stale; nothing is written.

    :param arguments: the plans (``moves.yml``) of the moves that have happened.
    :returns: 0 if nothing names an old place, else 1.
    """
    parser = argparse.ArgumentParser(prog="python -m migration.cli.hook", description=__doc__)
    parser.add_argument("plans", nargs="+", type=Path, metavar="PLAN", help="a moves.yml")
    code = 0
    escape_output()
    for path in parser.parse_args(arguments).plans:
        try:
            options = Options(product=reading.load(path).product, repo=Path.cwd(), check=True)
            session = Session(options, path.parent)
            session.plan_path = path.resolve()
            follow.run(session)
        except MigrationError as error:
            sys.stderr.write(f"{error}\n")
            code = 1
        except OSError as error:
            sys.stderr.write(f"{refused(error)}\n")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
