"""Parse the command line, and run the command it names."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper

from include.managed_agents.cli import parsers
from include.managed_agents.cli.errors import CommandError
from include.managed_agents.cli.escaping import one_line
from include.managed_agents.cli.options import add_server_options
from include.managed_agents.cli.prices import add_price

__all__ = ["command", "main", "parser"]

DEFAULT_DATABASE = "sqlite:///managed_agents.db"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, or 1 with one line on stderr."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what a terminal's encoding lacks is written out
            stream.reconfigure(errors="backslashreplace")
    try:
        code = command(options.run)(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except CommandError as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # who reads stdout has read enough
        drop_output()
        return 1
    except OSError as error:  # such as a full disk that stdout goes to
        drop_output()
        print(f"error: {one_line(str(error))}", file=sys.stderr)  # noqa: T201
        return 1
    except UnicodeError:
        print("error: an argument or the input is no UTF-8 text", file=sys.stderr)  # noqa: T201
        return 1


def drop_output() -> None:
    """Let what is still buffered go nowhere, or Python would try it again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def command(run: str) -> Callable[[argparse.Namespace], int]:
    """Return a command's function, named ``module:function``. A module takes a second to import; --help needs none."""
    module, _, function = run.partition(":")
    found: Callable[[argparse.Namespace], int] = getattr(import_module(f"{__package__}.{module}"), function)
    return found


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="python -m include.managed_agents",
        description="The embedded server: the Managed Agents API on one machine, without an account.",
    )
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_serve(commands.add_parser("serve", help="run the server", description=SERVE))
    add_import(
        commands.add_parser("import", help="make sessions of recorded transcripts", description=IMPORT)
    )
    add_export(
        commands.add_parser("export", help="write a memory store or a session to files", description=EXPORT)
    )
    add_seed(commands.add_parser("seed", help="make a memory store from files", description=SEED))
    for name, told, description, add in (
        ("stores", "list, show and compare memory stores", parsers.STORES, parsers.add_stores),
        ("sessions", "list and show sessions", parsers.SESSIONS, parsers.add_sessions),
        ("dreams", "make, list, show and compare dreams", parsers.DREAMS, parsers.add_dreams),
        ("say", "talk to a session", parsers.SAY, parsers.add_say),
    ):
        add(commands.add_parser(name, help=told, description=description))
    return root


SERVE = (
    "Run the server until it is stopped. It prints one line with its URL when it listens. Official SDKs work "
    "against it: pass the URL as base_url and the key as api_key."
)
IMPORT = (
    "Make one session of each transcript in FILE, with the times recorded in it. FILE is JSON Lines, plain or "
    'gzipped, one session a line: {"id", "title"?, "created_at"?, "messages": [{"role", "content", "created_at"?, '
    '"tool_calls"?, "tool_call_id"?, "name"?}]} with roles user, assistant and tool. A time without a '
    "zone is UTC. Prints one session id a line. A transcript that the agent has already is not imported again. If a "
    "line is wrong, nothing is imported."
)
EXPORT = (
    "Write a memory store or a session to files. A store goes to a new folder that mirrors its paths, or to one "
    "JSON file if PATH ends in .json; `seed` reads both. A session is added as a line to the transcript file PATH, "
    "which `import` reads."
)
SEED = (
    "Make a memory store of a JSON file or a folder, as `export` writes them, and print its id. The JSON is "
    '{"name", "description"?, "metadata"?, "memories": [{"path", "content"}]}.'
)


def add_serve(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run="serving:serve")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    command.add_argument("--port", type=port, default=8787, help="0 takes a free one (default: %(default)s)")
    command.add_argument(
        "--database", default=DEFAULT_DATABASE, metavar="URL", help="an SQLite file (default: %(default)s)"
    )
    command.add_argument(
        "--api-key",
        default=os.environ.get("AGENTS_API_KEY"),
        metavar="KEY",
        help="the key that clients must send (default: AGENTS_API_KEY, or one that is made and printed)",
    )
    command.add_argument(
        "--model",
        choices=("offline", "claude"),
        default="offline",
        help="who thinks for sessions and dreams: offline needs no key and no network; claude calls the Messages "
        "API with ANTHROPIC_API_KEY, and costs money (default: %(default)s)",
    )
    add_price(command)
    command.add_argument(
        "--pace",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="make a dream last at least this long (default: %(default)s)",
    )
    command.add_argument(
        "--rates",
        type=rates,
        metavar="READS,CREATES",
        help="take so many requests a minute, of those that read and those that create, and answer 429 to more, as the "
        "service does: it documents 1200,300 (default: any number)",
    )


def add_import(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run="importing:import_file")
    command.add_argument("file", metavar="FILE", help="the transcripts")
    add_server_options(command)
    command.add_argument(
        "--agent", metavar="ID", help="the agent that held them (default: one made for imports)"
    )
    command.add_argument(
        "--memory-store", metavar="ID", help="the memory store that they mounted (default: none)"
    )


def add_export(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run="exporting:export")
    command.add_argument("id", metavar="ID", help="memstore_… or sesn_…")
    command.add_argument("to", metavar="PATH", help="the folder or file to write")
    add_server_options(command)


def add_seed(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run="seeding:seed")
    command.add_argument("source", metavar="PATH", help="the JSON file or folder to read")
    add_server_options(command)
    command.add_argument(
        "--memory-store", metavar="ID", help="fill this store instead of making one; what else it holds stays"
    )


def port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; expected a number from 0 to 65535")
    return int(text)


def rates(text: str) -> tuple[int, int]:
    reads, _, creates = text.partition(",")
    if not (reads.isdigit() and creates.isdigit() and int(reads) and int(creates)):
        raise argparse.ArgumentTypeError(f"{text!r} is not two numbers above 0; expected READS,CREATES")
    return int(reads), int(creates)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; expected seconds, 0 or more")
    return value
