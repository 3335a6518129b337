/** Alerts: the list, the form, the lines over the chart, and what is told when one fires. */
(() => {
  const own = (window.dash_clientside ??= {});
  const WORDS = { above: "at or above", below: "at or below", crosses: "crosses" };
  const SIGNS = { above: "≥", below: "≤", crosses: "×" };
  const state = { told: null, known: null, busy: false };
  const element = (id) => document.getElementById(id);
  const node = (...args) => own.nodes.node(...args);
  const field = (key) => element(`alerts-${key}`);
  const symbol = () => own.connection.market()?.split("|")[0] ?? null;

  /** A level or value as it is read: prices with the symbol's decimals. */
  function level(value, decimals) {
    return decimals === null || decimals === undefined ? own.nodes.fact(value) : own.numbers.number(value, decimals);
  }

  /** What an alert waits for, in a line. */
  function words({ symbol: name, subject, comparison, level: at, decimals }) {
    return `${name} ${subject} ${WORDS[comparison]} ${level(at, decimals)}`;
  }

  /**
   * Which firings were not told yet.
   *
   * @param {?Set<string>} known - None at first, when nothing is news.
   */
  function news(known, fired) {
    return known === null ? [] : fired.filter((alert) => !known.has(firing(alert))).reverse();
  }

  const firing = ({ id, fired_ms: ms }) => `${id}-${ms}`;

  /** A firing as the bell tells it. */
  function event(alert) {
    const value = alert.value === null ? "" : ` It was ${level(alert.value, alert.decimals)} at ${own.nodes.moment(alert.fired_ms)} UTC.`;
    return { id: `alert-${firing(alert)}`, at_ms: alert.fired_ms, tone: "warning", title: `${alert.subject === "price" ? "Price alert" : "Alert"}: ${alert.symbol}`, text: `${words(alert)}.${value}${alert.note ? ` ${alert.note}` : ""}` };
  }

  /**
   * The wish of a form.
   *
   * @returns {{body: ?object, lacks: string}} Without a body, what is wrong with it.
   */
  function wish(name, { subject, comparison, level: text, note, once }) {
    const plain = String(text).replace(/[\s\u2009]/g, "").replace(/,(?=\d{3}(\D|$))/g, "").replace("−", "-");
    const value = plain === "" ? NaN : Number(plain.replace(",", "."));
    if (!name) {
      return { body: null, lacks: "No market is shown." };
    }
    if (!Number.isFinite(value) || (subject === "price" && value <= 0)) {
      return { body: null, lacks: subject === "price" ? "The level must be a price above 0." : "The level must be a number." };
    }
    return { body: { symbol: name, subject, comparison, level: value, note: note.trim(), once }, lacks: "" };
  }

  function take(told) {
    if (!told) {
      return;
    }
    if (state.known === null) {
      own.notifications?.recall(told.fired.map(event));
    }
    for (const alert of news(state.known, told.fired)) {
      own.notifications?.tell(event(alert));
    }
    state.known = new Set([...(state.known ?? []), ...told.fired.map(firing)]);
    state.told = told;
    draw();
    place();
  }

  function draw() {
    const box = element("alerts-rows");
    if (!box || !state.told) {
      return;
    }
    furnish();
    const { active, fired, fault, is_running: isRunning } = state.told;
    const notes = [
      fault && node("p.warned", `The alerts cannot be read: ${fault}`),
      !isRunning && node("p.warned", "Nobody watches: the engine does not run. Start it with make start."),
      !fault && !active.length && !fired.length && node("p.empty", "No alerts yet. “Alert” above the chart sets one at a price; any feature of the rules can be watched, too."),
    ].filter(Boolean);
    const rows = [...active.map((alert) => row(alert, true)), ...fired.filter((alert) => !alert.active).map((alert) => row(alert, false))];
    box.replaceChildren(...notes, ...(rows.length ? [table(rows)] : []));
  }

  function table(rows) {
    const head = node("tr", null, ...["Watched", "Note", "State", ""].map((title) => node("th", { text: title, scope: "col" })));
    return node("table.alerts-table", null, node("thead", null, head), node("tbody", null, ...rows));
  }

  function row(alert, isActive) {
    const fired = alert.fired_ms === null ? "" : `fired ${own.nodes.moment(alert.fired_ms)} at ${level(alert.value, alert.decimals)}`;
    const standing = isActive ? `● waiting${alert.once ? "" : ", repeats"}${fired && `, ${fired}`}` : `✓ ${fired}`;
    const remove = isActive && node("button.use", { type: "button", text: "Remove", "data-alert": alert.id, "aria-label": `Remove the alert ${words(alert)}` });
    return node(`tr${isActive ? "" : ".muted"}`, null, node("td", words(alert)), node("td.alerts-note", alert.note), node("td", standing), node("td", null, remove));
  }

  /** Make the text fields, once. */
  function furnish() {
    for (const box of document.querySelectorAll("[data-alerts-field]:empty")) {
      const key = box.dataset.alertsField;
      const isLevel = key === "level";
      const made = node(`input.alerts-input.${key}`, { id: `alerts-${key}`, type: "text", autocomplete: "off", maxlength: isLevel ? 30 : 200, inputmode: isLevel ? "decimal" : null, placeholder: isLevel ? "Level" : "Note", "aria-label": isLevel ? "Level of the alert" : "Note to the alert" });
      box.append(made);
      made.addEventListener("keydown", (event) => event.key === "Enter" && add());
    }
    if (element("alerts-symbol")) {
      element("alerts-symbol").textContent = symbol() ?? "";
    }
  }

  function say(text, tone = "") {
    const line = element("alerts-said");
    line.textContent = text;
    line.className = `alerts-said ${tone}`;
  }

  async function act(path, body, title) {
    if (state.busy) {
      return false;
    }
    state.busy = true;
    const { ok, status, answer } = await own.actions.post(path, body);
    state.busy = false;
    const done = ok && status !== 202 && !answer.refused;
    const text = answer.said ?? answer.refused ?? (typeof answer.detail === "string" ? answer.detail : "The server did not understand the request.");
    say(text, done ? "" : "warned");
    own.notifications?.tell({ tone: done ? "good" : "warning", title, text });
    return done;
  }

  async function add() {
    const { body, lacks } = wish(symbol(), { subject: field("subject").value, comparison: field("comparison").value, level: field("level").value, note: field("note").value, once: field("once").getAttribute("aria-checked") === "true" });
    if (!body) {
      say(lacks, "warned");
      field("level").focus();
    } else if (await act("/alerts/add", body, `Alert: ${body.symbol}`)) {
      field("level").value = "";
      field("note").value = "";
    }
  }

  /** Draw the watched prices of the shown symbol over the chart. */
  function place() {
    const box = element("alerts-lines");
    const pane = box && own.chart.place();
    if (!pane) {
      box?.replaceChildren();
      return;
    }
    const shown = own.chart.market()?.split("|")[0];
    const mine = (state.told?.active ?? []).filter((alert) => alert.subject === "price" && alert.symbol === shown);
    box.replaceChildren(...mine.map((alert) => line(alert, pane)).filter(Boolean));
  }

  function line(alert, pane) {
    const y = pane.y(alert.level);
    if (!(y >= pane.top && y <= pane.top + pane.height)) {
      return null;
    }
    const text = `Alert ${SIGNS[alert.comparison]} ${level(alert.level, alert.decimals)}${alert.note ? ` · ${alert.note}` : ""}`;
    const made = node("div.alerts-line", { "data-alert-line": alert.id, title: words(alert) }, node("span.alerts-label", text));
    made.style.transform = `translate(${pane.left}px, ${y}px)`;
    made.style.width = `${pane.width}px`;
    return made;
  }

  const isPicking = () => element("alerts-pick")?.getAttribute("aria-pressed") === "true";

  function pick(on) {
    element("alerts-pick").setAttribute("aria-pressed", String(on));
    element("chart-box").toggleAttribute("data-picking", on);
  }

  /** A press on the chart while a price is picked: it becomes the level of the form. */
  function picked(event) {
    const box = element("chart-box");
    if (!isPicking() || !box?.contains(event.target)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const [pane, y] = [own.chart.place(), event.clientY - box.getBoundingClientRect().top];
    if (pane && y >= pane.top && y <= pane.top + pane.height) {
      pick(false);
      own.shell.open("alerts");
      furnish();
      field("subject").value = "price";
      field("level").value = pane.price(y).toFixed(own.chart.decimals());
      field("level").focus();
      say("Enter adds it.");
    }
  }

  function clicked({ target }) {
    if (target.id === "alerts-pick") {
      pick(!isPicking());
    } else if (target.id === "alerts-add") {
      add();
    } else if (target.id === "alerts-once") {
      target.setAttribute("aria-checked", String(target.getAttribute("aria-checked") !== "true"));
    } else if (target.dataset?.alert) {
      act("/alerts/remove", { alert_id: Number(target.dataset.alert) }, "Alert removed");
    }
  }

  document.addEventListener("click", clicked);
  document.addEventListener("mousedown", picked, true);
  document.addEventListener("pointerdown", (event) => isPicking() && element("chart-box")?.contains(event.target) && event.stopPropagation(), true);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && isPicking() && pick(false));
  document.addEventListener("chart:drawn", place);
  document.addEventListener("chart:market", () => {
    place();
    draw();
  });
  own.fast_lane?.serve("alerts-list", take); // past the renderer
  own.alerts = { words, news, wish, take };
})();
