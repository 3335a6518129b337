import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { chat } = load("numbers", "nodes", "chat");
const user = (text, atMs) => ({ role: "user", text, at_ms: atMs, market: "", reason: "" });
const answer = (text, atMs, reason = "") => ({ role: "assistant", text, at_ms: atMs, market: "", reason });
const live = (changes = {}) => ({ question: "Why?", market: "BTCUSDT 1m", text: "Bec", reason: "", detail: "", isOver: false, before: new Set(), ...changes });
const texts = ({ messages }) => plain(messages.map(({ text }) => text));

test("lines that are whole are read, the rest waits for more", () => {
  assert.deepEqual(plain(chat.split('{"piece":"a"}\n{"pie')), { lines: [{ piece: "a" }], rest: '{"pie' });
});

test("a question asked here is shown once, before and after the journal has it", () => {
  assert.deepEqual(texts(chat.joined([], live())), ["Why?", "Bec"]);
  assert.deepEqual(texts(chat.joined([user("Why?", 5)], live())), ["Why?", "Bec"]);
});

test("the same question of an earlier day stays where it is", () => {
  const before = [user("Why?", 1), answer("Old.", 2)];
  assert.deepEqual(texts(chat.joined(before, live({ before: new Set([1, 2]) }))), ["Why?", "Old.", "Why?", "Bec"]);
});

test("an answer gives way to the kept one only when it is over", () => {
  const kept = [user("Why?", 5), answer("Because.", 6)];
  assert.equal(chat.joined(kept, live()).isKept, false);
  assert.equal(chat.joined(kept, live({ isOver: true })).isKept, true);
});

test("each end says what to do", () => {
  assert.equal(chat.reasonWords(""), "");
  assert.match(chat.reasonWords("no_key"), /DEEPSEEK_API_KEY/);
  assert.equal(chat.reasonWords("network", "refused"), "DeepSeek cannot be reached. Refused.");
  assert.match(chat.reasonWords("never_heard_of"), /never heard of/);
});

test("a spent budget is an obstacle, and so is a missing key", () => {
  const budget = { usd: 0.2, usd_limit: 0.2, calls: 3, calls_limit: 100, has_key: true, fault: "" };
  assert.match(chat.obstacle(budget), /00:00 UTC/);
  assert.equal(chat.obstacle({ ...budget, usd: 0.1 }), "");
  assert.match(chat.obstacle({ ...budget, has_key: false }), /key/);
  assert.equal(chat.budgetWords(budget), "$0.20 of $0.20 used today, nothing left · 3 of 100 questions");
});
