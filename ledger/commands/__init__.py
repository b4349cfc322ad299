"""The commands of ``python -m ledger``, one module each with ``add_parser(commands)``."""
