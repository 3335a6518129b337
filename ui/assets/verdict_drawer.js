/** The drawer with a whole evaluation: facts, votes, question, answer, checks, outcome. */
(() => {
  const own = (window.dash_clientside ??= {});
  const { node, pairs, number, tone, arrow, toneOf, moment, dollars, took, fact, bar } = own.nodes;
  const PATIENCE_MS = 15000;
  const COPIED_MS = 2000;
  const state = { opener: null, asking: null };

  const element = (name) => document.getElementById(`decision-drawer${name}`);
  const signed = (value, places = 2) => number(value, places, true);

  /**
   * A question as its messages, with their line breaks; anything else as it came.
   *
   * @returns {Array<{role: string, content: string}>}
   */
  function messages(prompt) {
    try {
      const found = JSON.parse(prompt);
      if (Array.isArray(found) && found.every((one) => typeof one?.content === "string")) {
        return found.map(({ role, content }) => ({ role: String(role), content }));
      }
    } catch {
      // no JSON: it is shown as it came
    }
    return [{ role: "", content: prompt }];
  }

  const section = (title, ...children) => node("section.decision-part", null, node("h3", title), ...children);
  const folded = (title, ...children) => node("details", null, node("summary", title), ...children);

  function table(head, rows) {
    return node("table.decision-table", null,
      node("thead", null, node("tr", null, ...head.map((title) => node("th", { text: title, scope: "col" })))),
      node("tbody", null, ...rows.map((cells) => node("tr", null, ...cells.map((cell) => (cell instanceof Node ? node("td", null, cell) : node("td", cell)))))));
  }

  function outcome(told) {
    const { upshot, score, threshold } = told;
    return section("Outcome",
      node(`div.decision-upshot.${upshot.tone}`, null, node("strong", upshot.title), upshot.words ? node("p", upshot.words) : null),
      pairs([
        ["Direction", `${arrow(told.direction)}${told.direction === "NONE" ? "–" : told.direction} ${told.strength}`, toneOf(told.direction)],
        ["Confidence", number(told.confidence, 0)],
        score === null ? null : ["Score", own.decision.standing(score, threshold).replace(/^score /, ""), tone(score)],
        ["Close of the candle", number(told.close, told.decimals)],
        ["Decided after the close", took(told.decided_ms - told.closed_ms)],
        ["Strategy", told.strategy],
      ]),
      told.reasons.length ? node("ul", null, ...told.reasons.map((reason) => node("li", reason))) : null);
  }

  function levels({ levels: found, decimals, invalidation, quantity, expires_ms: expires }) {
    if (!found) {
      return null;
    }
    const at = (value) => number(value, decimals);
    return section(found.traded ? "Levels" : "Levels of the rules, not traded",
      pairs([
        [found.filled ? "Entry (filled)" : "Entry (close of the candle)", at(found.entry)],
        ["Stop", at(found.stop)],
        ["Target", at(found.target)],
        ["R to the target", number(found.reward_risk, 2)],
        quantity === null ? null : ["Quantity", fact(quantity)],
        expires === null ? null : ["Closed at the latest", `${moment(expires)} UTC`],
      ]),
      ...invalidation.map((condition) => node("p.muted", `Invalid if ${condition}`)));
  }

  function trades({ trades: all, decimals }) {
    if (!all.length) {
      return section("Trades", node("p.muted", "No account entered on this candle."));
    }
    const at = (value) => number(value, decimals);
    return section("Trades", ...all.map((trade) => node("div.decision-trade", null,
      node("h4", `${trade.account}: ${arrow(trade.direction)}${trade.direction}, ${trade.status}${trade.part_of === null ? "" : `, part of trade ${trade.part_of}`}`),
      pairs([
        ["Quantity", fact(trade.quantity)],
        ["Entry", trade.entry_ms === null ? "not filled" : `${at(trade.entry_price)} at ${moment(trade.entry_ms)}`],
        ["Exit", trade.exit_ms === null ? "–" : `${trade.exit_price === null ? "" : `${at(trade.exit_price)} at `}${moment(trade.exit_ms)}`],
        trade.exit_reason ? ["Ended by", trade.exit_reason] : null,
        ["Fees", number(trade.fees, 2)],
        ["Funding paid", signed(trade.funding)],
        ["P&L after costs", signed(trade.pnl), tone(trade.pnl)],
        ["R", signed(trade.r), tone(trade.r)],
      ]))));
  }

  function votes({ layers, score, threshold }) {
    if (!layers.length) {
      return section("Votes", node("p.muted", "The rules did not vote on this candle."));
    }
    const full = Math.max(...layers.flatMap((layer) => layer.votes.map((vote) => Math.abs(vote.contribution))), 1e-9);
    const rows = layers.flatMap((layer) => [
      [node("strong", layer.title), "", "", node(`strong.${tone(layer.sum)}`, signed(layer.sum)), ""],
      ...layer.votes.map((vote) => [
        node("span", { text: vote.name, title: vote.reason }, node("small.muted", vote.reason)),
        signed(vote.value), number(vote.weight, 3), signed(vote.contribution, 3), bar(vote.contribution, full),
      ]),
    ]);
    return section("Votes and contributions", table(["Vote", "Value", "Weight", "Adds", ""], rows), node("p.muted", own.decision.standing(score, threshold)));
  }

  function copyButton(text) {
    const button = node("button.use.decision-copy", { type: "button", text: "Copy" });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        button.textContent = "The browser refuses to copy";
      }
      setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
    });
    return button;
  }

  function call(one, count) {
    return node("div.decision-call", null,
      node("h4", `${count > 1 ? `Attempt ${one.attempt}: ` : ""}${one.verdict || "no verdict"}`),
      pairs([
        ["Model", one.model],
        ["Cost", one.cached ? "known answer, nothing sent" : dollars(one.cost_usd)],
        ["Latency", took(one.latency_ms)],
        ["Tokens", `${number(one.prompt_tokens, 0)} asked (${number(one.cache_hit_tokens, 0)} cached), ${number(one.completion_tokens, 0)} answered`],
      ]),
      one.checks.length ? node("div", null, node("h5", "Evidence beside the facts"), own.decision.checkList(one.checks)) : null,
      node("h5", "Answer"),
      one.answer ? node("pre.decision-answer", one.answer) : node("p.muted", "No answer is kept."),
      one.prompt
        ? folded("Prompt", copyButton(one.prompt), ...messages(one.prompt).flatMap(({ role, content }) => [role ? node("h5", role) : null, node("pre.decision-prompt", content)]))
        : node("p.muted", "The prompt is not kept any more."));
  }

  function analyst({ analyst: view, calls }) {
    const said = view.action ? `${arrow(view.action)}${view.action} ${number(view.confidence, 0)}` : "No view";
    return section("DeepSeek", node(`strong.${toneOf(view.action)}`, said), view.words ? node("p.muted", `${view.words}.`) : null,
      ...calls.map((one) => call(one, calls.length)));
  }

  function facts(groups) {
    if (!groups.length) {
      return section("Facts", node("p.muted", "No facts were computed for this candle."));
    }
    return section("Facts", ...groups.map(({ group, known, missing }) =>
      folded(`${group}: ${known.length} known${missing.length ? `, ${missing.length} missing` : ""}`,
        known.length ? table(["Fact", "Value", "Unit"], known.map(({ name, value, unit, meaning }) => [node("span", { title: meaning, text: name }), fact(value), unit])) : null,
        ...missing.map(({ name, meaning, why }) => node("p.decision-missing", { title: meaning }, node("span", `${name}: `), node("span.muted", `missing, ${why}`))))));
  }

  function shadows(all) {
    return all.length ? section("Shadow accounts", pairs(all.map(({ account, said }) => [account, said]))) : null;
  }

  function draw(told) {
    element("-title").textContent = `${told.symbol} ${told.interval}, candle of ${moment(told.open_ms)} UTC`;
    const jump = node("button.use", { type: "button", text: "Show on the chart" });
    jump.addEventListener("click", () => own.chart_jump.show(told.symbol, told.interval, told.open_ms));
    element("-body").replaceChildren(...[
      jump, outcome(told), levels(told), trades(told), votes(told), analyst(told), facts(told.facts), shadows(told.shadows),
    ].filter(Boolean));
    element("-body").scrollTop = 0;
  }

  function say(words, kind = "empty") {
    element("-title").textContent = "Evaluation";
    element("-body").replaceChildren(node(`p.${kind}`, words));
  }

  async function fetched(path) {
    state.asking?.abort();
    const asking = (state.asking = new AbortController());
    const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      const reply = await fetch(path, { signal });
      const answer = await reply.json().catch(() => ({}));
      return { isStale: asking.signal.aborted, told: reply.ok ? answer : null, words: answer.detail ?? `The server answered ${reply.status}.` };
    } catch {
      return { isStale: asking.signal.aborted, told: null, words: "The dashboard's server does not answer." };
    }
  }

  /** Begin below the header: the emergency stop stays in reach. */
  function settle() {
    const header = document.querySelector(".header");
    if (element("") && header) {
      element("").style.top = `${Math.max(0, header.getBoundingClientRect().bottom)}px`;
    }
  }

  /**
   * Open the drawer.
   *
   * @param {string} path - `/decision/12` or `/decision/signal/7`.
   * @param {boolean} jumps - Whether the chart shall show the bar.
   */
  async function open(path, jumps = true) {
    const drawer = element("");
    if (drawer.hidden) {
      state.opener = document.activeElement;
    }
    drawer.hidden = false;
    settle();
    say("Reading the evaluation");
    element("-close").focus();
    const { isStale, told, words } = await fetched(path);
    if (isStale || drawer.hidden) {
      return;
    }
    if (told === null) {
      say(String(words), "alarm");
      return;
    }
    draw(told);
    if (jumps) {
      own.chart_jump.show(told.symbol, told.interval, told.open_ms);
    }
  }

  /** Close it; the focus returns to what opened it, or to the list where that is gone. */
  function close() {
    const drawer = element("");
    if (!drawer || drawer.hidden) {
      return;
    }
    state.asking?.abort();
    drawer.hidden = true;
    own.chart_jump.clear();
    const opener = state.opener?.isConnected ? state.opener : document.getElementById("tab-signals");
    opener?.focus({ preventScroll: true });
  }

  window.addEventListener("resize", settle);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-decision]");
    if (button) {
      open(`/decision/${button.dataset.decision}`);
    } else if (target.id === "decision-drawer-close") {
      close();
    }
  });
  document.addEventListener("keydown", (event) => {
    const isModal = document.querySelector("dialog[open], [role=dialog][aria-modal=true]");
    if (event.key === "Escape" && !event.defaultPrevented && !isModal && element("") && !element("").hidden) {
      event.preventDefault();
      close();
    }
  });

  own.verdict_drawer = { open, close, messages };
})();
