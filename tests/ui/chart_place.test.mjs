import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { chart_place: chart } = load("chart_place");
const axis = (perUnit, length, offset, type) => ({
  c2p: (value) => value / perUnit,
  p2c: (px) => px * perUnit,
  _length: length,
  _offset: offset,
  type,
});
const layout = { xaxis: axis(6000, 500, 8, "date"), yaxis: axis(2, 300, 30, "linear") };

test("a moment and a price have a place in the box, and a place has them", () => {
  const pane = chart.place(layout, { left: 1, top: 2 });
  assert.equal(pane.x(60_000), 1 + 8 + 10);
  assert.equal(pane.y(100), 2 + 30 + 50);
  assert.equal(pane.time(pane.x(123_000)), 123_000);
  assert.equal(pane.price(pane.y(77)), 77);
  assert.deepEqual([pane.left, pane.top, pane.width, pane.height], [9, 32, 500, 300]);
});

test("there is no place before Plotly has laid out the axes of a market", () => {
  assert.equal(chart.place(null), null);
  assert.equal(chart.place({ xaxis: { type: "date" }, yaxis: {} }), null);
  assert.equal(chart.place({ ...layout, xaxis: axis(1, 500, 8, "linear") }), null);
});

test("under the pointer is a moment, and a price only in the price pane", () => {
  const pane = chart.place(layout);
  assert.deepEqual(plain(chart.under(pane, 18, 80, 500)), { ms: 60_000, price: 100 });
  assert.deepEqual(plain(chart.under(pane, 18, 400, 500)), { ms: 60_000, price: null });
  assert.equal(chart.under(pane, 4, 80, 500), null);
  assert.equal(chart.under(pane, 18, 501, 500), null);
  assert.equal(chart.under(null, 18, 80, 500), null);
});
