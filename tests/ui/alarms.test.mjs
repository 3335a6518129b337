import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load_assets.mjs";

const { notes, deeds, shape } = load("nodes", "alarms").alarms;
const PLAIN = { acknowledged: false, silent_until_ms: null, stale: "" };

test("a plain alarm has nothing said beside it", () => {
  assert.equal(notes(PLAIN), "");
});

test("it is said who has seen it, until when it is silent, and that nobody watches", () => {
  const said = notes({ acknowledged: true, silent_until_ms: 0, stale: "old" });
  assert.equal(said, "acknowledged; silent outside until 1970-01-01 00:00 UTC; old");
});

test("an alarm can be acknowledged once, and be silenced or told again", () => {
  const actions = (alarm) => [...deeds(alarm)].map(([action]) => action).join(" ");
  assert.equal(actions(PLAIN), "acknowledge silence silence silence silence");
  assert.equal(actions({ ...PLAIN, acknowledged: true, silent_until_ms: 5 }), "unsilence");
});

test("a reason that changes leaves the buttons where they are, anything else draws them anew", () => {
  const told = (row) => ({ rows: [{ ...PLAIN, component: "feed", ...row }], silenced: [], notes: [] });
  assert.equal(shape(told({ reason: "for 1 s" })), shape(told({ reason: "for 2 s" })));
  assert.notEqual(shape(told({ acknowledged: true })), shape(told({})));
});
