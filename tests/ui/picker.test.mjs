import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { picker } = load("picker");
const offered = { keys: ["zones", "flow", "rsi"], defaults: ["zones", "flow"] };

test("without answers the picker begins with what is meant to be on", () => {
  assert.deepEqual(plain(picker.restored(offered, {})), ["zones", "flow"]);
});

test("answers win over what is meant to be on", () => {
  assert.deepEqual(plain(picker.restored(offered, { flow: false, rsi: true })), ["zones", "rsi"]);
});

test("an answer for what is no more on offer is passed over", () => {
  assert.deepEqual(plain(picker.restored(offered, { gone: true })), ["zones", "flow"]);
});

test("a new overlay neither loses what was chosen nor brings back what was switched off", () => {
  const answers = picker.answered({}, ["zones", "flow"], ["zones", "rsi"]);
  const later = { keys: ["new", "other", ...offered.keys], defaults: ["new", ...offered.defaults] };
  assert.deepEqual(plain(picker.restored(later, answers)), ["new", "zones", "rsi"]);
});

test("only what the viewer changed is kept", () => {
  assert.deepEqual(plain(picker.answered({ old: true }, ["zones", "flow"], ["flow", "zones"])), { old: true });
  assert.deepEqual(plain(picker.answered({ rsi: true }, ["zones", "rsi"], ["zones"])), { rsi: false });
});

test("following a recommendation leaves alone what it does not speak of", () => {
  const recommended = { enable: ["zones", "flow"], disable: ["rsi"] };
  assert.deepEqual(plain(picker.followed(["rsi", "ema", "flow"], recommended)), ["ema", "flow", "zones"]);
});
