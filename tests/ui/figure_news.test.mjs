import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load_assets.mjs";

const { figure_news: news } = load("figure_news");
const CHOICE = { symbol: "BTCUSDT", interval: "1m", overlays: ["supertrend"], look: null };
const meta = (changes) => ({
  server: "a",
  number: 5,
  stamp: "s5",
  market: "BTCUSDT|1m",
  overlays: ["supertrend"],
  look: { theme: "dark", candles: "candles", log: false, bars: null, until_ms: null, facts: [] },
  ...changes,
});

test("a later figure of the choice is taken, an earlier one is not", () => {
  assert.ok(news.isWanted(meta(), null, CHOICE));
  assert.ok(news.isWanted(meta({ number: 6, stamp: "s6" }), meta(), CHOICE));
  assert.ok(!news.isWanted(meta({ number: 4, stamp: "s4" }), meta(), CHOICE));
});

test("a figure drawn from the same facts is not drawn again", () => {
  assert.ok(!news.isWanted(meta({ number: 6 }), meta(), CHOICE));
});

test("numbers of a restarted server begin anew", () => {
  assert.ok(news.isWanted(meta({ server: "b", number: 1 }), meta(), CHOICE));
});

test("a figure of another market, of other overlays or of another look is not taken", () => {
  const later = { number: 9, stamp: "s9" };
  assert.ok(!news.isWanted(meta({ ...later, market: "BTCUSDT|5m" }), meta(), CHOICE));
  assert.ok(!news.isWanted(meta({ ...later, overlays: [] }), meta(), CHOICE));
  assert.ok(!news.isWanted(meta(later), meta(), { ...CHOICE, look: { theme: "light" } }));
  assert.ok(!news.isWanted(meta({ ...later, look: { theme: "light" } }), meta(), CHOICE));
  assert.ok(news.isWanted(meta(later), meta(), { ...CHOICE, look: { theme: "dark", log: false } }));
});

test("before anything was chosen nothing is taken", () => {
  assert.ok(!news.isWanted(meta(), null, null));
});

test("a figure is read with what tells it from an earlier one", () => {
  const { layout } = news.parsed('{"server":"a","number":7,"figure":{"data":[],"layout":{"meta":{"bars":2}}}}');
  assert.equal(JSON.stringify(layout.meta), '{"bars":2,"server":"a","number":7}');
});
