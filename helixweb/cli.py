"""The command line, ``helixweb``: check, plan and run workflows with the core alone; or start the whole application."""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helixweb import backfilled, confines, deployment, keeping, places, stored, terminal, versioned
from workflows.errors import Diagnostic, HelixError, nearest
from workflows.execution.engines import ASKED
from workflows.execution.limits import LimitRefused
from workflows.optimizer.materialize import OFFERED, USUAL

if TYPE_CHECKING:
    from types import FrameType

    from workflows.execution.runner import Isolation, NodeResult, Prepared, RunResult
    from workflows.execution.spark.server import SparkServer
    from workflows.store.filesystem import FileStore

SUCCEEDED, FAILED, WRONG_USAGE = 0, 1, 2
_AUDIT_SECONDS = 0.3  # of estimated work, after the answer was printed
MOST_EXPLAINED = 50  # nodes of a plan of which it is told how they changed

LIMITS = (
    ("memory", "SIZE", "as 500MB or 4GB; nine tenths of the machine's unless said"),
    ("time", "SECONDS", "from start to end; none unless said"),
    ("cpu", "SECONDS", "of processor time; none unless said"),
    ("processes", "NUMBER", "256 unless said"),
    ("disk", "SIZE", "of its own files, and as much again of results; 20GB unless said"),
    ("log", "SIZE", "of what it prints; 10MB unless said"),
)


class WrongUsage(HelixError):
    """The command line itself is wrong."""

    code = "wrong-usage"


