"""The Dockerfile and docker-compose.yml: linted, held against the schema, and each service's command run for real.

No container engine is needed: the very commands, environments and health checks of the compose file run as plain
processes, with the containers' names, ports and folders put in place of this machine's.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql

from helixweb import leash
from helixweb.supervisor import redis_server
from tests import postgres
from tests.helixweb.workflow_texts import DOUBLED, write_table
from tests.stack import PATIENCE, ROOT, Client, until

pytestmark = pytest.mark.xdist_group("deployment")

COMPOSE = ROOT / "docker-compose.yml"
BIN = Path(sys.executable).parent


def services() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text())["services"])


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)


def valid(file: Path) -> bool:
    return run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file).returncode == 0


def test_the_compose_file_keeps_to_its_specification(tmp_path: Path) -> None:
    assert valid(COMPOSE)
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(COMPOSE.read_text().replace("read_only: true", "read_only: [much]", 1))
    assert not valid(broken)  # so the schema is really held against it


def test_the_dockerfile_has_nothing_that_its_linter_minds(tmp_path: Path) -> None:
    done = run(BIN / "hadolint", ROOT / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN cd /tmp && sudo apt-get install -y git\n")
    assert run(BIN / "hadolint", tmp_path / "Dockerfile").returncode == 1


def test_what_the_image_is_built_from_is_there_and_is_sent_to_the_engine() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = set()
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied |= set(line.split()[1:-1])
    assert len(copied) > 8
    for path in copied:
        assert (ROOT / path).exists(), path
        assert path.partition("/")[0] in sent, path
    assert sent == {path.partition("/")[0] for path in copied}


def test_no_service_has_more_rights_than_it_needs() -> None:
    for name, service in services().items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["read_only"] is True, name
        assert not service.keys() & {"privileged", "cap_add", "pid", "network_mode", "ipc"}, name
        assert service.get("user") in ({"postgres": "postgres", "redis": "redis"}.get(name), None), name
        assert re.fullmatch(r"[a-z]+:.*[0-9].*", service["image"]), "a release, not the latest one"
    users = re.findall(r"^USER (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["10001:10001"]
    assert [name for name, each in services().items() if "seccomp=unconfined" in each["security_opt"]] == ["worker"]


def test_the_loopback_address_alone_is_published_and_the_database_is_reached_from_inside_alone() -> None:
    published = {name: each["ports"] for name, each in services().items() if "ports" in each}
    assert published == {"web": ["${HELIX_BIND:-127.0.0.1}:${HELIX_PORT:-8000}:8000"]}
    inside = {name for name, each in services().items() if each["networks"] == ["inside"]}
    assert inside == {"postgres", "redis", "migrate", "explorer"}


def test_passwords_come_from_files_that_have_to_be_made() -> None:
    whole = yaml.safe_load(COMPOSE.read_text())
    assert {each["file"].partition("/")[0] for each in whole["secrets"].values()} == {"."}
    assert run("git", "check-ignore", "--quiet", "secrets/database-password").returncode in (0, 128)  # 128: no checkout
    for name, service in whole["services"].items():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable:
                assert variable.endswith("_FILE"), (name, variable)
            assert not re.search(r"://[^/]*:[^/]*@", str(value)), (name, variable)


def test_every_service_that_goes_on_tells_of_its_health_and_the_others_wait_for_it() -> None:
    found = services()
    for name, service in found.items():
        if name != "migrate":
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name
            assert service["restart"] == "unless-stopped", name
    for name in ("web", "worker", "explorer"):
        assert found[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "redis": {"condition": "service_healthy"},
        }
    assert found["migrate"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }


class Machine:
    """This machine in place of the containers: their names, ports and folders, and what their variables default to."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        secrets = folder / "secrets"
        secrets.mkdir()
        for name in yaml.safe_load(COMPOSE.read_text())["secrets"]:
            (secrets / name).write_text(f"{name}-of-a-test\n")
        self.web_port, self.redis_port = postgres.free_port(), postgres.free_port()
        self.database = f"container_{folder.name}".replace("-", "_")[:60]
        self._running: list[subprocess.Popen[bytes]] = []
        _, _, where = server.rpartition("@")
        self._places = {
            "/run/secrets/": f"{secrets}/",
            "/var/lib/helixweb": str(folder / "var"),
            "/data": str(folder / "data"),
            "/tmp/": f"{folder}/",
            "@postgres:5432/helixweb": f"@{where.partition('/')[0]}/{self.database}",
            "redis:6379": f"127.0.0.1:{self.redis_port}",
            "port 6379": rf"port {self.redis_port}\nbind 127.0.0.1",
            "-p 6379": f"-p {self.redis_port}",
            "8000": str(self.web_port),
            "0.0.0.0": "127.0.0.1",
        }

    def put(self, text: Any) -> str:
        """A word of the compose file as it is on this machine."""
        defaults = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(text)).replace("$$", "$")
        there = "|".join(map(re.escape, self._places))
        return re.sub(there, lambda found: self._places[found[0]], defaults)

    def environment(self, service: dict[str, Any]) -> dict[str, str]:
        """What a container finds, and nothing of this session."""
        path = os.pathsep.join([str(BIN), str(Path(redis_server()).parent), "/usr/bin", "/bin"])
        found = {name: self.put(value) for name, value in service.get("environment", {}).items()}
        return {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "HELIX_READ": str(self.folder)} | found

    def command(self, words: list[str]) -> list[str]:
        return [self.put(word) for word in words]

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start a service; its output goes to a log of its name."""
        service = services()[name]
        leashed = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *self.command(service["command"])]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                leashed,
                env=self.environment(service),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def health(self, name: str) -> subprocess.CompletedProcess[str]:
        """The outcome of a service's health check."""
        kind, *words = services()[name]["healthcheck"]["test"]
        return self.run(name, *self.command(["sh", "-c", *words] if kind == "CMD-SHELL" else words))

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command with a service's environment, as `docker compose exec` does."""
        environment = self.environment(services()[name])
        return subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
        )

    def end(self) -> None:
        for process in reversed(self._running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)  # a shell's children too, as with a container
        for process in self._running:
            process.wait(PATIENCE)


