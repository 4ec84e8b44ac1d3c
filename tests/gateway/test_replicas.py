"""Calls go to replicas that are ready; what found nobody there goes to another, and nothing else does."""

from deploy.bare.ports import free_port
from gateway.replicas import Replicas
from tests.gateway.knock import StartGateway, Upstream, served

ME = "/v1/points/accounts/me"


def test_each_replica_that_is_ready_takes_its_turn_and_the_others_come_last() -> None:
    replicas = Replicas(["a", "b", "c"])
    assert sorted(replicas.in_turn()[0] for _ in range(6)) == ["a", "a", "b", "b", "c", "c"]
    replicas.ready = ["b", "c"]
    turns = [replicas.in_turn() for _ in range(4)]
    assert {turn[0] for turn in turns} == {"b", "c"}
    assert {turn[-1] for turn in turns} == {"a"}
    replicas.ready = []
    assert sorted(replicas.in_turn()) == ["a", "b", "c"]


async def test_a_write_that_found_nobody_there_goes_to_another_replica_once(
    start_gateway: StartGateway, upstream: Upstream
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with served(upstream) as url:
        door = await start_gateway({"points": [nobody, url]})
        for _ in range(8):
            assert (await door.http.post("/v1/points/quotes", headers=door.write())).status_code == 200
        assert len([seen for seen in upstream.seen if seen.method == "POST"]) == 8
    assert (await door.http.post("/v1/points/quotes", headers=door.write())).status_code == 503
