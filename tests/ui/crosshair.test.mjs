import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load_assets.mjs";

const { crosshair } = load("drawing_shapes", "crosshair");
const AT = Date.UTC(2026, 10, 21, 16, 5);

test("the time is no more exact than candles are long", () => {
  assert.equal(crosshair.timeWords(AT, 60_000), "Sat 21 Nov 16:05");
  assert.equal(crosshair.timeWords(Date.UTC(2026, 10, 21), 86_400_000), "Sat 21 Nov 2026");
});

test("the pointer stands at the nearest candle, that of another chart at the candle holding it", () => {
  assert.equal(crosshair.candleAt(AT + 40_000, 60_000, false), AT + 60_000);
  assert.equal(crosshair.candleAt(AT + 40_000, 60_000, true), AT);
  assert.equal(crosshair.candleAt(AT, 3_600_000, true), Date.UTC(2026, 10, 21, 16));
});
