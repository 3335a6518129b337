/** Switches the panes of funding and open interest, and tells what they say at the pointer. */
(() => {
  const own = (window.dash_clientside ??= {});
  const YEAR_HOURS = 365 * 24;
  const HOUR_MS = 3600000;
  const LINE_PX = 15; // the words stand above their pane
  const state = { hovered: null };

  /** Place of the last of some times that is not after a moment; -1 before the first. */
  function lastBy(times, ms) {
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= ms) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** What was known at a moment, null where nothing was. */
  const valueAt = ({ x, y }, ms) => y[lastBy(x, ms)] ?? null;

  /**
   * By how much a line changed between two moments, in percent; null where that is not known.
   *
   * From the first value in the span, or the one in force at its beginning.
   */
  function change({ x, y }, from, to) {
    const first = valueAt({ x, y }, from) ?? y.find((value, i) => value !== null && x[i] >= from && x[i] <= to) ?? null;
    const last = y.slice(0, lastBy(x, to) + 1).findLast((value) => value !== null) ?? null;
    return first && last !== null ? 100 * (last / first - 1) : null;
  }

  const sign = (value) => (value > 0 ? "fact-up" : value < 0 ? "fact-down" : "");
  const clock = (ms) => new Date(Math.round(ms / 1000) * 1000).toISOString().slice(5, 16).replace("T", " ");

  /** Funding in force at a moment: the settled rate, what it were in a year, and whose it was. */
  function funding({ hours }, trace, ms) {
    const i = Math.min(lastBy(trace.x, ms), hours.length - 1); // one more point ends the line
    if (i < 0 || ms > trace.x.at(-1) + HOUR_MS) {
      return [{ text: "–" }];
    }
    const rate = trace.y[i];
    const payer = rate > 0 ? "longs pay" : rate < 0 ? "shorts pay" : "nobody pays";
    const yearly = hours[i] ? `${own.numbers.number((rate * YEAR_HOURS) / hours[i], 2, true)} % a year` : "–";
    const every = hours[i] ? `, every ${hours[i]} h` : "";
    return [
      { text: `${own.numbers.number(rate, 4, true)} %`, role: sign(rate) },
      { text: yearly },
      { text: payer },
      { text: `settled ${clock(trace.x[i])}${every}`, role: "fact-title" },
    ];
  }

  /** Open interest at a moment, and how it changed over what is visible. */
  function openInterest(trace, ms, [from, to]) {
    const [value, changed] = [valueAt(trace, ms), change(trace, from, to)];
    const contracts = value === null ? "–" : `${own.numbers.quantity(value)} contracts`;
    const over = changed === null ? [] : [{ text: `${own.numbers.number(changed, 2, true)} %`, role: sign(changed) }, { text: "over what is visible", role: "fact-title" }];
    return [{ text: contracts }, ...over];
  }

  /**
   * What a pane says, in words.
   *
   * @param {{key: string, title: string, note: string, hours: ?number[]}} entry - Of `meta.facts`.
   * @param {?{x: number[], y: number[]}} trace - Its values, each from its time on; null for none.
   * @param {number} ms - The moment to tell of.
   * @param {[number, number]} visible - First and last moment on screen.
   * @returns {{text: string, role: ?string}[]}
   */
  function parts(entry, trace, ms, visible) {
    const said = !trace ? [] : entry.key === "funding" ? funding(entry, trace, ms) : openInterest(trace, ms, visible);
    const note = entry.note ? [{ text: trace ? entry.note : `${entry.title}: ${entry.note}`, role: "fact-note", title: entry.detail }] : [];
    return trace || !entry.note ? [{ text: entry.title, role: "fact-title" }, ...said, ...note] : note;
  }

  function span({ text, role, title }) {
    const made = document.createElement("span");
    made.textContent = text;
    made.className = role ?? "";
    if (role === "fact-note") {
      made.title = title ?? "";
      made.dataset.calm = String(!title); // nothing failed
      made.setAttribute("role", "status");
    }
    return made;
  }

  /** Write what each pane says. */
  function write() {
    const [gd, box] = [own.chart.plot(), document.getElementById("chart-box")];
    const layout = gd?._fullLayout;
    const facts = gd?.layout?.meta?.facts ?? [];
    const before = new Map([...box.querySelectorAll(":scope > .fact-words")].map((one) => [one.dataset.fact, one]));
    for (const [key, line] of before) {
      if (!facts.some((entry) => entry.key === key)) {
        line.remove();
      }
    }
    if (!facts.length || !layout?.xaxis?.r2l) {
      return;
    }
    const visible = layout.xaxis.range.map((value) => layout.xaxis.r2l(value));
    const ms = Math.min(state.hovered ?? Infinity, own.chart.last()?.[0] ?? visible[1]);
    const shift = gd.getBoundingClientRect().top - box.getBoundingClientRect().top;
    for (const entry of facts) {
      const { _offset } = layout[entry.axis.replace("y", "yaxis")] ?? {};
      const trace = gd.data.find((one) => one.meta?.fact === entry.key) ?? null;
      const said = parts(entry, trace, ms, visible);
      const line = before.get(entry.key) ?? box.appendChild(document.createElement("div"));
      const words = JSON.stringify(said);
      Object.assign(line, { className: "fact-words" });
      Object.assign(line.dataset, { fact: entry.key });
      line.style.top = `${shift + (_offset ?? 0) - LINE_PX}px`;
      if (line.dataset.words !== words) {
        line.dataset.words = words;
        line.replaceChildren(...said.map(span));
      }
    }
  }

  /** The panes after a switch was pressed, in the order of the switches. */
  function switched(facts, key, order) {
    const on = new Set(facts ?? []);
    if (!on.delete(key)) {
      on.add(key);
    }
    return order.filter((pane) => on.has(pane));
  }

  const buttons = () => [...document.querySelectorAll("[data-fact]:is(button)")];

  function pressed({ target }) {
    const button = target.closest?.("button[data-fact]");
    if (button) {
      const order = buttons().map(({ dataset }) => dataset.fact);
      own.look.change({ facts: switched(own.look.now().facts, button.dataset.fact, order) });
    }
  }

  /** Show which panes are on. */
  function follow(look) {
    for (const button of buttons()) {
      button.setAttribute("aria-pressed", String((look?.facts ?? []).includes(button.dataset.fact)));
    }
  }

  document.addEventListener("click", pressed);
  document.addEventListener("chart:drawn", write);
  document.addEventListener("chart:hover", ({ detail }) => {
    state.hovered = detail?.ms ?? null;
    write();
  });

  own.fact_panes = { parts, change, switched, lastBy, follow };
})();