class UnsupportedSystem(HelixError):
    code = "unsupported-system"

    def __init__(self) -> None:
        super().__init__(
            "This needs Linux, whose kernel ends and limits the processes that run your functions. "
            "Under WSL, in a container or in a virtual machine it works as well."
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 succeeded, 1 failed or does not compile, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        if sys.platform != "linux" and options.command in (_serve, _plan, _run):
            raise UnsupportedSystem
        return int(options.command(options))
    except WrongUsage as error:
        print(f"helixweb: {error.message}", file=sys.stderr)
        return WRONG_USAGE
    except HelixError as error:
        print(f"helixweb: {error.message}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # the reader went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="helixweb", description="Develop machine-learning workflows in quick steps.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve the whole application on this machine")
    serve.add_argument(
        "--port", type=_port, default=os.environ.get("HELIX_PORT") or "8000", help="of 127.0.0.1; 0 takes a free one"
    )
    serve.set_defaults(command=_serve)
    deployment.add_commands(commands, _port)
    stored.add_commands(commands, _store)
    versioned.add_commands(commands)
    backfilled.add_commands(commands)
    commands.add_parser("token", help="print a new sign-in address").set_defaults(command=_token)

    check = commands.add_parser("check", help="say what is wrong with a workflow; runs nothing")
    check.set_defaults(command=_check)
    plan = commands.add_parser("plan", help="say what a run would do, and why; runs nothing")
    plan.set_defaults(command=_plan)
    run = commands.add_parser("run", help="run a workflow, computing only what is stale")
    run.set_defaults(command=_run)
    for command in (check, plan, run):
        command.add_argument("file", metavar="FILE", type=Path)
        command.add_argument("--json", action="store_true", help="print one JSON object")
        command.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help="replace a constant")
    for command in (plan, run):
        command.add_argument(
            "--data", metavar="DIR", type=Path, help="folder of the data (else HELIX_DATA, else data/)"
        )
        command.add_argument("--store", metavar="DIR", type=Path, help="folder of what is kept")
        command.add_argument("--budget", metavar="SIZE", help="how much may be kept, as 2GB (else HELIX_BUDGET)")
        command.add_argument("--policy", choices=OFFERED, default=USUAL, help="what is kept")
        command.add_argument("--no-reuse", action="store_true", help="compute everything")
        command.add_argument(
            "--force", metavar="NODE", action="append", default=[], help="compute this node in any case"
        )
        command.add_argument("--engine", choices=ASKED, default="auto", help="where it computes")

        command.add_argument(
            "--only", metavar="NODE", action="append", default=[], help="want this node instead of the outputs"
        )
    plan.add_argument("--no-diff", action="store_true", help="leave out how code and values changed")

    run.add_argument(
        "--audit", metavar="SHARE", help="of loads that are computed again to be checked, as 5%% (else HELIX_AUDIT)"
    )

    limits = run.add_argument_group("limits of the run, with all that it starts (else HELIX_LIMIT_MEMORY and so on)")
    for name, metavar, meaning in LIMITS:
        limits.add_argument(f"--{name}", metavar=metavar, help=meaning)

    data = commands.add_parser("data", help="public data sets for the examples")
    actions = data.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list them")
    listing.add_argument("--json", action="store_true", help="print one JSON object")
    listing.set_defaults(command=_data_list)
    fetch = actions.add_parser("fetch", help="fetch one, checked by SHA-256")
    fetch.add_argument("name", metavar="NAME")
    fetch.set_defaults(command=_data_fetch)
    for command in (listing, fetch):
        command.add_argument(
            "--data", metavar="DIR", type=Path, help="folder of the data (else HELIX_DATA, else data/)"
        )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number up to 65535, not {text!r}")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    from helixweb.supervisor import serve

    return serve(options.port)


def _token(options: argparse.Namespace) -> int:  # noqa: ARG001 - every command takes its options
    from helixweb.supervisor import print_token

    return print_token()


def _check(options: argparse.Namespace) -> int:
    from workflows.compiler import compile_workflow

    text = _text(options.file)
    compiled = compile_workflow(text, overrides=_overrides(options.set), lib=_library(options.file))
    _known_constants(compiled.diagnostics)
    if options.json:
        _print_json({"diagnostics": [_diagnostic_json(diagnostic) for diagnostic in compiled.diagnostics]})
    else:
        terminal.print_diagnostics(options.file, text, compiled.diagnostics)
    return FAILED if compiled.dag is None else SUCCEEDED


def _plan(options: argparse.Namespace) -> int:
    from workflows.execution.explanation import own_changes

    store = _store(options)
    with closing(store):
        prepared = _prepared(options, store)
        plan = prepared.plan
        if plan is None:
            return _does_not_compile(options, prepared)
        causes = list(islice(own_changes(prepared, store, _data_root(options)), MOST_EXPLAINED))
    if options.json:
        changed = {cause.path[0]: [asdict(each) for each in cause.changes] for cause in causes}
        nodes = [
            {**_without_parts(node._asdict()), "changes": changed.get(node.node, [])} for node in plan.nodes.values()
        ]
        missing = [_missing_json(missing) for missing in prepared.missing]
        _print_json({"engine": prepared.engine, "estimate": plan.estimate, "nodes": nodes, "missing": missing})
    else:
        terminal.print_plan(plan, {} if options.no_diff else {cause.path[0]: cause.changes for cause in causes})
        terminal.print_missing(prepared.missing)
    return SUCCEEDED


def _run(options: argparse.Namespace) -> int:
    from workflows.execution import runner
    from workflows.execution.audit import Auditor, drawn
    from workflows.execution.view import named
    from workflows.execution.warmserver import WarmServer
    from workflows.store.inventory import audits

    try:
        limits = confines.limits({name: getattr(options, name) for name, *_ in LIMITS})
        share = keeping.audit(options.audit)
    except (LimitRefused, keeping.KeepingRefused) as error:
        raise WrongUsage(error.message) from None
    store = _store(options)
    with closing(store):
        prepared = _prepared(options, store)
        if prepared.plan is None:
            return _does_not_compile(options, prepared)
        isolation = confines.isolation()
        isolation = replace(isolation, read=(*isolation.read, *named(prepared, _data_root(options))))
        spark = _spark(isolation) if prepared.engine == "spark" else nullcontext()
        with spark as server, WarmServer(standby=False) as warm, Interruption() as interruption:
            result = runner.run(
                prepared,
                store=store,
                data_root=_data_root(options),
                sink=terminal.Log(),
                cancellation=interruption,
                limits=limits,
                isolation=isolation,
                warm=warm,
                spark=server,
            )
            _print_result(options, prepared, result, isolation)
            auditor = Auditor(store, _data_root(options), warm, isolation, limits, interruption)
            parts = drawn(prepared, share, random.Random())
            found = auditor.audit(prepared, parts, seconds=_AUDIT_SECONDS)
        if found.checked:
            terminal.print_audit(found, audits(store.catalog))
    return SUCCEEDED if result.status == "succeeded" and not found.false_hits else FAILED


def _print_result(options: argparse.Namespace, prepared: Prepared, result: RunResult, isolation: Isolation) -> None:
    if options.json:
        _print_json(_result_json(result, prepared.engine, options.only))
    else:
        computed = any(node.action == "compute" for node in result.nodes)
        if computed and isolation.mode == "auto" and isolation.missing is not None:
            terminal.print_unprotected(isolation.missing)
        terminal.print_result(options.file, prepared.compiled.text, result)
        terminal.print_ways(prepared.missing)
    sys.stdout.flush()


class Interruption:
    """Ctrl-C asks the run to stop: what is complete is kept. A second one ends the command."""

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None

    def __enter__(self) -> Interruption:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def requested(self) -> bool:
        return self._asked

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - what a handler takes
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True


def _data_list(options: argparse.Namespace) -> int:
    from workflows.execution.datasets import DATASETS

    root = _data_root(options)
    rows = [
        {"name": dataset.name, "title": dataset.title, "bytes": dataset.bytes, "present": dataset.present(root)}
        for dataset in DATASETS.values()
    ]
    if options.json:
        _print_json({"datasets": rows})
    else:
        terminal.print_datasets(rows, root)
    return SUCCEEDED


def _data_fetch(options: argparse.Namespace) -> int:
    from workflows.execution.datasets import UnknownDataset, fetch

    root = _data_root(options)
    try:
        dataset = fetch(options.name, root, terminal.Bar(options.name).show)
    except UnknownDataset as error:
        raise WrongUsage(error.message) from None
    print(f"{dataset.title} is in {root}.")
    return SUCCEEDED


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise WrongUsage(f"{file} is not text in UTF-8.") from None
    except OSError as error:
        near = None
        if file.parent.is_dir():
            near = nearest(file.name, [entry.name for entry in file.parent.iterdir()])
        hint = f" Did you mean {file.with_name(near)}?" if near and not file.exists() else ""
        raise WrongUsage(f"{file} cannot be read: {(error.strerror or str(error)).lower()}.{hint}") from None


def _overrides(settings: Sequence[str]) -> dict[str, Any]:
    """Constants given as NAME=VALUE; a value that is no Python literal is a string."""
    overrides: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.isidentifier():
            raise WrongUsage(f"--set takes NAME=VALUE, and was given {setting!r}.")
        try:
            overrides[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            overrides[name] = value
    return overrides


def _known_constants(diagnostics: Sequence[Diagnostic]) -> None:
    """A constant that the text does not have is a fault of the command line, not of the text."""
    for diagnostic in diagnostics:
        if diagnostic.code == "unknown-constant":
            raise WrongUsage(f"{diagnostic.message} {diagnostic.hint}".strip())


def _library(file: Path) -> Path | None:
    folder = file.resolve().parent / "lib"
    return folder if folder.is_dir() else None


def _data_root(options: argparse.Namespace) -> Path:
    return Path(options.data).resolve() if options.data is not None else places.data_root()


def _spark(isolation: Isolation) -> SparkServer:
    from helixweb.spark import server

    return server(isolation, terminal.print_wait)


def _store(options: argparse.Namespace) -> FileStore:
    """The store of the command line. The application's own has its catalog in the database, so they are two."""
    from workflows.store.filesystem import FileStore

    folder = Path(options.store) if options.store is not None else places.home() / "cli"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return FileStore(folder.resolve(), budget=keeping.budget(folder, options.budget))
    except keeping.KeepingRefused as error:
        raise WrongUsage(error.message) from None
    except OSError as error:
        raise WrongUsage(f"The store {folder} cannot be used: {error}. Name another folder with --store.") from None


def _prepared(options: argparse.Namespace, store: FileStore) -> Prepared:
    """The text that is to be planned or run; what is wrong with it has been shown, but for --json."""
    from helixweb.spark import available as has_spark
    from workflows.execution.runner import UnknownNode, prepare

    try:
        prepared = prepare(
            _text(options.file),
            store=store,
            data_root=_data_root(options),
            workflow=str(options.file.resolve()),
            overrides=_overrides(options.set),
            reuse=not options.no_reuse,
            force=options.force,
            wanted=options.only,
            policy=options.policy,
            lib=_library(options.file),
            hash_files=True,
            engine=options.engine,
            spark=options.engine == "auto" and has_spark(),
        )
    except UnknownNode as error:
        raise WrongUsage(error.message) from None
    _known_constants(prepared.diagnostics)
    if not options.json:
        terminal.print_diagnostics(options.file, prepared.compiled.text, prepared.diagnostics)
    return prepared


def _does_not_compile(options: argparse.Namespace, prepared: Prepared) -> int:
    if options.json:
        _print_json({"status": "failed", "diagnostics": [_diagnostic_json(each) for each in prepared.diagnostics]})
    return FAILED


def _result_json(result: RunResult, engine: str, only: Sequence[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "status": result.status,
        "engine": engine,
        "seconds": result.seconds,
        "estimate": result.estimate,
        "accuracy": None if result.accuracy is None else asdict(result.accuracy),
        "outputs": result.outputs,
        "nodes": [_node_json(node) for node in result.nodes],
    }
    if only:
        answer["only"] = only
    return answer if result.error is None else {**answer, "error": result.error}


def _node_json(node: NodeResult) -> dict[str, Any]:
    answer = asdict(node)
    error, _ = answer.pop("error"), answer.pop("status")
    if error is not None:
        answer["error"] = {name: error[name] for name in ("code", "message", "line", "detail", "example")}
    return answer


def _without_parts(node: dict[str, Any]) -> dict[str, Any]:
    return {"name": node.pop("node"), **node}


def _missing_json(missing: Any) -> dict[str, Any]:
    dataset = missing.dataset
    return {
        "node": missing.node,
        "split": missing.split,
        "path": missing.path,
        "dataset": None if dataset is None else {"name": dataset.name, "title": dataset.title, "bytes": dataset.bytes},
        "message": missing.message,
    }


def _diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    span = asdict(diagnostic.span)
    answer = asdict(diagnostic)
    del answer["span"]
    return {**answer, **span}


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
