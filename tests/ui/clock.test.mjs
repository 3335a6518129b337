import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { clock } = load("clock");
const NOON = Date.UTC(2025, 5, 15, 12, 0, 0);

test("a countdown says how long until the bar closes", () => {
  assert.equal(clock.countdown(NOON, 60_000), "1:00");
  assert.equal(clock.countdown(NOON + 18_000, 60_000), "0:42");
  assert.equal(clock.countdown(NOON + 59_999, 60_000), "0:01");
  assert.equal(clock.countdown(NOON + 1000, 14_400_000), "3:59:59");
  assert.equal(clock.countdown(NOON, 86_400_000), "12:00:00");
});

test("market time goes on by itself between two reports", () => {
  const samples = clock.observe([], NOON, 1000);
  assert.equal(clock.marketMs(samples, 1400), NOON + 400);
});

test("market time stands still when the feed is silent", () => {
  const samples = clock.observe([], NOON, 1000);
  assert.equal(clock.marketMs(samples, 61_000), NOON + 3000);
});

test("market time runs at the speed of a simulated market", () => {
  let samples = [];
  for (let ms = 0; ms <= 4000; ms += 250) {
    samples = clock.observe(samples, NOON + ms * 20, ms);
  }
  assert.equal(clock.rate(samples), 20);
  assert.equal(clock.marketMs(samples, 4100), NOON + 82_000);
});

test("jitter of a real feed is not taken for another speed", () => {
  let samples = [];
  for (let ms = 0; ms <= 6000; ms += 250) {
    samples = clock.observe(samples, NOON + ms, ms + (ms % 500 ? 90 : 0));
  }
  assert.equal(clock.rate(samples), 1);
});

test("an older report does not turn the clock back, a restarted market does", () => {
  const samples = clock.observe([], NOON, 1000);
  assert.equal(clock.observe(samples, NOON - 500, 1200), samples);
  assert.deepEqual(plain(clock.observe(samples, NOON - 3_600_000, 1200)), [[NOON - 3_600_000, 1200]]);
});

test("without a report there is no market time", () => {
  assert.equal(clock.marketMs([], 5), null);
});

test("ages are exact where that matters", () => {
  assert.equal(clock.age(0.31), "0.3 s");
  assert.equal(clock.age(12.9), "12 s");
  assert.equal(clock.age(300), "5 min");
});
