import assert from "node:assert/strict";
import test from "node:test";

import { load, plain } from "./load_assets.mjs";

const own = load("numbers", "chart_modes", "chart_export");
const { depth, words } = own.chart_modes;
const near = { first: 1000, from: 1100, to: 2000, bars: 500, asked: 500 };

test("near the first candle older ones are asked for, in steps up to the most", () => {
  assert.equal(depth(near), 1000);
  assert.equal(depth({ ...near, bars: 4000, asked: 4000 }), 8000);
  assert.equal(depth({ ...near, bars: 20000, asked: 20000 }), null);
});

test("far from the first candle nothing is asked for", () => {
  assert.equal(depth({ ...near, from: 1500 }), null);
});

test("nothing more is asked for when fewer came than were asked for", () => {
  assert.equal(depth({ ...near, bars: 900, asked: 1000 }), null);
});

test("it is said when there are no older candles, once their place is visible", () => {
  const end = { ...near, from: 900, bars: 900, asked: 1000 };
  assert.match(words(end, false, "BTCUSDT|15m"), /no older candles of BTCUSDT 15m: the first is of 1970-01-01 00:00 UTC/);
  assert.equal(words({ ...end, from: 1001 }, false, "BTCUSDT|15m"), "");
  assert.match(words({ ...end, bars: 20000, asked: 20000 }, false, "BTCUSDT|15m"), /goes back 20.000 candles/);
  assert.equal(words(end, true, "BTCUSDT|15m"), "Loading older candles");
});

test("a picture is named and titled by market, UTC time and how it is drawn", () => {
  const at = Date.UTC(2026, 10, 21, 14, 30, 59);
  assert.equal(own.chart_export.fileName("BTCUSDT|15m", at), "BTCUSDT-15m-20261121-1430.png");
  assert.equal(own.chart_export.title("BTCUSDT|15m", at, null), "BTCUSDT · 15m · 2026-11-21 14:30 UTC");
  const look = { log: true, candles: "heikin-ashi", until_ms: 5 };
  assert.equal(own.chart_export.title("BTCUSDT|15m", at, look), "BTCUSDT · 15m · 2026-11-21 14:30 UTC · Heikin-Ashi · log scale · REPLAY");
});

test("of a remembered look only what the server takes is kept", () => {
  const { remembered } = own.chart_modes;
  const good = { theme: "light", candles: "heikin-ashi", log: true, facts: ["funding"] };
  assert.deepEqual(plain(remembered({ ...good, bars: 4000, until_ms: 5 }, false)), good);
  const odd = { theme: "<b>", candles: 1, log: "yes", facts: ["x"], later: 1, constructor: 1, until_ms: -1 };
  assert.deepEqual(plain(remembered(odd, true)), {});
});

test("a frame opened during a replay keeps the moment its page told it", () => {
  const look = { theme: "dark", until_ms: 1795175999999 };
  assert.deepEqual(plain(own.chart_modes.remembered(look, true)), look);
});
