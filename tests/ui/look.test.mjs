import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

/** `look.js` on a page of its own; `told` is what the page was told, and `kept` what the store got. */
function page(remembered) {
  const [told, kept] = [[], []];
  const document = {
    addEventListener() {},
    dispatchEvent: ({ detail }) => told.push({ ...detail }),
    getElementById: () => null,
    documentElement: { dataset: {} },
  };
  class CustomEvent {
    constructor(_, { detail }) {
      this.detail = detail;
    }
  }
  const own = { early: { kept: () => remembered }, set_props: (_, { data }) => kept.push({ ...data }) };
  const path = new URL("../../ui/assets/look.js", import.meta.url);
  vm.runInNewContext(readFileSync(path, "utf8"), { window: { dash_clientside: own }, document, CustomEvent });
  return { look: own.look, told, kept };
}

test("until something is changed the store says how the market is shown", () => {
  const { look, told } = page({ theme: "light" });
  assert.deepEqual({ ...look.now() }, { theme: "light" });
  look.follow({ log: true });
  assert.deepEqual({ ...look.now() }, { log: true });
  assert.deepEqual(told, [{ log: true }]);
});

test("a change that a busy page hears of late takes no newer one back", () => {
  const { look, told, kept } = page({});
  look.change({ log: true });
  look.change({ candles: "heikin-ashi" });
  look.follow({ log: true }); // of the first, after the second
  look.change({ theme: "light" });
  const all = { log: true, candles: "heikin-ashi", theme: "light" };
  assert.deepEqual(kept.at(-1), all);
  assert.deepEqual(told, [{ log: true, candles: "heikin-ashi" }]);
});
