import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { table_sort: sort } = load("table_sort");
const cell = (said) => ["td", {}, [said]];
const row = (...said) => ["tr", {}, said.map(cell)];
const reason = (said) => ["tr", { class: "reason" }, [cell(said)]];
const table = (...rows) => ["table", { "data-sort": "costs" }, [["thead", {}, [["tr", {}, [["th", {}, ["feature"]], ["th", {}, ["ms"]]]]]], ["tbody", {}, rows]]];

function sorted(parts, column, falls) {
  const [[, , [head, body]]] = sort.arranged(parts, new Map([["costs", { column, falls }]]));
  const words = (part) => (typeof part === "string" ? part : part[2].map(words).join("|"));
  return { head: plain(head[2][0][2].map(([, attributes]) => attributes["aria-sort"])), rows: plain(body[2].map(words)) };
}

const COSTS = [table(row("rsi", "9.5"), reason("1 failed"), row("ema", "1\u2009200"), row("atr", "–"), row("vwap", "\u22120.4"))];

test("figures are compared as figures, what is none stands last, and a reason stays with its row", () => {
  assert.deepEqual(sorted(COSTS, 1, true).rows, ["ema|1\u2009200", "rsi|9.5", "1 failed", "vwap|\u22120.4", "atr|–"]);
  assert.deepEqual(sorted(COSTS, 1, false).rows, ["vwap|\u22120.4", "rsi|9.5", "1 failed", "ema|1\u2009200", "atr|–"]);
});

test("words are sorted as words, and the head says so", () => {
  const told = sorted(COSTS, 0, false);
  assert.deepEqual(told.rows.map((said) => said.split("|")[0]), ["atr", "ema", "rsi", "1 failed", "vwap"]);
  assert.deepEqual(told.head, ["ascending", null]);
});

test("a table that nobody sorted is left as it was pushed", () => {
  assert.deepEqual(plain(sort.arranged(COSTS, new Map())), COSTS);
});
