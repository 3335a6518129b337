import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { watchlist } = load("numbers", "nodes", "watchlist");
const spark = { points: [0, 50, 100], low: 10, high: 20 };

test("a mini chart fills its height and ends at the price of now", () => {
  assert.deepEqual(plain(watchlist.path(spark, null)), { line: "M0.0,22.0L56.0,12.0L112.0,2.0", rises: true });
  const now = watchlist.path(spark, 5);
  assert.equal(now.rises, false);
  assert.ok(now.line.endsWith("112.0,22.0"));
  assert.equal(watchlist.path({ points: [], low: 0, high: 0 }, 5).line, "");
});

test("an arrow per timeframe, a dash where nothing is known", () => {
  assert.equal(watchlist.arrows([-0.8, 0, 0.5, null]).join(""), "▼▬▲–––");
});

test("rows take what changed, and those that are followed no more go", () => {
  const first = watchlist.merged(new Map(), { whole: true, symbols: ["A", "B"], rows: [{ id: "A", symbol: "A", last: 1, spark, alignment: [] }, { id: "B", symbol: "B", last: 2, spark, alignment: [1] }] });
  const next = watchlist.merged(first, { whole: false, symbols: ["B"], rows: [{ id: "B", last: 3 }] });
  assert.deepEqual([...next.keys()], ["B"]);
  assert.equal(next.get("B").last, 3);
  assert.equal(next.get("B").aligned, 1);
  assert.ok(next.get("B").line);
});
