"""``python -m ledger``."""

import sys

try:
    from ledger.cli import main
except KeyboardInterrupt:  # loading takes long enough to be interrupted
    sys.exit(130)

if __name__ == "__main__":
    raise SystemExit(main())
