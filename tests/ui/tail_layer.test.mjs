import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { tail_layer: layer } = load("tail_layer");
const MINUTE = 60_000;
const axes = { ema: ["y", "y"], flow: ["y4", "y5"] };
const place = { x: (ms) => ms / 6000, y: (axis, value) => (axis === "y" ? 1000 : 100) - value };
const paths = (tails, settledMs = 9 * MINUTE) => plain(layer.paths(tails, axes, settledMs, MINUTE, place));

const line = (changes = {}) => {
  const { overlay = "ema", colour = "#111111", own = false, from = [9 * MINUTE, 100], to = [10 * MINUTE, 110] } = changes;
  return [overlay, "line", colour, own, from, to];
};

test("a tail goes from the closed candle's value to the running one's", () => {
  assert.deepEqual(paths([line()]), [{ axis: "y", kind: "line", colour: "#111111", d: "M90,900L100,890" }]);
});

test("tails of one axis and colour share a path", () => {
  const drawn = paths([line(), line({ to: [10 * MINUTE, 120] }), line({ colour: "#222222" })]);
  assert.deepEqual(drawn.map(({ d }) => d.split("M").length - 1), [2, 1]);
});

test("a line that jumped is drawn over the running bar alone", () => {
  assert.equal(paths([line({ from: null })])[0].d, "M96.3,890L103.8,890");
});

test("a bar stands on zero of its own pane", () => {
  const [drawn] = paths([["flow", "bars", "#111111", false, null, [10 * MINUTE, 40]]]);
  assert.deepEqual(drawn, { axis: "y4", kind: "bars", colour: "#111111", d: "M96.3,100V60H103.8V100Z" });
});

test("a line with a scale of its own is drawn on that axis", () => {
  assert.equal(paths([line({ overlay: "flow", own: true })])[0].axis, "y5");
});

test("once a figure holds the candle nothing of it is provisional", () => {
  assert.deepEqual(paths([line()], 10 * MINUTE), []);
});

test("a tail of an overlay that the figure lacks is not drawn", () => {
  assert.deepEqual(paths([line({ overlay: "rsi" })]), []);
});
