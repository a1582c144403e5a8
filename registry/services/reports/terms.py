"""Terms of reports: by when they are answered, and how long what was written and who wrote it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from registry.kit.report import ERROR, FAKE, OBJECTION
from registry.reference import working_days

# Working days from the day after the report. Errors: 20, as for what enterprises publish (Interim Regulation on the
# Publication of Enterprise Information, Art. 13) and for answers on government information (Regulation on Government
# Information, Art. 33). Fakes: 15, within which a market regulator decides whether it takes a case up (Interim Measures on
# Complaints and Reports to Market Regulators, Art. 31). Objections: 15, as long as a publicity lasts.
ANSWER_WORKING_DAYS: Mapping[str, int] = {ERROR: 20, FAKE: 15, OBJECTION: 15}
# After the answer: as long as it can be taken to court (Administrative Litigation Law, Art. 46: six months).
RETENTION = dt.timedelta(days=180)


def due_on(kind: str, received: dt.date) -> dt.date:
    """Return the last day on which a report of this kind is answered in time."""
    return working_days.add_working_days(received, ANSWER_WORKING_DAYS[kind])
