import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { drawing_store: store } = load("drawing_shapes", "drawing_store");
const shape = (id, kind = "line") => ({ id, kind, points: [[0, 1], [60_000, 2]] });

test("what was kept is read again", () => {
  const kept = [shape("a"), shape("b", "fib")];
  assert.deepEqual(plain(store.parsed(JSON.stringify(kept))), { shapes: kept, isSound: true });
  assert.deepEqual(plain(store.parsed(null)), { shapes: [], isSound: true });
});

test("what is broken is no drawing, and the others are still there", () => {
  const broken = [
    null, 7, { id: "x" }, { ...shape("x"), kind: "spiral" }, { ...shape("x"), kind: "toString" },
    { ...shape("x"), points: [[0, 1]] }, { ...shape("x"), points: [[0, null], [1, 2]] },
    { ...shape("x"), points: [[1e300, 1], [0, 2]] }, shape(""), shape("x".repeat(41)),
  ];
  assert.deepEqual(plain(store.parsed(JSON.stringify([...broken, shape("a")]))), { shapes: [shape("a")], isSound: false });
  assert.equal(store.parsed("{").isSound, false);
  assert.equal(store.parsed('{"a": 1}').isSound, false);
});

test("a drawing takes its own place, and more than can be kept are refused", () => {
  const full = Array.from({ length: store.MOST }, (_, i) => shape(`n${i}`));
  assert.equal(store.put(full, shape("new")), null);
  const changed = store.put(full, shape("n7", "ray"));
  assert.equal(changed.length, store.MOST);
  assert.equal(changed[7].kind, "ray");
  assert.deepEqual(plain(store.put([shape("a")], shape("b"))).map(({ id }) => id), ["a", "b"]);
  assert.deepEqual(plain(store.without([shape("a"), shape("b")], "a")), [shape("b")]);
});

test("more drawings than can be kept are not read", () => {
  const many = Array.from({ length: store.MOST + 1 }, (_, i) => shape(`n${i}`));
  const { shapes, isSound } = store.parsed(JSON.stringify(many));
  assert.equal(shapes.length, store.MOST);
  assert.equal(isSound, false);
});
