import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { drawing_shapes: shapes } = load("numbers", "drawing_shapes");
const MINUTE = 60_000;
const market = { decimals: 1, intervalMs: MINUTE };
/** 10 px per minute from 0, 1 px per unit from 300 down; or each 100 px a tenth of the price. */
const pane = {
  left: 0, top: 0, width: 500, height: 300,
  x: (ms) => ms / 6000, time: (px) => px * 6000,
  y: (price) => 300 - price, price: (px) => 300 - px,
};
const log = { ...pane, y: (price) => 300 - 100 * Math.log10(price), price: (px) => 10 ** ((300 - px) / 100) };
const shape = (kind, ...points) => ({ id: kind, kind, points });
const line = shape("line", [10 * MINUTE, 100], [20 * MINUTE, 200]);

test("a line runs between its points in time and price", () => {
  assert.deepEqual(plain(shapes.drawn(line, pane, market).lines), [[100, 200, 200, 100]]);
});

test("a line keeps its anchors on a logarithmic axis", () => {
  const picture = shapes.drawn(shape("line", [0, 10], [MINUTE, 100]), log, market);
  assert.deepEqual(plain(picture.lines).flat().map(Math.round), [0, 200, 10, 100]);
});

test("what has no place on a logarithmic axis is not drawn", () => {
  assert.equal(shapes.drawn(shape("line", [0, -5], [MINUTE, 100]), log, market), null);
});

test("a ray goes on to the edge of the pane, in either direction", () => {
  const forth = shapes.drawn({ ...line, kind: "ray" }, pane, market).lines[0];
  assert.deepEqual(plain(forth), [100, 200, 300, 0]);
  const back = shapes.drawn({ ...line, kind: "ray", points: line.points.toReversed() }, pane, market).lines[0];
  assert.deepEqual(plain(back), [200, 100, 0, 300]);
});

test("a ray that has left the pane, or is only begun, ends at its second point", () => {
  const outside = shape("ray", [60 * MINUTE, 100], [70 * MINUTE, 100]);
  assert.deepEqual(plain(shapes.drawn(outside, pane, market).lines), [[600, 200, 700, 200]]);
  const begun = shape("ray", [0, 100], [0, 100]);
  assert.deepEqual(plain(shapes.drawn(begun, pane, market).lines), [[0, 200, 0, 200]]);
});

test("a retracement counts from the end of a move back to its beginning", () => {
  const { texts, lines } = shapes.drawn(shape("fib", [0, 100], [10 * MINUTE, 200]), pane, market);
  assert.equal(texts[0].text, "0  200.0");
  assert.equal(texts.at(-1).text, "1  100.0");
  assert.equal(texts.find(({ text }) => text.startsWith("0.618")).text, "0.618  138.2");
  assert.ok(lines.every(([x1, y1, x2, y2]) => x1 === 0 && x2 === 100 && y1 === y2));
});

test("a measure tells difference, share, candles and time", () => {
  assert.deepEqual(plain(shapes.measured([[0, 100], [75 * MINUTE, 90.5]], market)), [
    "−9.5 (−9.50 %)", "75 bars · 1 h 15 min",
  ]);
  assert.deepEqual(plain(shapes.measured([[0, 0], [MINUTE, 5]], market)), ["+5.0", "1 bar · 1 min"]);
  assert.equal(shapes.span(-90 * 3_600_000), "3 d 18 h");
});

test("moments are those of candles", () => {
  assert.equal(shapes.snapped(89_000, MINUTE), MINUTE);
  assert.equal(shapes.snapped(91_000, MINUTE), 2 * MINUTE);
});

test("a drawing is touched on its line and its ends, not beside them", () => {
  const picture = shapes.drawn(line, pane, market);
  assert.equal(shapes.touched(picture, 150, 152), "whole");
  assert.equal(shapes.touched(picture, 102, 199), 0);
  assert.equal(shapes.touched(picture, 199, 101), 1);
  assert.equal(shapes.touched(picture, 150, 170), null);
  assert.equal(shapes.touched(picture, 230, 70), null);
});

test("inside a rectangle the chart can still be panned", () => {
  const picture = shapes.drawn(shape("rectangle", [10 * MINUTE, 100], [20 * MINUTE, 200]), pane, market);
  assert.equal(shapes.touched(picture, 150, 150), null);
  assert.equal(shapes.touched(picture, 100, 150), "whole");
});

test("of drawings that cross, the selected one is touched, else the newest; unselected move whole", () => {
  const all = [{ ...line, id: "a" }, { ...line, id: "b" }];
  assert.deepEqual(plain(shapes.found(all, null, 100, 200, pane, market)), { shape: all[1], part: "whole" });
  assert.deepEqual(plain(shapes.found(all, "a", 100, 200, pane, market)), { shape: all[0], part: 0 });
  assert.equal(shapes.found(all, null, 10, 10, pane, market), null);
});

test("moving keeps the form on the screen, or moves one end alone", () => {
  assert.deepEqual(plain(shapes.moved(line, "whole", MINUTE, -10, pane).points), [[11 * MINUTE, 110], [21 * MINUTE, 210]]);
  assert.deepEqual(plain(shapes.moved(line, 1, MINUTE, 10, pane).points), [[10 * MINUTE, 100], [21 * MINUTE, 190]]);
  const [first, second] = shapes.moved(shape("line", [0, 10], [0, 100]), "whole", 0, -100, log).points;
  assert.deepEqual([first, second].map(([, price]) => Math.round(price)), [100, 1000]);
});

test("what is beside the pane is not seen", () => {
  const seen = (made) => shapes.isSeen(shapes.drawn(made, pane, market), pane);
  assert.equal(seen(line), true);
  assert.equal(seen(shape("line", [60 * MINUTE, 100], [70 * MINUTE, 100])), false);
  assert.equal(seen(shape("rectangle", [-10 * MINUTE, 10], [70 * MINUTE, 20])), true);
});

test("a drawing has words for who does not see it", () => {
  assert.equal(shapes.words(line, 1), "Line from 100.0 at 1970-01-01 00:10 to 200.0 at 1970-01-01 00:20");
});
