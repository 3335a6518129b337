/** The form of an entry by hand; every figure in it comes from the server's own arithmetic. */
(() => {
  const own = (window.dash_clientside ??= {});
  const WAIT_MS = 200; // after the last key
  const AGAIN_MS = 3000; // the price moves
  const state = { direction: "LONG", unit: "risk_pct", symbol: null, picking: null, asked: 0, sent: false, timer: null };
  const element = (id) => document.getElementById(id);
  const field = (key) => element(`trading-${key}`);
  const isOpen = () => element("trading-form")?.hidden === false;

  /** Make the text fields, once. */
  function furnish() {
    for (const box of document.querySelectorAll("[data-input]:empty")) {
      const input = own.trading.made("input", "", "trading-input", { type: "text", inputmode: "decimal", autocomplete: "off", id: box.dataset.input });
      input.value = box.dataset.value;
      box.append(input);
      input.addEventListener("input", changed);
    }
  }

  function open() {
    furnish();
    element("trading-form").hidden = false;
    element("trading-open-form").setAttribute("aria-expanded", "true");
    begin(own.chart.market());
    field("stop").focus();
  }

  function close() {
    element("trading-form").hidden = true;
    element("trading-open-form").setAttribute("aria-expanded", "false");
    pick(null);
    own.position_lines.draft(null);
    element("trading-open-form").focus();
  }

  /** Begin afresh when another symbol is on screen. */
  function begin(market) {
    const symbol = market?.split("|")[0] ?? null;
    if (symbol !== state.symbol) {
      state.symbol = symbol;
      field("stop").value = "";
      field("target").value = "";
      say("", "");
    }
    element("trading-title").textContent = symbol ? `Trade ${symbol}` : "Trade";
    changed();
  }

  /**
   * What the form asks for.
   *
   * @returns {{body: ?object, lacks: string}} Without a body, what is still to be said.
   */
  function wish({ symbol, direction, unit }, { stop, target, size }) {
    const read = { stop: own.trading.parsed(stop), target: own.trading.parsed(target), size: own.trading.parsed(size) };
    const lacks = Object.entries(read).filter(([, value]) => value === null).map(([key]) => key);
    if (!symbol || lacks.length) {
      return { body: null, lacks: symbol ? `Still needed: ${lacks.join(", ")}.` : "No market is shown." };
    }
    return { body: { symbol, direction, stop: read.stop, target: read.target, [unit]: read.size }, lacks: "" };
  }

  const wished = () => wish(state, { stop: field("stop").value, target: field("target").value, size: field("size").value });

  function say(words, tone) {
    const line = element("trading-said");
    line.textContent = words;
    line.className = `trading-said ${tone}`;
  }

  function changed() {
    state.sent = false;
    clearTimeout(state.timer);
    element("trading-enter").disabled = true; // until this is judged
    draft();
    state.timer = setTimeout(quote, WAIT_MS);
  }

  /** Draw the levels over the chart while they are thought about. */
  function draft() {
    const [stop, target] = [own.trading.parsed(field("stop").value), own.trading.parsed(field("target").value)];
    own.position_lines.draft(isOpen() ? { symbol: state.symbol, stop, target, taken: level } : null);
  }

  /** Take a level from the chart. */
  function level(key, price) {
    field(key).value = price.toFixed(own.chart.decimals());
    changed();
  }

  async function quote() {
    if (!isOpen() || state.sent) {
      return;
    }
    // While it is judged anew, as the price moves, the button stays as it was: it may be pressed.
    const { body, lacks } = wished();
    element("trading-enter").textContent = `Enter ${state.direction.toLowerCase()}`;
    if (!body) {
      figures([]);
      say(lacks, "muted");
      return;
    }
    const number = ++state.asked;
    const { ok, answer } = await own.actions.post("/trading/quote", body);
    if (number !== state.asked || !isOpen() || state.sent) {
      return;
    }
    show(answer, ok ? answer.refused : answer.detail);
    clearTimeout(state.timer);
    state.timer = setTimeout(quote, AGAIN_MS);
  }

  function show(found, refused) {
    const isReckoned = found.price !== undefined;
    figures(isReckoned ? rows(found, own.chart.decimals()) : []);
    const words = typeof refused === "string" ? refused : "The server did not understand the request.";
    element("trading-enter").disabled = words !== "";
    say(words && (isReckoned ? `The gate would refuse it: ${words}.` : words), "warned");
  }

  /** A quote as pairs of words and figures. */
  function rows(found, decimals) {
    const { number } = own.numbers;
    if (found.quantity === null) {
      return [["Price", number(found.price, decimals)], ["Account", number(found.equity, 2)]];
    }
    const pct = found.loss_pct === null ? "" : ` (${number(found.loss_pct, 2)} %)`;
    return [
      ["Price", number(found.price, decimals)],
      ["Quantity", own.trading.plain(found.quantity)],
      ["Notional", number(found.notional, 2)],
      [`Margin at ${own.trading.plain(found.leverage)}×`, number(found.margin, 2)],
      ["Loss at the stop, with costs", `${number(-found.loss, 2, true)}${pct}`],
      ["Gain at the target, after costs", number(found.gain, 2, true)],
      ["Reward / risk after costs", number(found.reward_risk, 2)],
      ["Liquidation", found.liquidation ? number(found.liquidation, decimals) : "–"],
      ["Account by hand", number(found.equity, 2)],
    ];
  }

  function figures(pairs) {
    const { made } = own.trading;
    element("trading-quote").replaceChildren(...pairs.flatMap(([words, value]) => [made("dt", words), made("dd", value)]));
  }

  function enter() {
    const { body } = wished();
    if (!body) {
      return;
    }
    own.trading.once(async () => {
      state.sent = true; // what the engine says stays until something is changed
      element("trading-enter").disabled = true;
      say("Asking the engine…", "muted");
      const { done, words } = await own.trading.act("enter", body, `Enter ${body.direction.toLowerCase()} ${body.symbol}`);
      say(words, done ? "good" : "warned");
    });
  }

  /** Wait for a click into the chart, or stop waiting. */
  function pick(key) {
    state.picking = key;
    document.querySelectorAll("[data-pick]").forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.pick === key)));
    element("chart-box")?.toggleAttribute("data-picking", key !== null);
  }

  /** A press on the chart while a level is picked. */
  function picked(event) {
    const box = element("chart-box");
    if (!state.picking || !box?.contains(event.target)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const [pane, y] = [own.chart.place(), event.clientY - box.getBoundingClientRect().top];
    if (pane && y >= pane.top && y <= pane.top + pane.height) {
      const key = state.picking;
      pick(null);
      level(key, pane.price(y));
      field(key).focus();
    }
  }

  function press(group, value) {
    document.querySelectorAll(`[data-${group}]`).forEach((node) => node.setAttribute("aria-pressed", String(node.dataset[group] === value)));
    changed();
  }

  document.addEventListener("mousedown", picked, true);
  document.addEventListener("pointerdown", (event) => {
    if (state.picking && element("chart-box")?.contains(event.target)) {
      event.stopPropagation();
    }
  }, true);
  document.addEventListener("click", ({ target }) => {
    const { pick: key, direction, size } = target.dataset ?? {};
    if (target.id === "trading-open-form") {
      isOpen() ? close() : open();
    } else if (target.id === "trading-close-form") {
      close();
    } else if (target.id === "trading-enter") {
      enter();
    } else if (key) {
      pick(state.picking === key ? null : key);
    } else if (direction) {
      state.direction = direction;
      press("direction", direction);
    } else if (size) {
      state.unit = size;
      field("size").value = size === "risk_pct" ? document.querySelector("[data-input='trading-size']").dataset.value : "";
      press("size", size);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && (state.picking || event.target.closest?.("#trading-form"))) {
      state.picking ? pick(null) : close();
    } else if (event.key === "Enter" && event.target.matches?.("#trading-form input") && !element("trading-enter").disabled) {
      enter();
    }
  });
  document.addEventListener("chart:market", ({ detail }) => isOpen() && begin(detail.market));

  own.keyboard?.add({ key: "e", text: "Enter a paper trade by hand", run: () => (isOpen() ? close() : open()) });
  own.trading_form = { wish, rows };
})();
