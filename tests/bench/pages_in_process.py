"""Asks pages of the version in the current directory in this process. Started by `tests.bench.beside`: DATA_DIRECTORY.

Of the program it knows the commands, the addresses and `portal.app.create_app` alone, so that it works with earlier versions.
Reads a request a line and answers each with a line, both JSON: `["cases", {}]`, `["use", {kind: addresses}]`,
`["run", {"kind": …, "first": …, "count": …}]` with the microseconds of the processor for one answer.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

sys.path.insert(0, str(Path.cwd()))
RECORDS = ("brands", "green-products", "grades", "declarations", "organisations", "standards")
LISTS = RECORDS[:4]
SEARCHES = (
    "家具",
    "同仁堂",
    "tongrentang",
    "furniture",
    "GB/T 35607",
    "refrigerator",
    "杭州",
    "涂料 浙江",
    "three star",
)
LANGS = ("zh", "en")
MAX_RECORDS = 100  # of a register


class Pages:
    """The application of one version, with the requests that it is asked."""

    def __init__(self) -> None:
        self._app = importlib.import_module("portal.app").create_app()
        self._requests: dict[str, list[dict[str, Any]]] = {}

    def cases(self) -> dict[str, list[str]]:
        """The addresses that this version has, by kind."""
        found: dict[str, list[str]] = {}
        as_json = []
        for register in RECORDS:
            listing = json.loads(
                self._answer(f"/api/v1/registers/{register}/records?ended=1&limit={MAX_RECORDS}")
            )
            numbers = [quote(item["number"].replace("/", "-").replace(" ", "-")) for item in listing["items"]]
            found[register] = [
                f"/{LANGS[place % 2]}/{register}/{number}" for place, number in enumerate(numbers)
            ]
            as_json += [f"/api/v1/registers/{register}/records/{number}" for number in numbers]
        found["record as JSON"] = as_json
        found["search"] = [f"/{lang}/search?q={quote(query)}" for query in SEARCHES for lang in LANGS]
        found["list"] = [f"/{lang}/{register}" for register in LISTS for lang in LANGS]
        found["home"] = [f"/{lang}/" for lang in LANGS]
        return found

    def use(self, cases: dict[str, list[str]]) -> None:
        """Prepare the requests and ask each once: what the first one makes is not measured."""
        for kind, addresses in cases.items():
            self._requests[kind] = [environment(address) for address in addresses]
            for request in self._requests[kind]:
                self._ask(request)

    def run(self, *, kind: str, first: int, count: int) -> float:
        """The microseconds of the processor for one of `count` answers."""
        requests = self._requests[kind]
        began = time.process_time()
        for place in range(first, first + count):
            self._ask(requests[place % len(requests)])
        return (time.process_time() - began) / count * 1e6

    def _answer(self, address: str) -> bytes:
        return self._ask(environment(address))

    def _ask(self, request: dict[str, Any]) -> bytes:
        statuses: list[str] = []
        answer = self._app(
            {**request, "wsgi.input": io.BytesIO()}, lambda status, *_headers: statuses.append(status)
        )
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if not statuses[0].startswith("200"):
            raise SystemExit(f"{request['PATH_INFO']}: {statuses[0]}")
        return body


def environment(address: str) -> dict[str, Any]:
    """The WSGI environment of a GET request."""
    builder = importlib.import_module("werkzeug.test").EnvironBuilder
    path, _, query = address.partition("?")
    made: dict[str, Any] = builder(
        path=unquote(path), query_string=query, base_url="http://127.0.0.1:8000"
    ).get_environ()
    return made


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the program prints is no answer
    pages = Pages()
    for line in sys.stdin:
        command, arguments = json.loads(line)
        answer: Any = None
        if command == "cases":
            answer = pages.cases()
        elif command == "use":
            pages.use(arguments)
        else:
            answer = pages.run(**arguments)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
