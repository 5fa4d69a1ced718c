"""All servers of one comparison, running at once."""

import json
import socket
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.cases import ACTION, SAMPLE, Case, cases
from benchmarks.contestant import Contestant, Reference, send_key
from benchmarks.measuring import Record
from benchmarks.servers import Probe, Server, ask, serving

_CREATE: Final = Case("POST create", "POST", ACTION, 201)


class Field:
    """The servers, what is known of each, and the cases that they are measured in.

    The first to start has to be the mock: the others are set up to answer what it answers. Each is started so many
    times, and the last start is the one that is measured further.
    """

    def __init__(self, folder: Path, starts: int = 3) -> None:
        self.servers: dict[str, Server] = {}
        self.records: dict[str, Record] = {}
        self.cases: tuple[Case, ...] = ()
        self._folder = folder
        self._starts = starts
        self._reference = Reference("", {})
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def start(self, contestant: Contestant) -> None:
        """Start a server a few times, and keep the last. Raises StartError."""
        record = Record(contestant)
        for _ in range(self._starts - 1):
            with self._serving(contestant) as server:
                record.starts.append(server.start_seconds)
        server = self._stack.enter_context(self._serving(contestant))
        record.starts.append(server.start_seconds)
        record.memory_before = server.memory()
        if not self.cases:
            self._reference = _ask_mock(server)
            self.cases = cases(self._reference.request_id)
        self.servers[contestant.name], self.records[contestant.name] = server, record

    def weigh(self) -> None:
        """Note how much memory each server holds after it all."""
        for name, server in self.servers.items():
            self.records[name].memory_after = server.memory()

    def _serving(self, contestant: Contestant) -> AbstractContextManager[Server]:
        folder = self._folder / f"{contestant.name}-{len(list(self._folder.iterdir()))}"
        folder.mkdir()
        port = _free_port()
        path = contestant.path(_CREATE)
        probe = Probe("POST", f"{path}?{SAMPLE}", _CREATE.status, contestant.headers(_CREATE))
        command = contestant.command(folder, port, self._reference)
        return serving(command, f"http://127.0.0.1:{port}", probe, folder)


def _ask_mock(mock: Server) -> Reference:
    """A payment in the mock, and its answer to each case."""
    created = ask(mock.origin, "POST", f"{ACTION}?{SAMPLE.replace('605', '606')}", send_key(_CREATE))
    request_id = json.loads(created.body)["requestid"]
    answers = {}
    for case in cases(request_id):
        path = f"{case.path}?{SAMPLE.replace('605', '607')}" if case.method == "POST" else case.path
        answers[case.name] = ask(mock.origin, case.method, path, send_key(case))
    return Reference(request_id, answers)


def _free_port() -> int:
    """A port that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
