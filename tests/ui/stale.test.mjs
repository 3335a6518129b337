import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load_assets.mjs";

const { stale } = load("numbers", "clock", "stale");
const feed = { age_s: 0.1 };
const symbol = (state, detail = "", age_s = 12) => ({ state, live: state === "LIVE", age_s, detail });

test("a live symbol needs no words", () => {
  assert.equal(stale.words(symbol("LIVE"), feed, 0, false), "");
});

test("a silent symbol is told with its own age, not that of the whole feed", () => {
  assert.equal(stale.words(symbol("SILENT"), feed, 3, false), "Feed silent · newest data 15 s old");
});

test("of what is being fetched the reason is told", () => {
  const words = stale.words(symbol("BACKFILLING", "BTCUSDT lacks 1 closed candle"), feed, 0, false);
  assert.equal(words, "Feed backfilling · BTCUSDT lacks 1 closed candle");
});

test("a reason too long for the chart is left to the card", () => {
  const words = stale.words(symbol("RECONNECTING", "x".repeat(200)), feed, 0, false);
  assert.equal(words, "Feed reconnecting · newest data 12 s old");
});

test("before the first frame there is no age", () => {
  const words = stale.words(symbol("STARTING", "", null), { age_s: null }, 9, false);
  assert.equal(words, "Feed starting · no data yet");
});

test("a closed market is not a dead feed", () => {
  assert.equal(stale.words(symbol("CLOSED"), feed, 0, false), "Market closed");
});

test("without the server nothing it said counts", () => {
  assert.match(stale.words(symbol("LIVE"), feed, 20, true), /^Server away · newest data 32 s old$/);
});

test("kinds of unreadable frames come by frequency", () => {
  assert.equal(stale.kinds({ json: 1, number: 1200 }), "number 1\u2009200, json 1");
  assert.equal(stale.kinds({}), "");
});
