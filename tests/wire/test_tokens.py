"""Bearer tokens: who brings a good one is let in, for as long as it is good."""

import asyncio
import time

import pytest
import websockets
from chat import PATIENCE
from conformance_app import ConformanceServer
from tokens import Rsa, Secret, base64url, token, write_keys

PATH = "/ws/tokens/"


class Service:
    """The conformance app, with two keys."""

    def __init__(self, folder):
        self.file = folder / "keys.json"
        self.secret = Secret("secret")
        self.rsa = Rsa("rsa", folder)
        write_keys(self.file, self.secret, self.rsa)
        self.app = ConformanceServer(folder / "app.db", f"--token-keys={self.file}")

    def connect(self, bearer=None, **options):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return self.app.connect(None, PATH, headers=headers, **options)

    def refuses(self, bearer):
        """Whether a handshake with the token gets 401."""

        async def run():
            try:
                async with self.connect(bearer):
                    return False
            except websockets.exceptions.InvalidStatusCode as refused:
                assert refused.status_code == 401
                return True

        return asyncio.run(run())


@pytest.fixture(name="service", scope="module")
def service_fixture(tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("tokens"))
    with service.app:
        yield service


@pytest.mark.parametrize("kind", ["secret", "rsa"])
def test_a_good_token_says_who_it_is(service, kind):
    async def run():
        end = int(time.time()) + 50
        async with service.connect(token(getattr(service, kind), exp=end, roles=["a"])) as client:
            data = (await client.request("whoami"))["data"]
            assert data["username"] == "ann"
            assert data["expires"] == end
            assert data["claims"]["roles"] == ["a"]
            assert (await client.request("echo", x=1))["data"] == {"x": 1}

    asyncio.run(run())


def test_bad_tokens_are_refused(service):
    good = token(service.secret)
    assert not service.refuses(good)
    now = int(time.time())
    head, body, signature = good.split(".")
    unsigned = base64url(b'{"alg":"none"}') + f".{body}."
    assert service.refuses(unsigned)
    assert service.refuses(f"{head}.{body}.")
    assert service.refuses(f"{head}.{body}.{signature[:-2]}AA")
    assert service.refuses(token(Secret("secret")))
    # A public key is no secret, whatever the token says.
    assert service.refuses(token(Secret("rsa", service.rsa.public_pem())))
    assert service.refuses(token(Secret("rsa", service.rsa.public_pem()), header={"alg": "RS256"}))
    assert service.refuses(token(service.secret, iss="else"))
    assert service.refuses(token(service.secret, aud="else"))
    assert service.refuses(token(service.secret, exp=None))
    assert service.refuses(token(service.secret, exp=now - 60))
    assert service.refuses(token(service.secret, nbf=now + 60))
    assert service.refuses("no token")
    # Clocks differ.
    assert not service.refuses(token(service.secret, exp=now - 3))
    assert not service.refuses(token(service.secret, nbf=now + 3))


def test_a_browser_brings_its_token_as_a_subprotocol(service):
    async def run():
        offered = ["dcrf", f"dcrf.bearer.{token(service.rsa)}"]
        async with service.connect(subprotocols=offered) as client:
            assert client.socket.subprotocol == "dcrf"
            assert (await client.request("whoami"))["data"]["username"] == "ann"
        offered = ["dcrf", f"dcrf.bearer.{token(service.rsa, aud='else')}"]
        async with service.connect(subprotocols=offered) as client:
            assert await client.closed() == 4401

    asyncio.run(run())


def test_without_a_token_there_is_nothing_but_to_bring_one(service):
    async def run():
        async with service.connect() as idle, service.connect() as client:
            began = time.monotonic()
            assert (await client.request("whoami"))["response_status"] == 401
            assert (await client.request("authenticate"))["response_status"] == 400
            assert (await client.request("authenticate", token="x.y.z"))["response_status"] == 401
            assert (await client.request("echo"))["response_status"] == 401
            reply = await client.request("authenticate", token=token(service.secret))
            assert reply["response_status"] == 200
            assert (await client.request("whoami"))["data"]["username"] == "ann"
            assert await idle.closed() == 4401
            assert 4.5 < time.monotonic() - began < PATIENCE
            assert (await client.request("whoami"))["response_status"] == 200

    asyncio.run(run())


def test_the_end_of_a_token_is_told_and_can_be_put_off(service):
    async def run():
        def ends_in(seconds, **claims):
            return token(service.secret, exp=int(time.time()) + seconds, **claims)

        async with service.connect(ends_in(4)) as short, service.connect(ends_in(60)) as client:
            notice = await short.receive()
            assert notice["action"] == "expiring"
            assert notice["response_status"] == 205
            assert await short.closed() == 4401
            refused = await client.request("authenticate", token=ends_in(60, sub="eve"))
            assert refused["response_status"] == 403
        async with service.connect(ends_in(3)) as client:
            reply = await client.request("authenticate", token=ends_in(60))
            assert reply["response_status"] == 200
            past = time.time() + 3.5
            while time.time() < past:
                assert (await client.request("whoami"))["data"]["username"] == "ann"

    asyncio.run(run())


def test_a_key_that_is_taken_away_counts_no_more(service):
    new = Secret("new")
    try:
        assert service.refuses(token(new))
        write_keys(service.file, service.rsa, new)
        deadline = time.monotonic() + PATIENCE
        while not service.refuses(token(service.secret)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert not service.refuses(token(new))
    finally:
        write_keys(service.file, service.secret, service.rsa)


def test_without_a_file_no_token_is_good(tmp_path):
    with ConformanceServer(tmp_path / "app.db") as app:

        async def run():
            with pytest.raises(websockets.exceptions.InvalidStatusCode):
                async with app.connect(None, PATH, headers={"Authorization": "Bearer a.b.c"}):
                    pass
            async with app.connect(None, PATH) as client:
                assert (await client.request("echo"))["response_status"] == 401

        asyncio.run(run())
