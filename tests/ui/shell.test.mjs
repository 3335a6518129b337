import assert from "node:assert/strict";
import { test } from "node:test";

import { load, plain } from "./load_assets.mjs";

const own = load("early", "clock", "numbers", "chart", "navigation", "shell", "header", "keyboard", "notifications", "picker", "overlay_sets");
const SYMBOLS = ["BTCUSDT", "ETHUSDT"];
const INTERVALS = ["1m", "5m"];

test("an address means a page, an unknown one means Trade", () => {
  assert.equal(own.early.pageOf("/"), "trade");
  assert.equal(own.early.pageOf("/system"), "system");
  assert.equal(own.early.pageOf("/performance/"), "performance");
  assert.equal(own.early.pageOf("/nothing"), "trade");
});

test("the address goes before what is remembered", () => {
  const { wanted } = own.navigation;
  const remembered = { symbol: "ETHUSDT", interval: "5m" };
  assert.deepEqual(plain(wanted("", remembered, SYMBOLS, INTERVALS)), { ...remembered, errors: [] });
  const typed = wanted("?symbol=btcusdt&interval=1H", {}, ["BTCUSDT"], ["1h"]);
  assert.deepEqual(plain(typed), { symbol: "BTCUSDT", interval: "1h", errors: [] });
  const asked = wanted("?symbol=BTCUSDT", remembered, SYMBOLS, INTERVALS);
  assert.deepEqual(plain(asked), { symbol: "BTCUSDT", interval: "5m", errors: [] });
});

test("what is not on offer is said and passed over", () => {
  const { symbol, interval, errors } = own.navigation.wanted("?symbol=%3Cimg%3E&interval=2m", {}, SYMBOLS, INTERVALS);
  assert.equal(symbol, null);
  assert.equal(interval, null);
  assert.equal(errors.length, 2);
});

test("an address keeps what else it says", () => {
  const { address } = own.navigation;
  assert.equal(address("/", "?tab=chat&symbol=A", { symbol: "B", interval: "1m" }), "/?tab=chat&symbol=B&interval=1m");
});

test("options are read grouped or not", () => {
  assert.deepEqual(plain(own.navigation.flat([{ group: "x", items: ["A"] }, { group: "y", items: ["B"] }])), ["A", "B"]);
  assert.deepEqual(plain(own.navigation.flat(["A", "B"])), ["A", "B"]);
});

test("the tables keep a height that leaves room for the chart", () => {
  const { heightWithin } = own.shell;
  assert.equal(heightWithin(10, 1000), 120);
  assert.equal(heightWithin(300, 1000), 300);
  assert.equal(heightWithin(900, 1000), 600);
});

test("arrows go around the tabs", () => {
  assert.equal(own.shell.neighbour(["a", "b", "c"], "c", 1), "a");
  assert.equal(own.shell.neighbour(["a", "b", "c"], "a", -1), "c");
});

test("the change of a day is told with sign and arrow, and not guessed", () => {
  assert.deepEqual(plain(own.header.change(110, 100)), ["▲ +10.00 %", "up"]);
  assert.deepEqual(plain(own.header.change(90, 100)), ["▼ −10.00 %", "down"]);
  assert.deepEqual(plain(own.header.change(90, null)), ["–", ""]);
});

test("funding counts down by market time", () => {
  const facts = { funding_rate: 0.0001, funding_ms: 7_500_000 };
  assert.equal(own.header.funding(facts, 0), "+0.0100 % in 2 h 05");
  assert.equal(own.header.funding(facts, 7_435_000), "+0.0100 % in 1:05");
  assert.equal(own.header.funding(facts, 7_500_001), "+0.0100 %");
  assert.equal(own.header.funding({ funding_rate: null, funding_ms: null }, 0), "–");
});

test("the account is told in worth and share of the day", () => {
  assert.deepEqual(plain(own.header.account({ equity: 10_100, day_pnl: 100 })), ["10\u2009100.00 ▲ +1.00 % today", "up"]);
  assert.deepEqual(plain(own.header.account({ equity: 10_100, day_pnl: null })), ["10\u2009100.00", ""]);
  assert.deepEqual(plain(own.header.account({ equity: null, day_pnl: null })), ["–", ""]);
  const old = { equity: 10_100, day_pnl: null, at_ms: Date.UTC(2026, 10, 21, 21, 50, 3) };
  assert.deepEqual(plain(own.header.account(old)), ["10\u2009100.00 at 11-21 21:50 UTC", "warned"]);
  assert.equal(own.header.budget({ llm_usd: 0.04, llm_limit_usd: 1 }), "$0.04 / 1.00");
  assert.equal(own.header.budget({ llm_usd: 0, llm_limit_usd: 0 }), "–");
});

test("a key is meant for the page only outside of fields, dialogs and browser shortcuts", () => {
  const keys = [{ key: "1", run: () => {} }, { key: "Escape" }];
  const nowhere = { isField: false, isDialog: false };
  assert.equal(own.keyboard.meant(keys, { key: "1" }, nowhere), keys[0]);
  assert.equal(own.keyboard.meant(keys, { key: "1", ctrlKey: true }, nowhere), null);
  assert.equal(own.keyboard.meant(keys, { key: "1" }, { isField: true, isDialog: false }), null);
  assert.equal(own.keyboard.meant(keys, { key: "1" }, { isField: false, isDialog: true }), null);
  assert.equal(own.keyboard.meant(keys, { key: "Escape" }, nowhere), null);
});

test("what the first reading tells is no news, what comes later is", () => {
  const { news, merged } = own.notifications;
  const [a, b] = [{ id: "a", at_ms: 1 }, { id: "b", at_ms: 2 }];
  assert.deepEqual(plain(news(null, [a])), []);
  assert.deepEqual(plain(news(new Set(["a"]), [b, a])), [b]);
  assert.deepEqual(plain(merged([a], [b, a])), [b, a]);
});

test("a set is saved under its name, and applied as far as it is on offer", () => {
  const { sets, saved, applied } = own.overlay_sets;
  const kept = saved({ one: ["rsi"] }, "  two ", ["ema", "gone"]);
  assert.deepEqual(plain(kept), { one: ["rsi"], two: ["ema", "gone"] });
  assert.deepEqual(plain(saved(kept, " ", [])), plain(kept));
  assert.deepEqual(plain(applied(kept.two, ["rsi", "ema"])), ["ema"]);
  assert.deepEqual(plain(sets({ good: ["a"], bad: "x", worse: [1] })), { good: ["a"] });
});

test("what still holds is above what is newer in the list of notifications", () => {
  const { merged } = own.notifications;
  const list = merged([{ id: "old", at_ms: 1, now: true }], [{ id: "new", at_ms: 9 }, { id: "mid", at_ms: 5, now: false }]);
  assert.deepEqual(plain(list.map(({ id }) => id)), ["old", "new", "mid"]);
});
