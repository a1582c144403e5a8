"""Which packages there are. Everything else about the distribution is in setup.cfg.

`migrations/` and `translations/` are top-level folders of the repository, but not of an installation: there they lie
inside the package `registry`, because other distributions could bring folders of these names too.
"""

from __future__ import annotations

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["registry*", "portal*"]),
        "registry.migrations",
        "registry.translations",
    ],
    package_dir={"registry.migrations": "migrations", "registry.translations": "translations"},
)
