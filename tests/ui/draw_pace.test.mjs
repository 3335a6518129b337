import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load_assets.mjs";

const { draw_pace: pace } = load("draw_pace");

/** How many draws of a length are made in so long, when a figure comes each second. */
function drawn(tookMs, seconds) {
  let [spent, count] = [{ owedMs: 0, atMs: 0 }, 0];
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 1000) {
    if (pace.waitMs(spent, nowMs) === 0) {
      spent = pace.after(spent, tookMs, nowMs);
      count += 1;
    }
  }
  return count;
}

test("a bar that closes now and then is drawn at once", () => {
  assert.equal(pace.waitMs({ owedMs: 0, atMs: 0 }, 0), 0);
  assert.equal(pace.waitMs(pace.after({ owedMs: 0, atMs: 0 }, 300, 0), 0), 0);
});

test("in the long run drawing takes a tenth of the time, however slow the machine", () => {
  for (const tookMs of [150, 200, 500]) {
    const busyMs = drawn(tookMs, 600) * tookMs;
    assert.ok(busyMs > 50_000 && busyMs < 66_000, `${busyMs}`);
  }
});

test("draws that are cheap never wait", () => {
  assert.equal(drawn(80, 600), 600);
});

test("figures that need not wait are drawn in their order", () => {
  const drawnTexts = [];
  const own = load("draw_pace");
  own.chart = { take: (text) => drawnTexts.push(text) };
  own.draw_pace.take("a");
  own.draw_pace.take("b");
  assert.deepEqual(drawnTexts, ["a", "b"]);
});
