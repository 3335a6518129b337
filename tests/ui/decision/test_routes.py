from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.journal.errors import JournalError
from tests.ui.decision.scene import traded
from ui.decision.routes import decision_routes


class FakeDesk:
    threshold = 0.5

    def __init__(self):
        self.fault = None

    def story(self, decision_id):
        if self.fault is not None:
            raise self.fault
        return traded() if decision_id == 7 else None

    def story_of_signal(self, signal_id):
        return self.story(signal_id + 1)

    def decimals(self, story):
        return 1


def test_an_evaluation_is_told_by_its_number_and_by_that_of_its_signal():
    desk = FakeDesk()
    server = FastAPI()
    server.include_router(decision_routes(desk))
    client = TestClient(server)
    assert client.get("/decision/7").json()["id"] == 7
    assert client.get("/decision/signal/6").json() == client.get("/decision/7").json()
    assert client.get("/decision/8").status_code == 404
    assert client.get("/decision/0").status_code == 422
    desk.fault = JournalError("locked")
    gone = client.get("/decision/7")
    assert (gone.status_code, gone.json()["detail"]) == (
        503,
        "The journal cannot be read: locked",
    )
