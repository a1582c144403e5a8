"""Recompute the draw of a random check: python3 recompute_draw.py check.json population.json (Python 3.10 or newer)."""

import hashlib
import json
import pathlib
import sys
from typing import Any


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def recompute(check: Any, population: Any) -> str:
    announced, draw, numbers = check["announcement"], check["draw"], population["numbers"]
    if digest(*numbers) != announced["population"]["sha256"] or numbers != sorted(set(numbers)):
        return "not the population that was announced"
    seed = digest(check["number"], digest(*numbers), draw["figure"], draw["checkpoint"]["leaf_hash"])
    order = sorted(numbers, key=lambda number: (digest(seed, number), number))
    for drawn, number in zip(draw["sample"], order[: announced["sample"]["size"]], strict=True):
        free = set(announced["inspectors"]["labels"]) - {each["inspector"] for each in drawn["excluded"]}
        rank = [label for _hash, label in sorted((digest(seed, number, each), each) for each in free)]
        wanted = rank[: announced["inspectors"]["per_record"]]
        if (drawn["number"], drawn["inspectors"]) != (number, wanted):
            return f"place {drawn['place']}: the draw gives {number} {wanted}"
    return ""


if __name__ == "__main__":
    sys.exit(recompute(*(json.loads(pathlib.Path(name).read_text("utf-8")) for name in sys.argv[1:3])) or 0)
