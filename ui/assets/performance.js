/** The page Performance and the tabs Equity and Calibration: asks for figures and draws them. */
(() => {
  const own = (window.dash_clientside ??= {});
  const KEY = "performance";
  const AGAIN_MS = 5000;
  const LIBRARY_MS = 200; // until Dash has loaded Plotly
  const LEAST_PX = 100;
  const MOST_PX = 4000;
  const CHOICES = { period: ["day", "week", "month", "all"], account: ["policy", "rules", "random", "hand"] };
  const PLAIN = { period: "all", account: "policy", symbol: "", since: "" };
  const CONFIG = { displayModeBar: false, responsive: false, doubleClick: "reset" };
  const state = { begun: false, chosen: PLAIN, told: null, asked: 0, retry: null, boxes: null };

  /** What this browser remembers, without what is not on offer. */
  function sane(kept) {
    const text = (key, pattern) => (pattern.test(kept[key] ?? "") ? kept[key] : "");
    const one = (key) => (CHOICES[key].includes(kept[key]) ? kept[key] : PLAIN[key]);
    return {
      period: one("period"),
      account: one("account"),
      symbol: text("symbol", /^[^\s/]{2,40}$/),
      since: text("since", /^\d{4}-\d{2}-\d{2}$/),
    };
  }

  /** The question as a query; a date takes the place of the period. */
  function query({ period, symbol, since }, more = {}) {
    const asked = since ? { since } : { period };
    return new URLSearchParams({ ...asked, ...(symbol ? { symbol } : {}), ...more }).toString();
  }

  /** How wide the widest plot of equity is, in steps, so that answers stay alike. */
  function buckets(widths) {
    const widest = Math.max(LEAST_PX, ...widths);
    return Math.min(MOST_PX, Math.ceil(widest / 100) * 100);
  }

  const all = (selector) => [...document.querySelectorAll(selector)];
  const theme = () => (document.documentElement.dataset.theme === "light" ? "light" : "dark");

  async function load() {
    clearTimeout(state.retry);
    const number = (state.asked += 1);
    const width = buckets(all("[data-performance-plot=equity]").map((box) => box.clientWidth));
    const words = query(state.chosen, { account: state.chosen.account, theme: theme(), width });
    const { told, fault } = await fetched(`/performance/document?${words}`);
    if (number !== state.asked) {
      return; // something else was asked for meanwhile
    }
    say("fault", fault);
    if (fault) {
      state.retry = setTimeout(load, AGAIN_MS);
      return;
    }
    state.told = told;
    draw();
  }

  async function fetched(path) {
    try {
      const reply = await fetch(path);
      const told = await reply.json().catch(() => ({}));
      const fault = reply.ok ? "" : String(told.detail ?? `The server answered ${reply.status}.`);
      return { told, fault };
    } catch {
      return { told: null, fault: "The dashboard's server does not answer; asked again in 5 s." };
    }
  }

  function say(key, text) {
    for (const node of all(`[data-performance-text="${key}"]`)) {
      node.textContent = text;
      node.hidden = text === "";
    }
  }

  const TABLES = { metrics: metrics, added: added, by_symbol: shares, by_reason: shares, calibration: calibration };

  function draw() {
    const { told } = state;
    say("window", told.window);
    say("account", `${told.account.words[0].toUpperCase()}${told.account.words.slice(1)}`);
    say("calibration-note", [told.calibration.note, told.calibration.brier].filter(Boolean).join(" "));
    for (const box of all("[data-performance-table]")) {
      const key = box.dataset.performanceTable;
      const focused = box.contains(document.activeElement) ? document.activeElement.dataset.term : null;
      box.replaceChildren(...TABLES[key](told, key).filter(Boolean));
      if (focused) {
        box.querySelector(`[data-term="${focused}"]`)?.focus();
      }
    }
    symbols(told.symbols);
    show();
    all("[data-performance-plot]").forEach(plot);
  }

  const { node } = own.nodes ?? {};
  const empty = (text) => node("p.empty", text);

  /** A term with its formula: told on hover and focus. */
  function term(label, formula, key) {
    return node("button.performance-term", { text: label, type: "button", "data-term": key, "data-formula": formula, "aria-describedby": "performance-about" });
  }

  function value(cell) {
    const made = node(`span.performance-value.${cell.tone ?? ""}`, cell.text);
    const under = cell.reason ?? cell.interval;
    return node("td", null, made, under ? node("small", under) : null);
  }

  function metrics({ metrics: { accounts, rows, notes }, begun }) {
    if (!begun) {
      return [empty("Nothing was recorded yet. Start the engine with: make start")];
    }
    const head = node("tr", null, node("th", { text: "", scope: "col" }), ...accounts.map(({ words }) => node("th", { text: words, scope: "col" })));
    const body = rows.map(({ key, label, formula, cells }) =>
      node("tr", { "data-metric": key }, node("th", { scope: "row" }, term(label, formula, key)), ...cells.map(value)));
    const table = node("table.performance-table.performance-metrics", null, node("thead", null, head), node("tbody", null, ...body));
    const small = "Small figures are 95 % intervals: bootstraps by trade, of the ratios by day. They take trades and days to be independent of each other; streaks make the truth wider.";
    return [node("div.performance-scroll", null, table), ...notes.map((note) => node("p.performance-note", note)), node("p.performance-note.muted", small)];
  }

  function added({ added: rows }) {
    const heads = [
      ["Entries", "Bars after which either account entered a symbol; what was closed in this stretch of time counts."],
      ["Average R", "Mean over entries of one account's R less the other's; an entry only one of them made counts 0 for the other."],
      ["P&L", "Sum over entries of one account's result less the other's, after fees and funding."],
      ["less LLM cost", "The same less what the model's answers for decisions cost."],
    ];
    const head = node("tr", null, node("th", { text: "", scope: "col" }), ...heads.map(([label, formula], i) => node("th", { scope: "col" }, term(label, formula, `added-${i}`))));
    const body = rows.map(({ label, words, entries, r, usd, net }) =>
      node("tr", null, node("th", { scope: "row" }, node("span", label), node("small", words)), node("td", entries), value(r), value(usd), net ? value(net) : node("td")));
    return [node("div.performance-scroll", null, node("table.performance-table", null, node("thead", null, head), node("tbody", null, ...body))),
      node("p.performance-note.muted", "Small figures are 95 % intervals by bootstrap over entries. Where they hold 0, nothing is proven.")];
  }

  function shares(told, key) {
    const rows = told[key];
    if (!rows.length) {
      return [empty(told.empty.trades)];
    }
    const names = [key === "by_symbol" ? "Symbol" : "Reason", "Earned money", "Average R", "", "Net P&L"];
    const head = node("tr", null, ...names.map((name) => node("th", { text: name, scope: "col" })));
    const body = rows.map(({ name, won, r, usd, tone, size }) =>
      node("tr", null, node("th", { text: name, scope: "row" }), node("td", won), node("td", r),
        node("td.performance-bar-cell", null, own.nodes.bar(size, 1)), node(`td.${tone}`, usd)));
    return [node("div.performance-scroll", null, node("table.performance-table", null, node("thead", null, head), node("tbody", null, ...body)))];
  }

  function calibration({ calibration: { rows = [] } }) {
    if (!rows.length) {
      return []; // the plot's place says why
    }
    const names = ["Confidence", "Trades", "Mean", "Hit rate", "95 %", "Probability"];
    const head = node("tr", null, ...names.map((name) => node("th", { text: name, scope: "col" })));
    const body = rows.map(({ confidence, count, mean, rate, interval, probability }) =>
      node("tr", null, node("th", { text: confidence, scope: "row" }), ...[count, mean, rate, interval, probability].map((text) => node("td", text))));
    return [node("div.performance-scroll", null, node("table.performance-table", null, node("thead", null, head), node("tbody", null, ...body)))];
  }

  /** Draw the figure of a box that can be seen; the observer calls again when it can. */
  function plot(box) {
    const key = box.dataset.performancePlot;
    if (!state.told || !box.clientWidth || !box.clientHeight) {
      return;
    }
    const figure = state.told.figures[key];
    const target = box.querySelector(":scope > .performance-figure");
    if (!figure) {
      if (target) {
        window.Plotly?.purge(target);
      }
      box.replaceChildren(empty(state.told.empty[key] ?? state.told.empty.trades));
    } else if (!window.Plotly) {
      setTimeout(() => plot(box), LIBRARY_MS);
    } else {
      const into = target ?? node("div.performance-figure");
      if (!target) {
        box.replaceChildren(into);
      }
      const size = { width: box.clientWidth, height: box.clientHeight };
      window.Plotly.react(into, figure.data, { ...figure.layout, ...size }, CONFIG);
    }
  }

  /** Show what is chosen, and lead the exports to it. */
  function show() {
    const { period, account, symbol, since } = state.chosen;
    for (const button of all("[data-performance-period]")) {
      button.setAttribute("aria-pressed", String(!since && button.dataset.performancePeriod === period));
    }
    const told = state.told?.metrics.accounts.map(({ key }) => key) ?? [];
    for (const button of all("[data-performance-account]")) {
      const key = button.dataset.performanceAccount;
      button.setAttribute("aria-pressed", String(key === account));
      button.hidden = key === "hand" && !told.includes(key) && key !== account;
    }
    for (const link of all("[data-performance-export]")) {
      link.href = `/performance/${link.dataset.performanceExport}?${query(state.chosen)}`;
    }
    const [date, choice] = ["performance-since", "performance-symbol"].map((id) => document.getElementById(id));
    if (date && choice) {
      if (!date.matches(":focus")) { // else half a date may be typed already
        date.value = since;
      }
      choice.value = symbol;
    }
  }

  function choose(changes) {
    state.chosen = sane({ ...state.chosen, ...changes });
    own.early.keep(KEY, state.chosen);
    show();
    load();
  }

  /** Offer the symbols that were traded, and the one that is chosen. */
  function symbols(traded) {
    const choice = document.getElementById("performance-symbol");
    const names = [...new Set([...traded, state.chosen.symbol].filter(Boolean))].sort();
    const offered = [...choice.options].map(({ value: name }) => name).filter(Boolean);
    if (names.join() !== offered.join()) {
      choice.replaceChildren(node("option", { text: "all", value: "" }), ...names.map((name) => node("option", { text: name, value: name })));
    }
  }

  /** Make the two fields that Dash has no component for. */
  function fields() {
    const date = node("input.performance-input", { type: "date", id: "performance-since", title: "From this day on, 00:00 UTC, in place of the period" });
    const choice = node("select.performance-input", { id: "performance-symbol" }, node("option", { text: "all", value: "" }));
    date.addEventListener("change", () => choose({ since: date.value }));
    choice.addEventListener("change", () => choose({ symbol: choice.value }));
    document.getElementById("performance-since-field").replaceWith(date);
    document.getElementById("performance-symbol-field").replaceWith(choice);
  }

  function begin() {
    state.begun = true;
    state.chosen = sane(own.early.kept(KEY));
    fields();
    show();
    state.boxes = new ResizeObserver((entries) => entries.forEach(({ target }) => plot(target)));
    all("[data-performance-plot]").forEach((box) => state.boxes.observe(box));
    new MutationObserver(load).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** Take the news that the journal has grown. */
  function take(stamp) {
    if (stamp) {
      if (!state.begun) {
        begin();
      }
      load();
    }
  }

  function clicked({ target }) {
    const button = target.closest?.("[data-performance-period], [data-performance-account]");
    if (button?.dataset.performancePeriod) {
      choose({ period: button.dataset.performancePeriod, since: "" });
    } else if (button) {
      choose({ account: button.dataset.performanceAccount });
    }
  }

  /** Tell a term's formula beside it. */
  function tell({ target }) {
    const about = document.getElementById("performance-about");
    const found = target.closest?.(".performance-term");
    if (!about || (!found && about.hidden)) {
      return;
    }
    about.hidden = !found;
    if (found) {
      const { left, bottom, top } = found.getBoundingClientRect();
      about.textContent = found.dataset.formula;
      const isLow = bottom + about.offsetHeight + 8 > window.innerHeight;
      about.style.left = `${Math.min(left, window.innerWidth - about.offsetWidth - 8)}px`;
      about.style.top = `${isLow ? top - about.offsetHeight - 6 : bottom + 6}px`;
    }
  }

  function pressed({ key }) {
    const about = document.getElementById("performance-about");
    if (key === "Escape" && about) {
      about.hidden = true;
    }
  }

  if (typeof document !== "undefined") {
    document.addEventListener("click", clicked);
    for (const kind of ["mouseover", "focusin"]) {
      document.addEventListener(kind, tell);
    }
    document.addEventListener("keydown", pressed);
  }

  own.performance = { take, sane, query, buckets };
})();
