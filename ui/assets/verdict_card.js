/** The decision card and the grid of timeframes: what the server tells of them, drawn. */
(() => {
  const own = (window.dash_clientside ??= {});
  const { node, pairs, number, tone, arrow, toneOf, dollars, took, fact, bar } = own.nodes;
  const LEAST_TRADES = 100; // closed ones, below which no probability is shown
  const state = { told: null, open: new Set() };

  const clockOf = (ms) => new Date(ms).toISOString().slice(11, 16);
  const signed = (value) => number(value, 2, true);
  const share = (value) => (value === null ? "–" : number(value, 0));

  /** The probability, or why there is none yet. */
  function probability({ value, count }) {
    return value === null
      ? { text: "p –", title: `No probability before ${LEAST_TRADES} closed trades; there are ${count}.` , count: `${count}/${LEAST_TRADES}` }
      : { text: `p ${value.toFixed(2)}`, title: `Share of trades as confident as this that earned money after costs, calibrated over ${count} closed trades.`, count: `${count} trades` };
  }

  /** How a score stands to the threshold, in words. */
  function standing(score, threshold) {
    const side = score > 0 ? "long" : score < 0 ? "short" : "neither";
    return Math.abs(score) >= threshold
      ? `score ${signed(score)}, beyond ${number(threshold, 2)} for ${side}`
      : `score ${signed(score)} of ${score < 0 ? "−" : "+"}${number(threshold, 2)} needed`;
  }

  /** What questions cost and how long they took; empty where none was asked. */
  function price({ calls, cost_usd: usd, latency_ms: ms, cached }) {
    if (!calls) {
      return "";
    }
    return `${cached ? "known answer, " : ""}${dollars(usd)} · ${took(ms)}${calls > 1 ? ` · ${calls} attempts` : ""}`;
  }

  /** A part that folds, and stays as the viewer left it when the card is drawn again. */
  function fold(key, summary, ...children) {
    return node("details", { open: state.open.has(key), "data-fold-key": key }, node("summary", null, ...summary), ...children);
  }

  /** Which parts are open; asked of them, for a busy page is told of it late. */
  function remember(box) {
    for (const { dataset, open } of box.querySelectorAll("[data-fold-key]")) {
      state.open[open ? "add" : "delete"](dataset.foldKey);
    }
  }

  function headline(told) {
    const words = told.direction === "NONE" ? "–" : `${arrow(told.direction)}${told.direction}`;
    const p = probability(told.probability);
    return node("div.decision-head", null,
      node(`strong.decision-direction.${toneOf(told.direction)}`, words),
      told.strength ? node("span", told.strength) : null,
      told.confidence === null ? null : node("span.decision-confidence", { text: share(told.confidence), title: "Confidence, 0 to 100; no probability" }),
      node("span.muted.decision-p", { text: `${p.text} (${p.count})`, title: p.title }));
  }

  function badges(told) {
    return node("div.decision-badges", null,
      node("span.muted", `${told.symbol} ${told.interval} candle of ${clockOf(told.open_ms)} UTC`),
      told.forming ? node("span.decision-forming", { text: "setup forming", title: "The score is near the threshold and has not reached it" }) : null);
  }

  function upshot({ title, words, tone: kind }) {
    return node(`div.decision-upshot.${kind}`, null, node("strong", title), words ? node("p", words) : null);
  }

  function contributions(told) {
    if (!told.layers.length) {
      return null;
    }
    const full = Math.max(told.threshold / 2, ...told.layers.map((layer) => Math.abs(layer.sum)));
    const rows = told.layers.map((layer) => fold(`layer-${layer.key}`,
      [node("span.decision-layer", layer.title), bar(layer.sum, full), node(`span.decision-sum.${tone(layer.sum)}`, signed(layer.sum))],
      ...layer.votes.map((vote) => node("div.decision-vote", { title: vote.reason },
        node("span", vote.name), bar(vote.contribution, full), node("span.decision-sum", signed(vote.contribution)),
        node("small.muted", vote.reason)))));
    return node("div.decision-layers", null, ...rows, node("p.muted.decision-score", standing(told.score, told.threshold)));
  }

  /** The rules beside the analyst. */
  function views({ rules, analyst }) {
    const rulesSay = rules ? `${arrow(rules.direction)}${rules.direction === "FLAT" ? "HOLD" : rules.direction} ${share(rules.confidence)}` : "–";
    const analystSays = analyst.action ? `${arrow(analyst.action)}${analyst.action} ${share(analyst.confidence)}` : "no view";
    return node("div.decision-views", null,
      node("div", null, node("span.muted", "Rules"), node(`strong.${toneOf(rules?.direction)}`, rulesSay)),
      node("div", null, node("span.muted", "DeepSeek"), node(`strong.${toneOf(analyst.action)}`, analystSays)),
      analyst.words ? node("p.muted", `${analyst.words}.`) : null,
      analyst.calls ? node("p.muted", price(analyst)) : null,
      checks(analyst.checks));
  }

  function checks(all) {
    if (!all.length) {
      return null;
    }
    const held = all.filter(({ holds }) => holds).length;
    const count = [node("span", "Evidence "), node("span.up", `✓${held} `), node(all.length > held ? "span.down" : "span.muted", `✗${all.length - held}`)];
    return fold("checks", count, checkList(all));
  }

  /** Claims beside facts. */
  function checkList(all) {
    return node("ul.decision-checks", null, ...all.map(({ feature, claimed, actual, holds }) =>
      node("li", null, node(holds ? "span.up" : "span.down", holds ? "✓ " : "✗ "),
        node("span", `${feature} ${fact(claimed)}${holds ? "" : actual === null ? ", there is no such fact" : `, is ${fact(actual)}`}`))));
  }

  function levels({ levels: found, decimals, invalidation }) {
    if (!found) {
      return null;
    }
    const at = (value) => number(value, decimals);
    return node("div", null,
      pairs([
        [found.filled ? "Entry (filled)" : "Entry (close of the candle)", at(found.entry)],
        ["Stop", at(found.stop)],
        ["Target", at(found.target)],
        ["R to the target", number(found.reward_risk, 1)],
      ]),
      found.traded ? null : node("p.muted", "Levels of the rules; not traded."),
      ...invalidation.map((condition) => node("p.muted", `Invalid if ${condition}`)));
  }

  function draw(told) {
    const box = document.getElementById("decision-card");
    if (!box) {
      return;
    }
    remember(box);
    const focused = box.contains(document.activeElement) ? document.activeElement.closest("[data-fold-key]")?.dataset.foldKey ?? "whole" : null;
    const engine = told.engine ? node("p.decision-engine.warned", told.engine) : null;
    const children = told.empty
      ? [engine, node(told.fault ? "p.alarm" : "p.empty", told.empty)]
      : [engine, headline(told), badges(told), upshot(told.upshot), contributions(told), views(told), levels(told),
        node("button.use.decision-whole", { type: "button", text: "Whole evaluation", "data-decision": told.id })];
    box.replaceChildren(...children.filter(Boolean));
    if (focused) {
      const again = focused === "whole" ? ".decision-whole" : `[data-fold-key="${focused}"] > summary`;
      box.querySelector(again)?.focus();
    }
  }

  function take(told) {
    if (told) {
      state.told = told;
      draw(told);
    }
  }

  /** Draw the grid of timeframes. */
  function align(told) {
    const box = document.getElementById("alignment-grid");
    if (!box || !told) {
      return;
    }
    const cells = told.timeframes.map(({ interval, arrow: sign, tone: kind, words }) =>
      node("li", { "aria-label": `${interval}: ${kind === "mixed" || !kind ? "" : `${kind}, `}${words}` },
        node("span.muted", interval), node(`strong.${kind}`, sign), node("small.muted", words)));
    const sum = told.score === null ? "–" : signed(told.score);
    box.replaceChildren(
      node("ul.alignment", null, ...cells),
      node("p.alignment-sum", { title: "Mean of the six timeframes, from −1 (all straight down) to +1 (all straight up)" },
        node("span.muted", "Together "), node(`strong.${tone(told.score)}`, sum), node("span.muted", ` ${told.words}`)));
  }

  own.fast_lane?.serve("decision-told", take); // past the renderer
  own.fast_lane?.serve("alignment-told", align);

  own.decision = { take, align, probability, standing, price, checkList };
})();
