from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.stack import Client, Socket, Stack, handshake

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def client(stack: Stack) -> Client:
    return stack.client()


def status(stack: Stack, origin: str | None, client: Client | None, *, path: str = "/ws") -> int:
    options = handshake(origin or "", client)
    if origin is None:
        del options["origin"]
    try:
        with connect(f"ws://127.0.0.1:{stack.port}{path}", **options):
            return 101
    except InvalidStatus as error:
        return int(error.response.status_code)


def test_a_socket_opens_for_a_signed_in_page_of_our_own_alone(stack: Stack, client: Client) -> None:
    assert status(stack, stack.url, client) == 101
    assert status(stack, stack.url, None) == 403
    assert status(stack, None, client) == 403
    assert status(stack, "http://evil.example", client) == 403
    assert status(stack, f"http://127.0.0.1:{stack.port + 1}", client) == 403
    assert status(stack, stack.url, client, path="/ws/other") == 403


def test_a_tab_is_told_when_another_one_saves(stack: Stack, client: Client) -> None:
    workflow = client.created()["id"]
    with stack.socket(client) as socket:
        client.put(f"/workflows/{workflow}/draft", json={"text": "x = 1", "revision": 1}).raise_for_status()
        while socket.hear_of("workflow_changed")["workflow"] != workflow:
            pass


@pytest.mark.parametrize(
    "nonsense",
    [
        *('{"type": "sing"}', '{"type": "subscribe", "run": 7, "after": 0}', "{}", "[]", "", "{", "[" * 20_000),
        '{"type": "subscribe", "run": "x", "after": NaN}',
        '{"type": "subscribe", "run": "\\ud800", "after": 0}',
        b"\xff\xfe",
    ],
)
def test_nonsense_is_told_to_be_so_and_the_socket_stays_open(
    stack: Stack, client: Client, nonsense: str | bytes
) -> None:
    with connect(f"ws://127.0.0.1:{stack.port}/ws", **handshake(stack.url, client)) as connection:
        socket = Socket(connection)
        connection.send(nonsense)
        assert socket.hear_of("error")["code"] == "invalid-message"
        socket.say(type="unsubscribe", run="no such run: é")
        socket.say(type="subscribe", run="none", after=10**30)
        assert socket.hear_of("error")["code"] == "run-not-found"


def test_signing_out_closes_the_sockets_of_that_session_only(stack: Stack, client: Client) -> None:
    other = stack.client()
    with stack.socket(client) as closed, stack.socket(other) as open_still:
        client.delete("/session").raise_for_status()
        with pytest.raises(ConnectionClosed):
            closed.hear_of("never")
        workflow = other.created()["id"]
        while open_still.hear_of("workflow_changed")["workflow"] != workflow:
            pass
