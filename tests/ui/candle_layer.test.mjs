import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { candle_layer: layer } = load("candle_layer");
const MINUTE = 60_000;
const place = { x: (ms) => ms / 6000, y: (price) => 1000 - price, volume: (amount) => 100 - amount };

test("a report replaces the one of the same bar", () => {
  const first = layer.merge([], [MINUTE, 10, 11, 9, 10, 1], 0);
  const second = layer.merge(first, [MINUTE, 10, 12, 9, 12, 2], 0);
  assert.deepEqual(plain(second), [[MINUTE, 10, 12, 9, 12, 2]]);
});

test("a closed bar stays until a figure holds it", () => {
  let pending = layer.merge([], [MINUTE, 10, 11, 9, 10, 1], 0);
  pending = layer.merge(pending, [2 * MINUTE, 10, 11, 9, 10, 1], 0);
  assert.equal(pending.length, 2);
  assert.deepEqual(
    plain(layer.merge(pending, null, MINUTE)).map(([time]) => time),
    [2 * MINUTE],
  );
});

test("a report of a bar that the figure holds is ignored", () => {
  assert.equal(layer.merge([], [MINUTE, 10, 11, 9, 10, 1], MINUTE).length, 0);
});

test("a rising candle is drawn in the path of rising ones, three quarters of a bar wide", () => {
  const drawn = layer.paths([[10 * MINUTE, 100, 130, 90, 120, 40]], MINUTE, place);
  assert.equal(drawn.up, "M96.3,880H103.8V900H96.3ZM100,870V880M100,900V910");
  assert.equal(drawn.volumeUp, "M96.3,100V60H103.8V100Z");
  assert.equal(drawn.down + drawn.volumeDown, "");
});

test("a falling candle is drawn in the path of falling ones", () => {
  const drawn = layer.paths([[10 * MINUTE, 120, 130, 90, 100, 40]], MINUTE, place);
  assert.match(drawn.down, /^M96\.3,880H/);
  assert.equal(drawn.up, "");
});

test("a candle without a body is still a line one pixel high", () => {
  const drawn = layer.paths([[10 * MINUTE, 100, 100, 100, 100, 0]], MINUTE, place);
  assert.match(drawn.up, /^M96\.3,900H103\.8V901H/);
});
