"""`python -m sandbox` as its own process."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


@contextmanager
def _sandbox(folder: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--data", str(folder)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        address = process.stdout.readline().removeprefix("Sandbox: ").strip()
        with httpx.Client(base_url=address, timeout=20) as http:
            yield process, http
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream
            stream.close()


def test_a_stopped_sandbox_goes_on_where_it_was(tmp_path: Path) -> None:
    with _sandbox(tmp_path) as (process, http):
        http.post("/sim/users", json={"first_name": "Lan"})
        http.post("/sim/message", json={"from": 1001, "text": "/start"})
        process.terminate()
        assert process.wait(20) in {0, -15}

    with _sandbox(tmp_path) as (_, http):
        assert http.get("/bot123:abc/getUpdates").json()["result"][0]["message"]["text"] == "/start"
        refusal = http.post("/bot123:abc/sendMessage", json={"chat_id": 5, "text": "x"}).json()
        assert refusal["description"] == "Bad Request: chat not found"


def test_a_stopping_sandbox_does_not_wait_for_long_polls(tmp_path: Path) -> None:
    with _sandbox(tmp_path) as (process, http), ThreadPoolExecutor() as pool:
        polling = pool.submit(http.get, "/bot123:abc/getUpdates", params={"timeout": 50})
        while not http.get("/sim/calls").json():
            continue
        process.terminate()
        assert process.communicate(timeout=20) == ("", "")
        assert isinstance(polling.exception(20), httpx.TransportError)
