import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { fact_panes: facts } = load("numbers", "fact_panes");
const HOUR = 3600000;
const FUNDING = { key: "funding", title: "Funding", note: "", detail: "", hours: [8, 8] };
const RATES = { x: [0, 8 * HOUR, 12 * HOUR], y: [0.01, -0.005, -0.005] };
const HELD = { key: "open-interest", title: "Open interest", note: "", detail: "" };
const LINE = { x: [0, 10, 20, 20, 30, 40], y: [100, 110, 110, null, 120, 120] };
const words = (parts) => parts.map(({ text }) => text).join(" | ");

test("funding tells the settlement in force, its sign, its payer and what it were in a year", () => {
  const early = facts.parts(FUNDING, RATES, 8 * HOUR - 1, [0, 1]);
  assert.equal(words(early), "Funding | +0.0100 % | +10.95 % a year | longs pay | settled 01-01 00:00, every 8 h");
  const late = facts.parts(FUNDING, RATES, 8 * HOUR, [0, 1]);
  assert.match(words(late), /−0\.0050 % \| −5\.4[78] % a year \| shorts pay \| settled 01-01 08:00/);
  assert.deepEqual(plain(late.map(({ role }) => role ?? null)).slice(0, 2), ["fact-title", "fact-down"]);
});

test("before the first settlement, and long after the last known, nothing is told", () => {
  assert.equal(words(facts.parts(FUNDING, RATES, -1, [0, 1])), "Funding | –");
  assert.equal(words(facts.parts(FUNDING, RATES, 14 * HOUR, [0, 1])), "Funding | –");
});

test("where its neighbours do not tell for how long a rate was, it is not made a yearly one", () => {
  const lone = facts.parts({ ...FUNDING, hours: [null] }, { x: [0], y: [0.01] }, 5, [0, 1]);
  assert.equal(words(lone), "Funding | +0.0100 % | – | longs pay | settled 01-01 00:00");
});

test("open interest tells its contracts and the change over what is visible", () => {
  assert.equal(words(facts.parts(HELD, LINE, 12, [10, 35])), "Open interest | 110.0 contracts | +9.09 % | over what is visible");
});

test("in a hole of open interest its value is not told, and no change is made of nothing", () => {
  assert.match(words(facts.parts(HELD, LINE, 25, [0, 40])), /^Open interest \| – \| \+20\.00 %/);
  assert.equal(facts.change(LINE, -20, -10), null);
  assert.equal(facts.change(LINE, -5, 12), 10.000000000000009);
});

test("what is not known is said with the name of the pane and never as a number", () => {
  const entry = { ...HELD, note: "the exchange did not answer, next try in 30 s", detail: "HTTP 503" };
  assert.deepEqual(plain(facts.parts(entry, null, 0, [0, 1])), [
    { text: "Open interest: the exchange did not answer, next try in 30 s", role: "fact-note", title: "HTTP 503" },
  ]);
  assert.match(words(facts.parts(entry, LINE, 12, [10, 35])), /contracts .* the exchange did not answer/);
});

test("switches add and remove their pane in the order of the switches", () => {
  const order = ["funding", "open-interest"];
  assert.deepEqual(plain(facts.switched(undefined, "open-interest", order)), ["open-interest"]);
  assert.deepEqual(plain(facts.switched(["open-interest"], "funding", order)), order);
  assert.deepEqual(plain(facts.switched(order, "funding", order)), ["open-interest"]);
});
