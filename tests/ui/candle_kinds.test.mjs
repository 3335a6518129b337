import assert from "node:assert/strict";
import test from "node:test";

import { load, plain } from "./load_assets.mjs";

const own = load("candle_kinds", "viewport", "readout");
const { moving, real, word, isPast } = own.candle_kinds;
const trace = { x: [0, 60], open: [10, 11], high: [12, 13], low: [9, 10], close: [11, 12] };
const prices = { open: [1, 2], high: [3, 4], low: [1, 1], close: [2, 3] };

test("candles as they are stay as they are", () => {
  const pending = [[120, 1, 2, 0.5, 1.5, 9]];
  assert.equal(moving(pending, trace, { real: null }), pending);
  assert.equal(moving(pending, null, { real: prices }), pending);
});

test("averaged candles go on from the newest settled one, and from each other", () => {
  const pending = [[120, 12, 16, 8, 12, 5], [180, 40, 44, 40, 44, 7]];
  assert.deepEqual(plain(moving(pending, trace, { real: prices })), [
    [120, 11.5, 16, 8, 12, 5],
    [180, 11.75, 44, 11.75, 42, 7],
  ]);
});

test("real prices are told of averaged candles", () => {
  assert.deepEqual(plain(real(trace, { real: prices })).close, [2, 3]);
  assert.equal(real(trace, { real: null }), trace);
  assert.equal(real(undefined, { real: prices }), undefined);
  assert.deepEqual([word({ real: prices }), word({ real: null }), word(null)], ["Heikin-Ashi", "", ""]);
});

test("a replay is the past", () => {
  assert.deepEqual([{ look: { until_ms: 5 } }, { look: { until_ms: null } }, {}, null].map(isPast), [true, false, false, false]);
});

test("on a logarithmic axis the range is told in exponents and holds what is visible", () => {
  const traces = [{ type: "candlestick", x: [0, 60], high: [1000, 100], low: [100, 10] }];
  const { y } = own.viewport.fit(traces, [], [0, 60], ["y", "y2"], true);
  assert.ok(y[0] < 1 && y[0] > 0.8 && y[1] > 3 && y[1] < 3.2);
});

test("a line that falls to zero or below does not stretch a logarithmic axis without end", () => {
  const candles = { type: "candlestick", x: [0, 60], high: [1000, 100], low: [100, 10] };
  const line = { type: "scatter", x: [0, 60], y: [-5, 0] };
  const { y } = own.viewport.fit([candles, line], [], [0, 60], ["y", "y2"], true);
  assert.ok(y.every(Number.isFinite) && y[0] > 0 && y[1] < 3.3);
});
