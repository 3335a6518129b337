import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { settled_layer: layer } = load("settled_layer");
const candles = { type: "candlestick", x: [60, 120], open: [1, 2], high: [3, 4], low: [0, 1], close: [2, 1] };
const volume = { type: "bar", yaxis: "y2", x: [60, 120], y: [7, 8] };
const line = { type: "scatter", x: [60], y: [1] };

test("Plotly keeps the candles and draws nothing of them", () => {
  const given = plain(layer.given([volume, candles, line]));
  assert.deepEqual(given.slice(0, 3).map(({ visible }) => visible), [false, false, undefined]);
  assert.equal(candles.visible, undefined);
  const unseen = given.slice(3);
  assert.deepEqual(unseen.map(({ mode, yaxis, y }) => [mode, yaxis, y]), [["none", "y", [2, 1]], ["none", "y2", [7, 8]]]);
});

test("a figure without candles is left as it is", () => {
  assert.deepEqual(plain(layer.given([line])), [line]);
  assert.deepEqual(plain(layer.rows([line])), []);
});

test("candles are told with their volume, as the moving ones are", () => {
  assert.deepEqual(plain(layer.rows([volume, candles])), [[60, 1, 3, 0, 2, 7], [120, 2, 4, 1, 1, 8]]);
});

test("a moment belongs to the candle it is nearest to, if to any", () => {
  assert.deepEqual([31, 89, 121, 151, 29].map((ms) => layer.at(candles, ms, 60)), [0, 0, 1, -1, -1]);
  assert.equal(layer.at(undefined, 60, 60), -1);
});
