"""`python -m deploy.bare`, which is what `./linli` runs."""

import sys

from deploy.bare.commands import main

sys.exit(main(sys.argv[1:]))
