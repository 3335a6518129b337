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
  assert.deepEqual(fit.y.map(Math.round), [65, 135]);
  assert.ok(fit.y2[1] > 20);
});

test("a line far from the candles does not press them flat", () => {
  const far = [...traces, { type: "scatter", x0: 0, dx: 1, y: [1, 1, 1] }];
  const fit = viewport.fit(far, [], [0, 3]);
  assert.ok(fit.y[0] > 50);
});

test("hatching, zones and the profile do not stretch the price", () => {
  const more = [
    { type: "bar", yaxis: "y3", x: [1], y: [-1] },
    { type: "scatter", x: [0, 1], y: [1000, 1], meta: { far: true } },
    { type: "heatmap", yaxis: "y9", x0: 0, dx: 1, y: [0, 1], z: [[1, 2, 3]] },
  ];
  assert.deepEqual(plain(viewport.fit([...traces, ...more], [], [0, 3])), plain(viewport.fit(traces, [], [0, 3])));
});

test("each pane fits its own visible values and no other's", () => {
  const pane = { type: "scatter", yaxis: "y4", x0: 0, dx: 1, y: [500, -3, 4] };
  const fit = plain(viewport.fit([...traces, pane], [], [0.5, 3], ["y", "y2", "y4"]));
  assert.deepEqual(fit.y4.map(Math.round), [-4, 5]);
  assert.deepEqual(fit.y, plain(viewport.fit(traces, [], [0.5, 3])).y);
});

test("a pane without a visible value keeps its range", () => {
  const pane = { type: "scatter", yaxis: "y4", x0: 0, dx: 1, y: [null, null, null] };
  assert.deepEqual(Object.keys(viewport.fit([...traces, pane], [], [0, 3], ["y", "y2", "y4"])).sort(), ["y", "y2"]);
});

test("a pane of one value has a height", () => {
  const pane = { type: "scatter", yaxis: "y4", x0: 0, dx: 1, y: [0, 0, 0] };
  const [low, high] = viewport.fit([...traces, pane], [], [0, 3], ["y", "y2", "y4"]).y4;
  assert.ok(low < 0 && high > 0);
});

test("what is out of sight does not count", () => {
  const fit = plain(viewport.fit(traces, [], [-0.5, 0.5]));
  assert.deepEqual(fit.y.map((value) => Math.round(value * 10) / 10), [88.4, 111.6]);
});

test("an empty window has no fit", () => {
  assert.equal(viewport.fit(traces, [], [10, 20]), null);
});

test("at home an overlay is told how many candles are shown, elsewhere which", () => {
  assert.equal(viewport.shown(times, [90_000, 301_000], true), 4);
  assert.deepEqual(plain(viewport.shown(times, [90_000, 301_000], false)), [120_000, 300_000]);
  assert.equal(viewport.shown(times, [-9, -5], false), null);
});

test("a candle escapes when it leaves the shown prices or volumes", () => {
  assert.equal(viewport.escapes([0, 100, 110, 95, 100, 5], [90, 111], [0, 6]), false);
  assert.equal(viewport.escapes([0, 100, 112, 95, 100, 5], [90, 111], [0, 6]), true);
  assert.equal(viewport.escapes([0, 100, 110, 89, 100, 5], [90, 111], [0, 6]), true);
  assert.equal(viewport.escapes([0, 100, 110, 95, 100, 7], [90, 111], [0, 6]), true);
});
