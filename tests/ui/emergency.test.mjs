import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load_assets.mjs";

const { headline, origin, failure, summary } = load("emergency").emergency;
const OFF = { latched: "", is_stopping: false, verdict: "", at: "", who: "", why: "" };

test("nothing is said while nothing is stopped", () => {
  assert.equal(headline(OFF), "");
});

test("the banner tells a stop that runs, one that holds and one that did not", () => {
  assert.match(headline({ ...OFF, is_stopping: true }), /being carried out/);
  assert.match(headline({ ...OFF, latched: "x is there", verdict: "y" }), /nothing is entered/);
  assert.match(headline({ ...OFF, verdict: "NOT EVERYTHING HELD: latch" }), /did not hold/);
});

test("it names who, when and why, or what the latch says", () => {
  const set = { ...OFF, latched: "l", at: "2026-11-21T03:30:00.123Z", who: "root (page, ::1)", why: "a: b" };
  assert.equal(origin(set), "2026-11-21 03:30:00 UTC, by root (page, ::1): a: b");
  assert.equal(origin({ ...OFF, latched: "by hand" }), "by hand");
});

test("a request that failed ends with what to do in a terminal", () => {
  assert.match(failure("stop", 0, "x"), /does not answer.*make emergency-stop$/);
  assert.match(failure("resume", 500, undefined), /500.*make resume$/);
  assert.equal(failure("resume", 422, "Needs a reason."), "Needs a reason.");
});

test("steps that do not hold are named", () => {
  assert.equal(summary([{ name: "latch", held: true }]), "1 step, all held");
  assert.equal(summary([{ name: "latch", held: true }, { name: "backup", held: false }]), "2 steps, NOT HELD: backup");
});
