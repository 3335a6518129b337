import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { chart_links: links } = load("drawing_shapes", "chart_links");

test("a pointer and a tool of another chart are understood", () => {
  const pointer = { about: "pointer", ms: 60_000, price: 1.5, symbol: "BTCUSDT" };
  assert.deepEqual(plain(links.understood({ ...pointer, more: 1 })), pointer);
  assert.deepEqual(plain(links.understood({ ...pointer, ms: null, price: null })), { ...pointer, ms: null, price: null });
  assert.deepEqual(plain(links.understood({ about: "tool", tool: "fib" })), { about: "tool", tool: "fib" });
  assert.deepEqual(plain(links.understood({ about: "tool", tool: null })), { about: "tool", tool: null });
});

test("anything else is not", () => {
  const wrong = [
    null, 7, "pointer", {}, { about: "pointer", ms: "1", price: 1, symbol: "B" },
    { about: "pointer", ms: NaN, price: 1, symbol: "B" }, { about: "pointer", ms: 1e300, price: 1, symbol: "B" },
    { about: "pointer", ms: 1, price: 1 }, { about: "tool", tool: "hammer" }, { about: "else" },
  ];
  for (const data of wrong) {
    assert.equal(links.understood(data), null, JSON.stringify(data));
  }
});