@pytest.fixture
def machine(tmp_path: Path, postgres_server: str) -> Iterator[Machine]:
    made = Machine(tmp_path, postgres_server)
    wanted = services()["postgres"]["environment"]
    password = Path(made.put(wanted["POSTGRES_PASSWORD_FILE"])).read_text().strip()
    user = sql.Identifier(wanted["POSTGRES_USER"])
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(user, sql.Literal(password)))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(made.database), user))
    yield made
    made.end()


def test_the_services_commands_serve_a_workflow_that_runs_to_its_end(machine: Machine) -> None:
    redis = machine.start("redis")
    until(lambda: machine.health("redis"), lambda done: done.returncode == 0)
    for name in ("web", "worker", "explorer"):
        assert machine.health(name).returncode == 1
    migrated = machine.run("migrate", *machine.command(services()["migrate"]["command"]))
    assert migrated.returncode == 0, migrated.stderr
    processes = [machine.start(name) for name in ("web", "worker", "explorer")]
    for name in ("web", "worker", "explorer"):
        until(lambda name=name: machine.health(name), lambda done: done.returncode == 0)  # type: ignore[misc]
    write_table(machine.folder / "data")
    address = machine.run("web", "helixweb", "token").stdout.strip()
    url, _, token = address.partition("/sign-in#token=")
    assert url == f"http://127.0.0.1:{machine.web_port}"
    with closing(Client(url, token)) as client:
        assert {each["name"] for each in client.get("/workflows").json()} >= {"Census"}
        done = client.finished(client.started(client.created()["id"], DOUBLED)["id"])
        assert (done["status"], done["metrics"][0]["value"]) == ("succeeded", 12.0)
    assert [process.poll() for process in (redis, *processes)] == [None] * 4
    machine.end()
    secrets = [file.read_text().strip() for file in (machine.folder / "secrets").iterdir()]
    for log in machine.folder.glob("*.log"):
        text = log.read_text()
        assert "Traceback" not in text
        assert not [secret for secret in secrets if secret in text]
