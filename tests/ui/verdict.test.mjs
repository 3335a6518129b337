import assert from "node:assert/strict";
import { test } from "node:test";

import { load, plain } from "./load_assets.mjs";

const own = load("clock", "numbers", "fast_lane", "nodes", "verdict_card", "verdict_drawer", "verdict_lists", "chart_jump");
const { nodes, decision, verdict_drawer: drawer, verdict_lists: lists, chart_jump: jump } = own;
const MINUTE = 60_000;

test("a contribution's bar grows from the middle to its side and never beyond the row", () => {
  assert.deepEqual(plain(nodes.span(0.2, 0.4)), { left: 50, width: 25 });
  assert.deepEqual(plain(nodes.span(-0.4, 0.4)), { left: 0, width: 50 });
  assert.deepEqual(plain(nodes.span(-9, 0.4)), { left: 0, width: 50 });
  assert.deepEqual(plain(nodes.span(0, 0)), { left: 50, width: 0 });
});

test("facts keep five significant digits, money two", () => {
  assert.equal(nodes.fact(61.23456), "61.235");
  assert.equal(nodes.fact(0.000123456), "0.00012346");
  assert.equal(nodes.fact(-0.5), "−0.5");
  assert.equal(nodes.fact(100), "100");
  assert.equal(nodes.fact(null), "–");
  assert.equal(nodes.dollars(0.000123), "$0.00012");
  assert.equal(nodes.dollars(0), "$0");
  assert.equal(nodes.dollars(0.25), "$0.25");
  assert.equal(nodes.took(812), "812 ms");
  assert.equal(nodes.took(2340), "2.3 s");
});

test("a probability is a dash with the count until a hundred trades have closed", () => {
  assert.deepEqual(plain(decision.probability({ value: null, count: 12 })).text, "p –");
  assert.match(decision.probability({ value: null, count: 12 }).count, /^12\/100$/);
  assert.equal(decision.probability({ value: 0.584, count: 140 }).text, "p 0.58");
});

test("a score says how it stands to the threshold", () => {
  assert.equal(decision.standing(0.2, 0.3), "score +0.20 of +0.30 needed");
  assert.equal(decision.standing(-0.2, 0.3), "score −0.20 of −0.30 needed");
  assert.equal(decision.standing(-0.35, 0.3), "score −0.35, beyond 0.30 for short");
});

test("what a question cost is told only where one was asked", () => {
  assert.equal(decision.price({ calls: 0, cost_usd: 0, latency_ms: 0, cached: false }), "");
  assert.equal(decision.price({ calls: 2, cost_usd: 0.25, latency_ms: 812, cached: false }), "$0.25 · 812 ms · 2 attempts");
});

test("a prompt is shown by message, and as it came where it is none", () => {
  const prompt = JSON.stringify([{ role: "system", content: "You\nare" }]);
  assert.deepEqual(plain(drawer.messages(prompt)), [{ role: "system", content: "You\nare" }]);
  for (const text of ["plain <b>", '{"a": 1}', "[1]", "null"]) {
    assert.deepEqual(plain(drawer.messages(text)), [{ role: "", content: text }]);
  }
});

test("only rows of the two lists open an evaluation", () => {
  assert.equal(lists.pathOf("signals", "7"), "/decision/signal/7");
  assert.equal(lists.pathOf("decision-evaluations", "12"), "/decision/12");
  assert.equal(lists.pathOf("other", "12"), null);
  assert.equal(lists.pathOf("signals", "../x"), null);
});

test("a bar before those drawn takes more candles, others do not", () => {
  const times = [100, 101, 102].map((n) => n * MINUTE);
  assert.equal(jump.barsFor(times, MINUTE, 101 * MINUTE), null);
  assert.equal(jump.barsFor(times, MINUTE, 40 * MINUTE), 62 + 60);
  assert.equal(jump.barsFor(times, MINUTE, -1e9 * MINUTE), 20_000);
});

test("a jump keeps the width of the chart where that is sensible", () => {
  assert.deepEqual(plain(jump.rangeAround(1000 * MINUTE, MINUTE, [0, 100 * MINUTE])), [960 * MINUTE, 1060 * MINUTE]);
  const [from, to] = jump.rangeAround(1000 * MINUTE, MINUTE, [0, 5 * MINUTE]);
  assert.equal(to - from, 120 * MINUTE);
});
