/** Entry, stop and target of open positions over the chart; stop and target can be dragged. */
(() => {
  const own = (window.dash_clientside ??= {});
  const MOVED_PX = 3;
  const SETTLE_MS = 6000; // until the server has told the new level
  const MUCH = 10; // steps with Shift
  const ASIDE_PX = 340; // of the question from the right, clear of the labels
  const state = { trades: [], draft: null, nodes: new Map(), wish: null, settling: new Map(), drag: null };
  const element = (id) => document.getElementById(id);

  /** A price on the tick, without the dust of binary fractions. */
  function onTick(price, tick, decimals) {
    return Number((tick ? Math.round(price / tick) * tick : price).toFixed(decimals));
  }

  /**
   * The lines of trades: what is drawn, where, and which of them can be moved.
   *
   * @param {?object} draft - Levels of the entry form.
   */
  function linesOf(trades, draft, market) {
    const symbol = market?.split("|")[0];
    const { number } = own.numbers;
    const found = [];
    for (const t of trades.filter((trade) => trade.symbol === symbol)) {
      const common = { trade: t.id, tick: t.tick, decimals: t.decimals, isDraft: false };
      const sign = t.direction === "LONG" ? "▲" : "▼";
      const size = own.trading.plain(t.quantity);
      if (t.entry !== null) {
        const money = t.pnl === null ? "" : `  ${number(t.pnl, 2, true)}  ${number(t.r, 2, true)} R`;
        const tone = (t.pnl ?? 0) > 0 ? "up" : (t.pnl ?? 0) < 0 ? "down" : "";
        found.push({ ...common, key: `${t.id}-entry`, kind: "entry", price: t.entry, text: `${sign} ${size} ${t.whose}${money}`, tone, canMove: false });
      }
      for (const [kind, outcome, words] of [["stop", t.at_stop, "Stop"], ["target", t.at_target, "Target"]]) {
        const money = outcome === null ? `  ${t.status}` : `  ${number(outcome, 2, true)}`;
        found.push({ ...common, key: `${t.id}-${kind}`, kind, price: t[kind], text: `${words} ${size}${money}`, tone: "", canMove: t.is_mine });
      }
    }
    if (draft && draft.symbol === symbol) {
      for (const [kind, words] of [["stop", "Stop"], ["target", "Target"]]) {
        if (draft[kind] !== null) {
          found.push({ trade: 0, key: `draft-${kind}`, kind, price: draft[kind], text: `${words} of the form`, tone: "", canMove: true, isDraft: true, tick: draft.tick ?? null, decimals: own.chart.decimals() });
        }
      }
    }
    return found;
  }

  /** Where a line is now: under the pointer, where it was just put, or where the server says. */
  function priceOf(line) {
    if (state.wish?.key === line.key) {
      return state.wish.price;
    }
    const settling = state.settling.get(line.key);
    if (settling && (performance.now() > settling.untilMs || settling.price === line.price)) {
      state.settling.delete(line.key);
    }
    return state.settling.get(line.key)?.price ?? line.price;
  }

  function node(line) {
    const known = state.nodes.get(line.key);
    if (known) {
      return known;
    }
    const { made } = own.trading;
    const root = made("div", "", `trading-line ${line.kind}`, { "data-line": line.key });
    const label = made("div", "", "trading-label", {});
    const text = made("span");
    const level = made("span", "", "trading-price");
    label.append(text, level);
    root.append(label);
    state.nodes.set(line.key, { root, label, text, level });
    element("trading-lines").append(root);
    return state.nodes.get(line.key);
  }

  function place() {
    const box = element("trading-lines");
    const pane = box && own.chart.place();
    if (!pane) {
      box?.replaceChildren();
      state.nodes.clear();
      return;
    }
    const lines = linesOf(state.trades, state.draft, own.chart.market());
    for (const key of [...state.nodes.keys()].filter((one) => !lines.some((line) => line.key === one))) {
      state.nodes.get(key).root.remove();
      state.nodes.delete(key);
    }
    lines.forEach((line) => put(line, pane));
    question(pane, lines);
  }

  function put(line, pane) {
    const { root, label, text, level } = node(line);
    const price = priceOf(line);
    const y = pane.y(price);
    root.hidden = y < pane.top || y > pane.top + pane.height;
    root.style.transform = `translate(${pane.left}px, ${y}px)`;
    root.style.width = `${pane.width}px`;
    root.classList.toggle("moved", price !== line.price);
    root.classList.toggle("draft", line.isDraft);
    write(text, line.text);
    write(level, own.numbers.number(price, line.decimals));
    text.className = line.tone;
    if (line.canMove) {
      const said = { role: "slider", tabindex: "0", "aria-orientation": "vertical", "aria-label": `${line.text}: drag, or arrow keys and Enter`, "aria-valuenow": String(price), "aria-valuetext": level.textContent };
      Object.entries(said).forEach(([name, value]) => label.getAttribute(name) !== value && label.setAttribute(name, value));
    } else {
      ["role", "tabindex", "aria-label", "aria-valuenow", "aria-valuetext", "aria-orientation"].forEach((name) => label.removeAttribute(name));
    }
  }

  function write(target, words) {
    if (target.textContent !== words) {
      target.textContent = words;
    }
  }

  /** Ask beside the line whether the level is to be moved. */
  function question(pane, lines) {
    const line = lines.find(({ key }) => key === state.wish?.key);
    const isAsked = line && state.wish.isAsked;
    const known = document.getElementById("trading-question");
    if (!isAsked) {
      known?.remove();
      return;
    }
    const box = known ?? ask();
    write(box.firstChild, state.wish.fault || `Move the ${line.kind} to ${own.numbers.number(state.wish.price, line.decimals)}?`);
    box.firstChild.classList.toggle("warned", Boolean(state.wish.fault));
    const y = Math.min(Math.max(pane.y(state.wish.price) + 12, pane.top), pane.top + pane.height - 34);
    box.style.transform = `translate(${pane.left + Math.max(8, pane.width - ASIDE_PX)}px, ${y}px)`;
  }

  function ask() {
    const { made, button } = own.trading;
    const box = made("div", "", "trading-question", { id: "trading-question", role: "group", "aria-label": "Move a level" });
    box.append(made("span", "", "", { role: "status" }), button("Move", confirm), button("Cancel", cancel));
    element("trading-lines").append(box);
    return box;
  }

  const lineOf = (key) => linesOf(state.trades, state.draft, own.chart.market()).find((line) => line.key === key);

  function cancel() {
    const key = state.wish?.key;
    state.wish = state.drag = null;
    place();
    state.nodes.get(key)?.label.focus();
  }

  function confirm() {
    const wish = state.wish;
    const line = wish && lineOf(wish.key);
    if (!line || wish.isSent) {
      return;
    }
    own.trading.once(async () => {
      wish.isSent = true;
      const { done, words } = await own.trading.act("move", { trade_id: line.trade, [line.kind]: wish.price }, `Move the ${line.kind}: ${line.text}`);
      if (state.wish !== wish) {
        return;
      }
      if (done) {
        state.settling.set(wish.key, { price: wish.price, untilMs: performance.now() + SETTLE_MS });
        cancel();
      } else {
        state.wish = { ...wish, price: line.price, fault: words, isSent: false };
        place();
      }
    });
  }

  /** Put a level elsewhere, to be confirmed; one of the form is taken at once. */
  function wishFor(line, price, isAsked) {
    const wanted = onTick(price, line.tick, line.decimals);
    if (wanted <= 0) {
      return;
    }
    if (line.isDraft && isAsked) {
      state.wish = null;
      state.draft.taken(line.kind, wanted);
      return;
    }
    state.wish = { key: line.key, price: wanted, isAsked, fault: "", isSent: false };
    place();
  }

  function handle(target) {
    const key = target.closest?.(".trading-label[role=slider]")?.parentElement.dataset.line;
    return key ? lineOf(key) : null;
  }

  function pressed(event) {
    const line = event.button === 0 ? handle(event.target) : null;
    if (!line || state.wish?.isSent) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const label = event.target.closest(".trading-label");
    label.focus();
    label.setPointerCapture(event.pointerId);
    state.drag = { key: line.key, fromY: event.clientY, fromPrice: priceOf(line) };
  }

  function dragged(event) {
    const pane = state.drag && own.chart.place();
    const line = pane && lineOf(state.drag.key);
    if (line) {
      const moved = event.clientY - state.drag.fromY;
      const y = Math.min(Math.max(pane.y(state.drag.fromPrice) + moved, pane.top), pane.top + pane.height);
      wishFor(line, pane.price(y), false);
    }
  }

  function released(event) {
    const drag = state.drag;
    state.drag = null;
    const line = drag && lineOf(drag.key);
    if (line && Math.abs(event.clientY - drag.fromY) >= MOVED_PX && state.wish?.key === drag.key) {
      wishFor(line, state.wish.price, true);
    } else if (drag && state.wish && !state.wish.isAsked) {
      cancel();
    }
  }

  function typed(event) {
    const line = handle(event.target);
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Escape" && state.wish) {
      cancel();
    } else if (line && step) {
      const pane = own.chart.place();
      const price = priceOf(line);
      const pixel = Math.abs(pane.price(pane.y(price)) - pane.price(pane.y(price) + 1));
      const least = line.tick ?? 10 ** -line.decimals;
      wishFor(line, price + step * Math.max(pixel, least) * (event.shiftKey ? MUCH : 1), true);
    } else if (line && event.key === "Enter" && state.wish?.isAsked) {
      confirm();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  document.addEventListener("pointerdown", pressed, true);
  document.addEventListener("pointermove", dragged);
  document.addEventListener("pointerup", released);
  document.addEventListener("pointercancel", () => state.drag && cancel());
  document.addEventListener("keydown", typed, true);
  ["chart:drawn", "chart:market"].forEach((name) => document.addEventListener(name, place));

  own.position_lines = {
    onTick,
    linesOf,
    place,
    show: (trades) => { state.trades = trades; place(); },
    draft: (draft) => { state.draft = draft; place(); },
  };
})();
