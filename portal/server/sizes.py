"""The largest requests that the web server and the application accept, in bytes; and how many it handles side by side."""

from __future__ import annotations

MAX_BODY = 1_000_000  # bytes: a thousand numbers to check need a tenth of this
# Of a form with a file. The limits of files are lower (`registry.attachments.kinds`, `registry.services.filing`): up to
# this size the form comes back with what was typed and a message about the file.
MAX_BUFFERED_BODY = 73_000_000
MAX_FILE_BODY = 21_000_000  # of a file that a program uploads: a little more than a file may have (`registry.attachments.kinds`)
# Of each web process. Half of them may wait to write (`registry.store.patience`), so that the others answer readers.
THREADS = 8
MAX_CONNECTIONS = 1_000  # of one web process
DESCRIPTORS_EACH = 2  # of a connection: its socket and a temporary file
DESCRIPTORS_KEPT = 200  # of a process for the database, the index and others
