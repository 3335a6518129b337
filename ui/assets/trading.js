/** Positions and trades: the tab's tables, closing, moving, flattening, and pausing a symbol. */
(() => {
  const own = (window.dash_clientside ??= {});
  const KEY = "trading";
  const LATE = { everyMs: 2000, times: 20 }; // beyond the 30 s after which the engine refuses
  const SHARES = [100, 75, 50, 25];
  const GRID_MS = 200; // until Dash has loaded the grid
  const state = { book: null, closed: [], shown: "open", rows: new Map(), busy: false };
  const element = (id) => document.getElementById(id);
  const later = (ms) => new Promise((done) => setTimeout(done, ms));
  const isShadow = ({ source }) => source === "rules" || source === "random";
  const withShadows = () => own.early.kept(KEY).shadows === true;

  /** Words of an answer, for people. */
  function said({ answer }) {
    const words = answer?.said ?? answer?.refused ?? answer?.detail;
    return typeof words === "string" && words ? words : "The server did not understand the request.";
  }

  const isDone = ({ ok, status, answer }) => ok && status !== 202 && !answer.refused;

  /**
   * Ask the engine for something, and tell what came of it.
   *
   * @returns {Promise<{done: boolean, words: string}>} Also not done while no answer has come;
   *   a later one is told as a notification.
   */
  async function act(path, body, title) {
    const found = await own.actions.post(`/trading/${path}`, body);
    const done = isDone(found);
    tell(done ? "good" : "warning", title, said(found));
    if (found.status === 202) {
      follow(found.answer.command, title);
    }
    return { done, words: said(found) };
  }

  async function follow(number, title) {
    for (let i = 0; i < LATE.times; i += 1) {
      await later(LATE.everyMs);
      const found = await own.actions.post("/trading/answer", { number });
      if (found.status !== 202) {
        tell(isDone(found) ? "good" : "warning", title, said(found));
        return;
      }
    }
  }

  function tell(tone, title, text) {
    own.notifications?.tell({ tone, title, text });
  }

  /** What a button to close a share says. */
  const closeWords = (percent) => (percent === 100 ? "Close" : percent === 50 ? "Close half" : `Close ${percent} %`);

  /** The number a person typed; null where it is none. */
  function parsed(text) {
    const plain = String(text).replace(/[\s\u2009]/g, "");
    const marked = plain.includes(".") ? plain.replace(/,(?=\d{3}(\D|$))/g, "") : plain.replace(",", ".");
    return /^\d*\.?\d+$/.test(marked) && Number(marked) > 0 ? Number(marked) : null;
  }

  const COLUMNS = [
    ["Symbol", "", (t) => t.symbol],
    ["Direction", "", (t) => `${t.direction === "LONG" ? "▲" : "▼"} ${t.direction}`],
    ["Account", "", (t) => t.whose],
    ["State", "", (t) => t.status],
    ["Quantity", "number", (t) => plain(t.quantity)],
    ["Entry", "number", (t) => price(t.entry, t)],
    ["Last", "number", (t) => price(t.last, t)],
    ["Stop", "number level", (t) => price(t.stop, t) + (t.is_moving ? " ↻" : "")],
    ["Target", "number level", (t) => price(t.target, t) + (t.is_moving ? " ↻" : "")],
    ["P&L", "number sign", (t) => own.numbers.number(t.pnl, 2, true)],
    ["R", "number sign", (t) => own.numbers.number(t.r, 2, true)],
    ["Age", "number", (t) => t.age],
    ["Funding paid", "number", (t) => own.numbers.number(t.funding, 2)],
  ];
  const [STOP, TARGET] = [7, 8];
  const price = (value, { decimals }) => own.numbers.number(value, decimals);
  const plain = (value) => (value === null || value === undefined ? "–" : String(Number(value.toPrecision(10))));

  function made(tag, text = "", name = "", attributes = {}) {
    const node = document.createElement(tag);
    node.textContent = text;
    node.className = name;
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    return node;
  }

  function button(text, run, name = "use") {
    const node = made("button", text, name, { type: "button" });
    node.addEventListener("click", run);
    return node;
  }

  /** Run one action at a time; buttons rest meanwhile. */
  async function once(work) {
    if (state.busy) {
      return;
    }
    state.busy = true;
    document.body.toggleAttribute("data-trading-busy", true);
    await work().finally(() => {
      state.busy = false;
      document.body.toggleAttribute("data-trading-busy", false);
    });
  }

  /** A row whose cells are changed in place, so that a choice or a focus in it stays. */
  function newRow(trade) {
    const row = made("tr", "", "", { "data-trade": trade.id });
    const cells = COLUMNS.map(([, name]) => made("td", "", name));
    const actions = made("td", "", "trading-actions");
    row.append(...cells, actions);
    const found = { row, cells, actions, trade, isMine: null, editing: null };
    state.rows.set(trade.id, found);
    return found;
  }

  function fillRow(found, trade) {
    found.trade = trade;
    COLUMNS.forEach(([, name, words], i) => {
      const cell = found.cells[i];
      if (!(found.editing && (i === STOP || i === TARGET)) && cell.textContent !== words(trade)) {
        cell.textContent = words(trade);
      }
      if (name.includes("sign")) {
        cell.classList.toggle("up", (trade.pnl ?? 0) > 0);
        cell.classList.toggle("down", (trade.pnl ?? 0) < 0);
      }
    });
    found.cells[1].className = trade.direction === "LONG" ? "up" : "down";
    if (found.isMine !== trade.is_mine) {
      found.isMine = trade.is_mine;
      found.editing = null;
      found.actions.replaceChildren(...(trade.is_mine ? choices(found) : []));
    }
  }

  function choices(found) {
    const { id, symbol } = found.trade;
    const share = made("select", "", "trading-share", { "aria-label": `Share of ${symbol} to close` });
    share.append(...SHARES.map((percent) => made("option", `${percent} %`, "", { value: percent })));
    const close = button("Close", () => once(() => act("close", { trade_id: id, share: Number(share.value) / 100 }, `${closeWords(Number(share.value))}: ${symbol}`)));
    share.addEventListener("change", () => { close.textContent = closeWords(Number(share.value)); });
    return [share, close, button("Move…", () => edit(found))];
  }

  /** Turn the levels of a row into fields. */
  function edit(found) {
    const { trade, cells, actions } = found;
    const fields = [["stop", STOP], ["target", TARGET]].map(([key, i]) => {
      const field = made("input", "", "trading-input", { type: "text", inputmode: "decimal", "aria-label": `${key} of ${trade.symbol}`, "data-level": key });
      field.value = trade[key].toFixed(trade.decimals);
      cells[i].replaceChildren(field);
      return field;
    });
    const said = made("span", "", "trading-said", { role: "status" });
    found.editing = fields;
    const leave = () => {
      Object.assign(found, { editing: null, isMine: null });
      fillRow(found, found.trade);
    };
    const save = () => once(async () => {
      const changes = { trade_id: trade.id };
      for (const [field, key] of [[fields[0], "stop"], [fields[1], "target"]]) {
        const value = parsed(field.value);
        if (value === null) {
          said.textContent = `The ${key} is no price.`;
          return;
        }
        if (value !== Number(trade[key].toFixed(trade.decimals))) {
          changes[key] = value;
        }
      }
      if (!("stop" in changes) && !("target" in changes)) {
        leave();
        return;
      }
      const { done, words } = await act("move", changes, `Move levels: ${trade.symbol}`);
      said.textContent = done ? "" : words;
      if (done) {
        leave();
      }
    });
    fields.forEach((field) => field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        event.key === "Enter" ? save() : leave();
      }
    }));
    actions.replaceChildren(button("Save", save), button("Cancel", leave), said);
    fields[0].focus();
    fields[0].select();
  }

  function drawOpen() {
    const box = element("trading-open");
    const { held, fault, is_begun: isBegun } = state.book;
    const rows = held.filter((trade) => withShadows() || !isShadow(trade));
    element("trading-show-open").textContent = `Open ${rows.length}`;
    if (fault || !rows.length) {
      state.rows.clear();
      const hidden = held.length ? "; the shadow accounts hold some" : "";
      const nothing = isBegun ? `Nothing is open${hidden}. “Trade” above the chart enters by hand.` : "No trades yet: the engine has never run. Start it with make start.";
      box.replaceChildren(made("p", fault ? `The trades cannot be read: ${fault}` : nothing, fault ? "empty warned" : "empty"));
      return;
    }
    for (const id of [...state.rows.keys()].filter((key) => !rows.some((trade) => trade.id === key))) {
      state.rows.get(id).row.remove();
      state.rows.delete(id);
    }
    let body = box.querySelector("tbody");
    if (!body) {
      const table = made("table", "", "trading-table");
      const head = made("tr");
      head.append(...COLUMNS.map(([title, name]) => made("th", title, name, { scope: "col" })), made("th", "", "", { "aria-label": "Actions" }));
      table.append(made("thead"), (body = made("tbody")));
      table.firstChild.append(head);
      box.replaceChildren(table);
    }
    rows.forEach((trade, i) => {
      const found = state.rows.get(trade.id) ?? newRow(trade);
      fillRow(found, trade);
      if (body.children[i] !== found.row) {
        body.insertBefore(found.row, body.children[i] ?? null);
      }
    });
  }

  function drawClosed() {
    const rows = state.closed.filter((trade) => withShadows() || !isShadow(trade));
    element("trading-show-closed").textContent = `Closed ${rows.length}`;
    clearTimeout(state.waiting);
    try {
      window.dash_ag_grid.getApi("trading-closed").setGridOption("rowData", rows);
    } catch {
      state.waiting = setTimeout(drawClosed, GRID_MS); // Dash still makes the grid
    }
  }

  /** One line of sums: what is open now, or what finished trades left. */
  function sumWords(book, shown, shadows) {
    const { number } = own.numbers;
    if (shown === "open") {
      const open = book.held.filter((t) => t.pnl !== null && (shadows || !isShadow(t)));
      return open.length ? `unrealised ${number(open.reduce((sum, { pnl }) => sum + pnl, 0), 2, true)} after costs` : "";
    }
    const words = ({ count, won, pnl, r, fees, funding }, name) => `${name}${count} closed, ${won} won · P&L ${number(pnl, 2, true)} · ${number(r, 1, true)} R · fees ${number(fees, 2)} · funding ${number(funding, 2)}`;
    const { mine, shadows: theirs } = book.totals;
    return [mine?.count && words(mine, ""), shadows && theirs?.count && words(theirs, "shadows: ")].filter(Boolean).join("   ");
  }

  function draw() {
    if (!state.book || !element("trading-open")) {
      return;
    }
    const isOpen = state.shown === "open";
    element("trading-open").hidden = !isOpen;
    element("trading-closed-box").hidden = isOpen;
    document.querySelectorAll("[data-trades]").forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.trades === state.shown)));
    element("trading-shadows").setAttribute("aria-checked", String(withShadows()));
    element("trading-sums").textContent = sumWords(state.book, state.shown, withShadows());
    drawOpen();
    own.trading_tools.flattening(state.book.held);
  }

  function takeBook(book) {
    if (book) {
      state.book = book;
      if (book.closed) {
        state.closed = book.closed;
        drawClosed();
      }
      draw();
    }
  }

  document.addEventListener("click", ({ target }) => {
    if (target.id === "trading-shadows") {
      own.early.keep(KEY, { ...own.early.kept(KEY), shadows: !withShadows() });
    } else if (target.dataset?.trades) {
      state.shown = target.dataset.trades;
    } else {
      return;
    }
    draw();
    drawClosed();
  });

  own.fast_lane?.serve("trading-book", takeBook); // past the renderer
  own.trading = { act, once, parsed, plain, closeWords, sumWords, made, button, takeBook, takeStanding: (now) => own.trading_tools.take(now) };
  window.dashAgGridFunctions = {
    ...window.dashAgGridFunctions,
    tradeTime: ({ value }) => (value ? new Date(value).toISOString().slice(0, 16).replace("T", " ") : "–"),
    tradeQuantity: ({ value }) => plain(value),
    cost: ({ value }) => own.numbers.number(value, 2),
  };
})();
