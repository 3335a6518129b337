import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { alerts, log_tail: log } = load("numbers", "nodes", "alerts", "log_tail");
const form = { subject: "price", comparison: "above", level: "65 000.5", note: " up ", once: true };

test("a wish is read as people write it, and says what it lacks", () => {
  assert.deepEqual(plain(alerts.wish("BTCUSDT", form).body), { symbol: "BTCUSDT", subject: "price", comparison: "above", level: 65000.5, note: "up", once: true });
  assert.match(alerts.wish("BTCUSDT", { ...form, level: "-1" }).lacks, /above 0/);
  assert.equal(alerts.wish("BTCUSDT", { ...form, subject: "macd_hist_atr", level: "−0,25" }).body.level, -0.25);
  assert.match(alerts.wish("BTCUSDT", { ...form, subject: "rsi_14", level: "" }).lacks, /number/);
  assert.equal(alerts.wish(null, form).body, null);
});

test("what had fired before the page was there is no news, what fires again is", () => {
  const fired = [{ id: 2, fired_ms: 9 }, { id: 1, fired_ms: 5 }];
  assert.deepEqual(plain(alerts.news(null, fired)), []);
  assert.deepEqual(plain(alerts.news(new Set(["1-5", "2-7"]), fired)), [{ id: 2, fired_ms: 9 }]);
});

test("an alert is told in words", () => {
  assert.equal(alerts.words({ symbol: "BTCUSDT", subject: "price", comparison: "crosses", level: 65000, decimals: 1 }), "BTCUSDT price crosses 65\u2009000.0");
});

const line = (at, text, level = "INFO", file = "trading") => ({ at, text, level, file });

test("new lines are put in by time, and the oldest go", () => {
  const lines = log.merged([line("2", "b")], { whole: false, lines: [line("1", "a"), line("3", "c")] });
  assert.deepEqual(plain(lines.map(({ text }) => text)), ["a", "b", "c"]);
  const many = log.merged([], { whole: true, lines: Array.from({ length: 300 }, (_, i) => line("1", `${i}`)) });
  assert.equal(many.length, 200);
  assert.equal(many.at(-1).text, "299");
});

test("lines are filtered by file, level and text", () => {
  const lines = [line("1", "Up"), line("2", "Down", "WARNING"), line("3", "  File", ""), line("4", "up", "ERROR", "system")];
  const found = (filter) => plain(log.wanted(lines, { file: "", level: "", text: "", ...filter }).map(({ at }) => at));
  assert.deepEqual(found({}), ["1", "2", "3", "4"]);
  assert.deepEqual(found({ level: "WARNING" }), ["2", "4"]);
  assert.deepEqual(found({ text: "UP" }), ["1", "4"]);
  assert.deepEqual(found({ file: "system" }), ["4"]);
});
