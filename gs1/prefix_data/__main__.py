"""Write ``company_prefixes.txt`` anew: ``python -m gs1.prefix_data`` after an upgrade of biip.

The change shows as a diff of text lines. Another target may be given as the argument.
"""

import sys
from pathlib import Path

from gs1.prefix_data.biip_table import biip_tree, lines

target = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "company_prefixes.txt"
Path(target).write_text("\n".join(lines(biip_tree())) + "\n", encoding="ascii")
