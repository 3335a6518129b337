import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { viewport } = load("viewport");
const times = Array.from({ length: 500 }, (_, i) => i * 60_000);

test("home shows the newest bars with room on the right", () => {
  const [from, to] = viewport.home(times, 60_000, 700);
  assert.equal(from, (400 - 0.5) * 60_000);
  assert.ok(to > times.at(-1) + 60_000);
});

test("home of a short history does not stretch its bars over the whole width", () => {
  const [from, to] = viewport.home(times.slice(0, 3), 60_000, 700);
  assert.ok((to - from) / 60_000 > 60);
});

test("home of nothing is nothing", () => {
  assert.equal(viewport.home([], 60_000, 700), null);
});

const traces = [
  { type: "bar", yaxis: "y2", x: [0, 1, 2], y: [5, 9, 7] },
  { type: "candlestick", x: [0, 1, 2], low: [90, 95, 80], high: [110, 105, 120] },
  { type: "scatter", x: [0, 1, 2], y: [null, 70, null] },
];

test("values fit what is visible, lines and moving candles included", () => {
  const fit = plain(viewport.fit(traces, [[2.5, 0, 130, 100, 0, 20]], [0.5, 3]));
  assert.deepEqual(fit.price.map(Math.round), [65, 135]);
  assert.ok(fit.volume[1] > 20);
});

test("hatching has no prices", () => {
  const hatched = [...traces, { type: "bar", yaxis: "y3", x: [1], y: [-1] }];
  assert.deepEqual(plain(viewport.fit(hatched, [], [0, 3])), plain(viewport.fit(traces, [], [0, 3])));
});

test("what is out of sight does not count", () => {
  const fit = plain(viewport.fit(traces, [], [-0.5, 0.5]));
  assert.deepEqual(fit.price.map((value) => Math.round(value * 10) / 10), [88.4, 111.6]);
});

test("an empty window has no fit", () => {
  assert.equal(viewport.fit(traces, [], [10, 20]), null);
});

test("a candle escapes when it leaves the shown prices or volumes", () => {
  assert.equal(viewport.escapes([0, 100, 110, 95, 100, 5], [90, 111], [0, 6]), false);
  assert.equal(viewport.escapes([0, 100, 112, 95, 100, 5], [90, 111], [0, 6]), true);
  assert.equal(viewport.escapes([0, 100, 110, 89, 100, 5], [90, 111], [0, 6]), true);
  assert.equal(viewport.escapes([0, 100, 110, 95, 100, 7], [90, 111], [0, 6]), true);
});
