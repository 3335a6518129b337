import assert from "node:assert/strict";
import test from "node:test";
import { readFileSync } from "node:fs";
import vm from "node:vm";
import { plain } from "./load_assets.mjs";

/** The scripts with a document that has nothing but ears. */
function load(...names) {
  const document = { addEventListener() {}, getElementById: () => null, querySelectorAll: () => [] };
  const window = { location: { pathname: "/" }, dash_clientside: { early: { kept: () => ({}) } } };
  const context = vm.createContext({ window, document, console, performance, setTimeout, clearTimeout });
  for (const name of names) {
    vm.runInContext(readFileSync(new URL(`../../ui/assets/${name}.js`, import.meta.url), "utf8"), context, { filename: name });
  }
  return window.dash_clientside;
}

const own = load("numbers", "position_lines", "trading", "trading_form", "trading_tools");
const trade = { id: 7, source: "hand", whose: "by hand", symbol: "BTCUSDT", direction: "LONG", status: "open", quantity: 0.1, entry: 64000, last: 64500, stop: 63000, target: 66000, pnl: 40, r: 0.4, at_stop: -110, at_target: 190, is_mine: true, decimals: 1, tick: 0.1 };
const lines = (trades, draft, market = "BTCUSDT|1m") => plain(own.position_lines.linesOf(trades, draft, market));

test("a typed number is read as people write it, and nothing else is", () => {
  const read = own.trading.parsed;
  assert.deepEqual(["63000.5", "63 000.5", "63\u2009000.5", "63,000.5", "0,5", ".5"].map(read), [63000.5, 63000.5, 63000.5, 63000.5, 0.5, 0.5]);
  assert.deepEqual(["", "x", "-1", "0", "1.2.3", "1e5", "NaN"].map(read), Array(7).fill(null));
});

test("a button says how much it closes", () => {
  assert.deepEqual([100, 50, 25].map(own.trading.closeWords), ["Close", "Close half", "Close 25 %"]);
});

test("quantities are written without the dust of binary fractions", () => {
  assert.equal(own.trading.plain(0.1 + 0.2), "0.3");
  assert.equal(own.trading.plain(null), "–");
});

test("an open trade has three lines, of which stop and target can be moved", () => {
  const found = lines([trade], null);
  assert.deepEqual(found.map(({ kind, price, canMove }) => [kind, price, canMove]), [["entry", 64000, false], ["stop", 63000, true], ["target", 66000, true]]);
  assert.equal(found[0].text, "▲ 0.1 by hand  +40.00  +0.40 R");
  assert.equal(found[1].text, "Stop 0.1  −110.00");
});

test("a pending trade has no entry, and one of another symbol no line", () => {
  const pending = { ...trade, status: "pending", entry: null, pnl: null, r: null, at_stop: null, at_target: null };
  assert.deepEqual(lines([pending], null).map(({ text }) => text), ["Stop 0.1  pending", "Target 0.1  pending"]);
  assert.deepEqual(lines([trade], null, "ETHUSDT|1m"), []);
  assert.deepEqual(lines([trade], null, null), []);
});

test("what is being closed cannot be moved", () => {
  assert.equal(lines([{ ...trade, is_mine: false }], null).some(({ canMove }) => canMove), false);
});

test("a price is put on the tick", () => {
  const { onTick } = own.position_lines;
  assert.equal(onTick(63000.26, 0.1, 1), 63000.3);
  assert.equal(onTick(63007, 5, 0), 63005);
  assert.equal(onTick(1.23456, null, 3), 1.235);
});

test("the form asks for what was typed, or says what is missing", () => {
  const { wish } = own.trading_form;
  const state = { symbol: "BTCUSDT", direction: "SHORT", unit: "quantity" };
  assert.deepEqual(plain(wish(state, { stop: "65000", target: "61 000", size: "0.2" })), { body: { symbol: "BTCUSDT", direction: "SHORT", stop: 65000, target: 61000, quantity: 0.2 }, lacks: "" });
  assert.equal(wish(state, { stop: "", target: "61000", size: "-" }).lacks, "Still needed: stop, size.");
  assert.equal(wish({ ...state, symbol: null }, { stop: "1", target: "2", size: "3" }).body, null);
});

test("a quote is shown with the loss as a loss", () => {
  const quote = { price: 64000, quantity: 0.05, notional: 3200, leverage: 3, margin: 1066.67, loss: 50.2, loss_pct: 0.502, gain: 120, reward_risk: 2.39, liquidation: 0, equity: 10000 };
  const rows = Object.fromEntries(plain(own.trading_form.rows(quote, 1)));
  assert.equal(rows["Loss at the stop, with costs"], "−50.20 (0.50 %)");
  assert.equal(rows["Gain at the target, after costs"], "+120.00");
  assert.equal(rows.Liquidation, "–");
  assert.equal(plain(own.trading_form.rows({ ...quote, quantity: null }, 1)).length, 2);
});

test("sums leave the shadow accounts out until they are wanted", () => {
  const book = { held: [trade, { ...trade, source: "random", pnl: 5 }], totals: { mine: { count: 2, won: 1, pnl: 10, r: 0.5, fees: 3, funding: -0.2 }, shadows: { count: 9, won: 3, pnl: -40, r: -2, fees: 8, funding: 0 } } };
  assert.equal(own.trading.sumWords(book, "open", false), "unrealised +40.00 after costs");
  assert.equal(own.trading.sumWords(book, "open", true), "unrealised +45.00 after costs");
  assert.equal(own.trading.sumWords(book, "closed", false), "2 closed, 1 won · P&L +10.00 · +0.5 R · fees 3.00 · funding −0.20");
  assert.match(own.trading.sumWords(book, "closed", true), /shadows: 9 closed/);
});

test("flattening counts what is not being closed already, and no shadow", () => {
  const held = [trade, { ...trade, status: "closing" }, { ...trade, source: "policy" }, { ...trade, source: "rules" }];
  assert.deepEqual(plain(own.trading_tools.counts(held)), { hand: 1, policy: 1 });
});
