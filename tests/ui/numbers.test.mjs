import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load_assets.mjs";

const { numbers } = load("numbers");
const THIN = "\u2009";

test("numbers are written as the server writes them", () => {
  assert.equal(numbers.number(64120.5, 1), `64${THIN}120.5`);
  assert.equal(numbers.number(1234567, 0), `1${THIN}234${THIN}567`);
  assert.equal(numbers.number(-3.456, 2), "−3.46");
  assert.equal(numbers.number(3.456, 2, true), "+3.46");
  assert.equal(numbers.number(-0.0001, 2, true), "0.00");
  assert.equal(numbers.number(null, 2), "–");
  assert.equal(numbers.number(0.1234567, 6), "0.123457");
});

test("quantities keep about three significant places", () => {
  assert.equal(numbers.quantity(12345.6), `12${THIN}346`);
  assert.equal(numbers.quantity(118.24), "118.2");
  assert.equal(numbers.quantity(0.1234), "0.123");
});
