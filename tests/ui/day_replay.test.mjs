import assert from "node:assert/strict";
import test from "node:test";

import { load, plain } from "./load_assets.mjs";

const { closeBefore, stepped, place, words } = load("day_replay").day_replay;
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 86_400_000;

test("moments of a replay are closes of candles", () => {
  assert.equal(closeBefore(QUARTER - 1, QUARTER), QUARTER - 1);
  assert.equal(closeBefore(2 * QUARTER - 2, QUARTER), QUARTER - 1);
});

test("a step goes one candle on or back, never beyond the newest nor before the first", () => {
  assert.equal(stepped(QUARTER - 1, 1, QUARTER, DAY - 1), 2 * QUARTER - 1);
  assert.equal(stepped(3 * QUARTER - 1, -1, QUARTER, DAY - 1), 2 * QUARTER - 1);
  assert.equal(stepped(DAY - 1, 1, QUARTER, DAY - 1), DAY - 1);
  assert.equal(stepped(QUARTER - 1, -1, QUARTER, DAY - 1), QUARTER - 1);
});

test("a step after the timeframe was changed lands on a close of the new one", () => {
  assert.equal(stepped(20 * MINUTE - 1, 1, QUARTER, DAY - 1), 2 * QUARTER - 1);
  assert.equal(stepped(20 * MINUTE - 1, -1, QUARTER, DAY - 1), QUARTER - 1);
});

test("the slider covers the closes of the day, of today only those that were", () => {
  assert.deepEqual(plain(place(DAY + QUARTER - 1, QUARTER, 9 * DAY)), { first: DAY + QUARTER - 1, most: 95, at: 0 });
  assert.deepEqual(plain(place(2 * DAY - 1, QUARTER, 9 * DAY)), { first: DAY + QUARTER - 1, most: 95, at: 95 });
  assert.equal(place(DAY + QUARTER - 1, QUARTER, DAY + 4 * QUARTER - 1).most, 3);
  assert.deepEqual(plain(place(2 * DAY - 1, DAY, 9 * DAY)), { first: 2 * DAY - 1, most: 0, at: 0 });
});

test("the time told is when the candle known last had closed", () => {
  assert.equal(words(QUARTER - 1), "1970-01-01 00:15 UTC");
});
