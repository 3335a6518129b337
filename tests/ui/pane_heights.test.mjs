import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { pane_heights: heights } = load("pane_heights");
const PANES = [["yaxis2", "volume"], ["yaxis4", "rsi"], ["yaxis5", "funding"]];
const GIVEN = { yaxis: [0.5, 1], yaxis2: [0.4, 0.48], yaxis4: [0.2, 0.38], yaxis5: [0, 0.18] };
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
const height = ([low, high]) => high - low;

test("without a choice panes are as the server shares them out", () => {
  assert.deepEqual(plain(heights.domains(GIVEN, PANES, { macd: 0.3 })), GIVEN);
});

test("a chosen height is kept, the other panes keep theirs and price takes what is left", () => {
  const found = heights.domains(GIVEN, PANES, { rsi: 0.1 });
  close(height(found.yaxis4), 0.1);
  close(height(found.yaxis2), 0.08);
  close(height(found.yaxis5), 0.18);
  close(found.yaxis[0], 0.42);
  close(found.yaxis5[0], 0);
});

test("price keeps its least share however high the panes are wanted, and gaps stay", () => {
  const found = heights.domains(GIVEN, PANES, { volume: 0.6, rsi: 0.6, funding: 0.6 });
  close(found.yaxis[0], 0.65);
  assert.deepEqual(plain(found.yaxis), [found.yaxis[0], 1]);
  close(found.yaxis[0] - found.yaxis2[1], 0.02);
  close(height(found.yaxis2), height(found.yaxis5));
  close(found.yaxis5[0], 0);
});

test("what an edge gives to its pane is taken from the pane above", () => {
  const after = heights.moved(0.5, [0.08, 0.18, 0.18], 1, 0.03);
  [0.05, 0.21, 0.18].forEach((share, i) => close(after[i], share));
});

test("no pane is dragged away, and price not below its least share", () => {
  close(heights.moved(0.5, [0.08, 0.18, 0.18], 1, 0.9)[0], 0.03);
  close(heights.moved(0.5, [0.08, 0.18, 0.18], 1, -0.9)[1], 0.03);
  close(heights.moved(0.5, [0.08, 0.18, 0.18], 0, 0.9)[0], 0.23);
  close(heights.moved(0.5, [0.08, 0.01, 0.18], 2, 0.9)[1], 0.01);
});

test("what a browser kept counts only where it is a height", () => {
  const kept = { volume: 0.2, rsi: 7, macd: null, funding: "0.1x", atr: -1 };
  assert.deepEqual(plain(heights.sound(kept)), { volume: 0.2 });
});

test("a figure that arrives is given its heights, and keeps those it came with beside", () => {
  const own = load("pane_heights");
  own.early = { kept: () => ({ rsi: 0.02 + 0.02 }) };
  const layout = { meta: { panes: PANES } };
  for (const [axis, domain] of Object.entries(GIVEN)) {
    layout[axis] = { domain };
  }
  layout.yaxis4.ticktext = ["1m", "5m", "15m"];
  own.pane_heights.apply(layout);
  assert.deepEqual(plain(layout.meta.domains), GIVEN);
  close(height(layout.yaxis4.domain), 0.04);
  assert.equal(layout.yaxis4.showticklabels, false); // three rows would overlap
  assert.ok(!("showticklabels" in layout.yaxis5));
});

test("an empty chart has no panes to share out", () => {
  const layout = { meta: {}, yaxis: { domain: [0, 1] } };
  heights.apply(layout);
  assert.deepEqual(plain(layout.yaxis.domain), [0, 1]);
});
