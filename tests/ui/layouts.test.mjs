import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { layouts, embed } = load("embed", "layouts");

test("a browser remembers one, two or four charts, and nothing else", () => {
  assert.deepEqual([1, 2, 4, 3, "2", null, undefined].map(layouts.counted), [1, 2, 4, 1, 1, 1, 1]);
  assert.deepEqual([1, 2, 4].map((count) => plain(layouts.slots(count))), [[], [2], [2, 3, 4]]);
});

test("a slot begins with longer candles of the page's symbol, then with what it showed last", () => {
  const page = { symbol: "BTCUSDT", interval: "1h" };
  const firsts = [2, 3, 4].map((slot) => layouts.first(slot, {}, page).interval);
  assert.deepEqual(firsts, ["15m", "4h", "1d"]);
  assert.deepEqual(plain(layouts.first(2, { symbol: "ETHUSDT", interval: "5m" }, page)), { symbol: "ETHUSDT", interval: "5m" });
});

test("a frame's address tells its slot, its market and the channel of its page", () => {
  const address = layouts.address(3, { symbol: "ETHUSDT", interval: "4h" }, "abc12345");
  assert.equal(address, "/?embed=1&slot=3&link=abc12345&symbol=ETHUSDT&interval=4h");
  assert.deepEqual(plain(embed.frameOf(address.slice(1))), { slot: "3", link: "abc12345" });
});

test("any other address is a whole page", () => {
  for (const search of ["", "?symbol=BTCUSDT", "?embed=1", "?embed=1&slot=1", "?embed=1&slot=2x", "?slot=2"]) {
    assert.equal(embed.frameOf(search), null, search);
  }
});

test("a frame keeps its own view, and shares what belongs to a symbol or the viewer", () => {
  assert.equal(embed.scoped("2", "view"), "slot2:view");
  assert.equal(embed.scoped("2", "look"), "slot2:look");
  assert.equal(embed.scoped("2", "overlay-choices"), "slot2:overlay-choices");
  assert.equal(embed.scoped("2", "drawings:BTCUSDT"), "drawings:BTCUSDT");
  assert.equal(embed.scoped("2", "overlay-sets"), "overlay-sets");
});

test("a frame follows the theme and the replay of its page and keeps the rest of its look", () => {
  const followed = embed.follows({ log: true, theme: "dark" }, { theme: "light", until_ms: 5, log: false });
  assert.deepEqual(plain(followed), { log: true, theme: "light", until_ms: 5 });
  assert.deepEqual(plain(embed.follows({}, null)), { theme: "dark", until_ms: null });
});
