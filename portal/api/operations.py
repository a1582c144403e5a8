"""What an operation of the API is: its address and method, what it takes and answers. The operations themselves stand beside what they describe."""

from __future__ import annotations

from dataclasses import dataclass

import marshmallow as ma

from registry.i18n import _

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query. `about`: message id; `kind`: a JSON type; `values`: the only ones that are taken."""

    name: str
    about: str
    kind: str = "string"
    values: tuple[str, ...] = ()
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """What a method of an address does. `summary` and `about` are message ids; `answer`: the schema of status `status`, None for
    a file.

    `others`: further statuses that a caller must expect, all of them problem documents. `of_desk`: the token is one of the desk.
    `dry_run_answer`: where it is not the usual one; `takes_file`: the body is a file.
    """

    method: str
    path: str
    summary: str
    answer: type[ma.Schema] | None
    about: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: type[ma.Schema] | None = None
    status: int = 200
    others: tuple[int, ...] = (400, 429, 503)
    needs_token: bool = False
    of_desk: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = JSON
    dry_run_answer: type[ma.Schema] | None = None
    takes_file: bool = False

    @property
    def answer_keys(self) -> tuple[str, ...]:
        """The keys of the answer, those that are always there first."""
        return _keys(self.answer) if self.answer else ()

    @property
    def body_keys(self) -> tuple[str, ...]:
        """The keys of what is sent; none for an operation without a body."""
        return _keys(self.body) if self.body else ()

    @property
    def operation_id(self) -> str:
        words = [part.strip("{}") for part in self.path.replace(".", "/").split("/") if part]
        return "_".join((self.method, *words)).replace("-", "_")


def _keys(schema: type[ma.Schema]) -> tuple[str, ...]:
    fields = schema().fields.items()
    ordered = sorted(fields, key=lambda each: not each[1].required)
    return tuple(field.data_key or name for name, field in ordered)


LANG = Parameter("lang", _("Language of addresses and suggestions."), values=("zh", "en"))
LIMIT = Parameter("limit", _("Records on a page, 1 to 100; 20 if it is left out."), "integer")
NEXT = Parameter("next", _("Token of the next page, as the page before gave it."))
ENDED = Parameter("ended", _("1 for ended records too."), values=("0", "1"))
SORT = Parameter("sort", _("Order of the results."))
AT = Parameter("at", _("A past day: as it stood at the end of that day in Shanghai."))
ORIGIN = Parameter(
    "origin",
    _("Real records, invented ones, or those that bodies abroad have issued."),
    values=("real", "demonstration", "abroad"),
)
FILTERS = Parameter(
    "status",
    _(
        "A filter. Any facet of the register can be given so, repeated for several values; unknown for records that do not say."
    ),
    is_list=True,
)
DRY_RUN = Parameter("dry_run", _("1 to check what would happen, without publishing."), values=("0", "1"))
RECORD_PATH = "/registers/{register}/records/{number}"
IDEMPOTENCY = (
    "Idempotency-Key",
    _("A key of your own: the same request again gives the same answer, and publishes nothing twice."),
)
IF_MATCH = ("If-Match", _("The ETag of the record as you have read it, or * for any version."))
