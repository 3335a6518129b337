import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load_assets.mjs";

const { readout } = load("numbers", "clock", "readout");

test("a candle is told in one line", () => {
  const candle = [Date.UTC(2025, 5, 15, 12), 64_000, 64_100.04, 63_900, 64_064, 12.34];
  assert.equal(
    readout.words(candle, 1),
    "2025-06-15 12:00   O 64\u2009000.0   H 64\u2009100.0   L 63\u2009900.0   C 64\u2009064.0   +0.10 %   V 12.3",
  );
});
