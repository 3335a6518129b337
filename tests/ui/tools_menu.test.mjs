import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./load_assets.mjs";

const { after } = load("tools_menu").tools_menu;
const nowhere = { opener: false, inside: false, escape: false };

test("its button opens and closes the menu", () => {
  assert.equal(after(false, { ...nowhere, opener: true }), true);
  assert.equal(after(true, { ...nowhere, opener: true }), false);
});

test("a click inside leaves it open, one elsewhere and Escape close it", () => {
  assert.equal(after(true, { ...nowhere, inside: true }), true);
  assert.equal(after(true, nowhere), false);
  assert.equal(after(true, { ...nowhere, inside: true, escape: true }), false);
  assert.equal(after(false, { ...nowhere, inside: true }), false);
});
