"""The wheel, built from a source distribution, and an environment that holds it and its requirements alone."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_IN_A_CHECKOUT = (".*", "var", "build", "dist", "*.egg-info", "__pycache__", "node_modules", "mutants")
PIN = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """Name → version of everything that a lock pins."""
    return dict(PIN.findall(lock.read_text("utf-8")))


def run(*command: str | Path, **options: object) -> str:
    """Run a command to its end and return what it printed; fail with its complaints if it failed."""
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout; built from a copy, so that nothing left by an earlier build gets into it."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "checkout", ignore=shutil.ignore_patterns(*NOT_IN_A_CHECKOUT))
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, folder / "checkout")
    (built,) = folder.glob("*.whl")
    return built


@dataclass(frozen=True, slots=True)
class Installation:
    """An environment with the wheel in it, and an empty folder to work in."""

    bin: Path
    site_packages: Path
    work_dir: Path
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """Run a program of the environment and return what it printed."""
        return run(self.bin / command[0], *command[1:], cwd=self.work_dir, env=self.environment)


@pytest.fixture(scope="session")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel, installed without a network: what requirements.lock pins is taken from this environment."""
    folder = tmp_path_factory.mktemp("installation")
    venv.create(folder / "venv", symlinks=True, with_pip=False)
    (site_packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    requirements = folder / "requirements"
    requirements.mkdir()
    for name in pins(ROOT / "requirements.lock"):
        link_distribution(name, requirements)
    (site_packages / "requirements.pth").write_text(f"{requirements}\n", "utf-8")
    pip = (sys.executable, "-m", "pip", "--python", folder / "venv" / "bin" / "python", "--no-cache-dir")
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel)
    run(*pip, "check")
    work_dir = folder / "work"
    work_dir.mkdir()
    kept = ("PATH", "LANG", "TMPDIR", "HOME")
    return Installation(
        bin=folder / "venv" / "bin",
        site_packages=site_packages,
        work_dir=work_dir,
        environment={name: os.environ[name] for name in kept if name in os.environ}
        | {"LC_ALL": "C.UTF-8", "PINZHENG_SEARCH_MEANING": "off"},
    )


def link_distribution(name: str, folder: Path) -> None:
    """Put the files of an installed distribution into a folder, as links."""
    distribution = importlib.metadata.distribution(name)
    for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
        if not (folder / top).exists():
            (folder / top).symlink_to(Path(str(distribution.locate_file(top))).resolve())
