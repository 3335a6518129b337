import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { legend } = load("numbers", "legend");
const MINUTE = 60_000;
const entry = (changes) => ({ key: "k", title: "Made", curves: [], ribbons: [], words: "", ...changes });
const trace = (name, y, changes = {}) => ({ name, y, x0: 0, dx: MINUTE, meta: { of: "k" }, line: { color: "#111" }, ...changes });

test("a value is that of the candle under the pointer, in the colour it has there", () => {
  const traces = [trace("Trend", [1, null, 3]), trace("Trend", [null, 2, null], { line: { color: "#222" } })];
  const curves = [{ name: "Trend", kind: "line" }];
  assert.deepEqual(plain(legend.parts(entry({ curves }), traces, MINUTE, 2)), [{ text: "Trend 2.00", colour: "#222" }]);
});

test("a trace of another overlay with the same name is not asked", () => {
  const traces = [trace("Trend", [7, 7], { meta: { of: "other" } })];
  const curves = [{ name: "Trend", kind: "line" }];
  assert.equal(legend.parts(entry({ curves }), traces, 0, 2)[0].text, "Trend –");
});

test("a band tells both edges and a curve with the name of its overlay only its value", () => {
  const traces = [trace("Band", [1, 2]), trace("Band", [3, 4]), trace("Made", [5, 6]), trace("Made basis", [7, 8])];
  const curves = [{ name: "Band", kind: "band" }, { name: "Made", kind: "line" }, { name: "Made basis", kind: "line" }];
  const said = legend.parts(entry({ curves }), traces, MINUTE, 1).map(({ text }) => text);
  assert.deepEqual(plain(said), ["Band 2.0 – 4.0", "6.0", "basis 8.0"]);
});

test("of bars the one with a height counts", () => {
  const traces = [trace("Delta", [0, 0]), trace("Delta", [0, -12.34], { line: { color: "#222" }, yaxis: "y4" })];
  const curves = [{ name: "Delta", kind: "bars" }];
  assert.deepEqual(plain(legend.parts(entry({ curves }), traces, MINUTE, 2)), [{ text: "Delta −12.3", colour: "#222" }]);
});

test("traces with holes are read by their times", () => {
  const traces = [trace("Trend", [1, null, 3], { x: [0, MINUTE, 5 * MINUTE], x0: undefined })];
  const curves = [{ name: "Trend", kind: "line" }];
  assert.equal(legend.parts(entry({ curves }), traces, 5 * MINUTE, 0)[0].text, "Trend 3");
});

test("a state is that of the last stretch that began by then", () => {
  const ribbon = { name: "Regime", labels: ["Down", "Up"], colours: ["#1", "#2"], from_ms: [0, 3 * MINUTE], codes: [-1, 1] };
  const at = (ms) => legend.parts(entry({ ribbons: [ribbon] }), [], ms, 2)[0];
  assert.deepEqual(plain(at(2 * MINUTE)), { text: "–", colour: null });
  assert.deepEqual(plain(at(9 * MINUTE)), { text: "Up", colour: "#2" });
});

test("values that are no prices are short", () => {
  assert.equal(legend.brief(54.321), "54.3");
  assert.equal(legend.brief(-386.4), "−386");
  assert.equal(legend.brief(1_234_567), "1.23 M");
  assert.equal(legend.brief(0.0004567), "0.000457");
  assert.equal(legend.brief(0), "0");
});

const zone = ["Sell-side", 0, 5 * MINUTE - 1, 30 * MINUTE - 1, 100, 110, { swept: 9 * MINUTE - 1 }];

test("a zone under the pointer says from when it is drawn, since when it was known, and what happened", () => {
  const [words] = legend.zonesAt([zone], 6 * MINUTE, 105, 0, 1);
  assert.equal(words, "Sell-side 100.0 – 110.0 · drawn from 01-01 00:00 · known at 01-01 00:05 · swept 01-01 00:09");
});

test("beside a zone there is nothing to say", () => {
  assert.equal(legend.zonesAt([zone], 6 * MINUTE, 111, 0, 1).length, 0);
  assert.equal(legend.zonesAt([zone], 6 * MINUTE, 111, 2, 1).length, 1);
  assert.equal(legend.zonesAt([zone], 31 * MINUTE, 105, 0, 1).length, 0);
});

test("a zone that lives has no end", () => {
  assert.equal(legend.zonesAt([zone.with(3, null)], 9999 * MINUTE, 105, 0, 1).length, 1);
});

test("a band is told in its colour, however faint it is drawn", () => {
  const traces = [trace("Band", [1], { line: { color: "rgba(1,2,3,0.45)" } })];
  const [said] = legend.parts(entry({ curves: [{ name: "Band", kind: "band" }] }), traces, 0, 1);
  assert.equal(said.colour, "rgba(1,2,3,1)");
});
