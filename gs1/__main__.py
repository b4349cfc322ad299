"""Command line: ``python -m gs1 batch | explain | dictionary``."""

from __future__ import annotations

import sys

from gs1 import batch, explain, syntax_dictionary

_USAGE = """\
usage: python -m gs1 batch                      JSON lines from standard input to standard output
       python -m gs1 explain TEXT               take a code apart, for people
       python -m gs1 dictionary FILE [--write]  check or rewrite the AI tables
"""


def main(argv: list[str]) -> int:
    """Run one command; 2 for a wrong one."""
    command, *rest = argv or [""]
    if command == "batch" and not rest:
        return batch.main()
    if command == "explain":
        return explain.main(rest)
    if command == "dictionary":
        return syntax_dictionary.main(rest)
    sys.stderr.write(_USAGE)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
