from core.config import Home
from tests.deepseek.test_call_tally import CALL
from tests.ops.metrics_export.reading import values
from tests.ops.metrics_export.scene import Scene


def test_the_dashboard_tells_everything_in_one_answer(tmp_path):
    scene = Scene(Home(tmp_path))
    told = scene.dashboard()
    assert set(values(told, "trading_scrape_failures_total").values()) == {0.0}
    assert values(told, "trading_llm_calls_total") == {("chat",): 0.0}
    assert values(told, "trading_cache_reads_total")["miss", "rest"] == 1.0
    assert values(told, "trading_feed_frames_total") == {(): 1_234.0}
    assert values(told, "trading_health_level")["disk",] == 2.0


def test_a_decision_is_not_counted_as_chat(tmp_path):
    scene = Scene(Home(tmp_path))
    scene.tally.add(CALL)
    assert values(scene.dashboard(), "trading_llm_calls_total") == {("chat",): 0.0}
