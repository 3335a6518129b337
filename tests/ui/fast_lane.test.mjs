import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { fast_lane: lane } = load("fast_lane");
const item = (componentId, props) => ({ componentId, props });

function taken(message) {
  const got = [];
  const whole = lane.take(message, { live: (data) => got.push(data) }, () => false);
  return { got, whole, left: plain(message) };
}

test("what is pushed to the chart is taken, and nothing of it is left for Dash", () => {
  const { got, whole } = taken({ type: "set_props", payload: item("live", { data: 7 }) });
  assert.deepEqual([got, whole], [[7], true]);
});

test("of a batch the rest is left for Dash, in its order", () => {
  const payload = [item("engine", { children: "a" }), item("live", { data: 1 }), item("signals", { rowData: [] })];
  const { got, whole, left } = taken({ type: "set_props_batch", payload });
  assert.deepEqual([got, whole], [[1], false]);
  assert.deepEqual(left.payload.map(({ componentId }) => componentId), ["engine", "signals"]);
});

test("a batch of ours alone leaves nothing", () => {
  const payload = [item("live", { data: 1 }), item("live", { data: 2 })];
  assert.deepEqual(taken({ type: "set_props_batch", payload }).got, [1, 2]);
  assert.equal(taken({ type: "set_props_batch", payload: [item("live", { data: 1 })] }).whole, true);
});

test("anything else is Dash's", () => {
  for (const message of [
    { type: "set_props", payload: item("engine", { children: "a" }) },
    { type: "set_props", payload: item("live", { other: 1 }) },
    { type: "set_props_batch", payload: [] },
    { type: "callback_response", payload: {} },
    null,
  ]) {
    const { got, whole } = taken(message);
    assert.deepEqual([got, whole], [[], false]);
  }
});

test("plain HTML is written past Dash, and what cannot be written is left for it", () => {
  const written = [];
  const show = (id, children) => id === "notices" && written.push(children) > 0;
  const payload = [item("notices", { children: "a" }), item("elsewhere", { children: "b" }), item("notices", { children: "c", title: "d" })];
  const message = { type: "set_props_batch", payload };
  assert.equal(lane.take(message, {}, show), false);
  assert.deepEqual([written, plain(message).payload.length], [["a"], 2]);
});
