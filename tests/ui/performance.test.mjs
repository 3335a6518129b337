import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { performance } = load("performance");

test("what this browser remembers is taken only where it is on offer", () => {
  const odd = { period: "year", account: "ghost", symbol: "a/b", since: "soon", more: 1 };
  assert.deepEqual(plain(performance.sane(odd)), { period: "all", account: "policy", symbol: "", since: "" });
  const good = { period: "week", account: "rules", symbol: "BTCUSDT", since: "2026-11-21" };
  assert.deepEqual(plain(performance.sane(good)), good);
});

test("a plot's width is asked for in steps, so that answers stay alike", () => {
  assert.equal(performance.buckets([901, 0, 333]), 1000);
  assert.equal(performance.buckets([1000]), 1000);
  assert.equal(performance.buckets([]), 100);
  assert.equal(performance.buckets([99999]), 4000);
});
