/** Log scale, Heikin-Ashi, and older candles when the viewer pans towards the first one. */
(() => {
  const own = (window.dash_clientside ??= {});
  const DEPTHS = [1000, 2000, 4000, 8000, 16000, 20000]; // the last is MOST_BARS of ui/look.py
  const NEAR = 0.5; // of what is visible: nearer than this to the first candle, older ones are wanted
  const KEPT = { // as `ui/look.py` reads them
    theme: (value) => ["dark", "light"].includes(value),
    candles: (value) => ["candles", "heikin-ashi"].includes(value),
    log: (value) => typeof value === "boolean",
    facts: (value) => Array.isArray(value) && value.every((pane) => ["funding", "open-interest"].includes(pane)),
    until_ms: (value) => Number.isSafeInteger(value) && value > 0,
  };
  const MODES = {
    log: { now: (look) => Boolean(look?.log), change: (on) => ({ log: on }) },
    "heikin-ashi": { now: (look) => look?.candles === "heikin-ashi", change: (on) => ({ candles: on ? "heikin-ashi" : "candles" }) },
  };
  const element = (id) => document.getElementById(id);

  /**
   * How many candles to ask for now; null to leave it.
   *
   * @param {{first: number, from: number, to: number, bars: number, asked: number}} seen - First
   *   candle, first and last moment visible, candles drawn and asked for.
   */
  function depth({ first, from, to, bars, asked }) {
    const isNear = from - first <= NEAR * (to - from);
    const isComing = bars < asked; // or there are no more
    return isNear && !isComing ? (DEPTHS.find((more) => more > asked) ?? null) : null;
  }

  /**
   * What is told at the left edge.
   *
   * @param {{first: number, from: number, to: number, bars: number, asked: number}} seen
   * @param {boolean} isComing - Whether older candles were asked for and have not come.
   */
  function words(seen, isComing, market) {
    const isNear = seen.from - seen.first <= NEAR * (seen.to - seen.from);
    if (isComing) {
      return "Loading older candles";
    }
    const since = `${new Date(seen.first).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    if (!isNear || seen.from > seen.first) {
      return "";
    }
    if (seen.bars < seen.asked) {
      return `There are no older candles of ${market.replace("|", " ")}: the first is of ${since}`;
    }
    return seen.asked >= DEPTHS.at(-1) ? `A chart goes back ${own.numbers.number(seen.asked, 0)} candles; the first is of ${since}` : "";
  }

  /** What the chart shows, as `depth` takes it; null while it shows nothing or another market. */
  function seen() {
    const [pane, { time }, meta] = [own.chart.place(), own.chart.candles(), own.chart.plot()?.layout?.meta];
    if (!pane || !element("modes") || !time.length || !meta?.bars) {
      return null;
    }
    const asked = own.look.now().bars ?? Number(element("modes").dataset.bars);
    const drawn = meta.look?.bars ?? Number(element("modes").dataset.bars);
    return { first: time[0], from: pane.time(pane.left), to: pane.time(pane.left + pane.width), bars: time.length, asked, drawn, note: meta.note };
  }

  const state = { hasPanned: false };

  function look() {
    const now = element("modes") && seen();
    if (!now || !element("modes")) {
      return;
    }
    const isComing = now.drawn !== now.asked;
    const isTold = !state.hasPanned || Boolean(now.note); // a note says itself what is fetched
    const more = isTold || isComing ? null : depth(now);
    if (more) {
      own.look.change({ bars: more });
    }
    const text = isTold ? "" : words(now, Boolean(more) || isComing, own.chart.market());
    if (element("modes-older").textContent !== text) {
      element("modes-older").textContent = text;
    }
  }

  /** Back to as many candles as a chart begins with: each redraw costs by their number. */
  function forget() {
    state.hasPanned = false;
    if (own.look.now().bars) {
      own.look.change({ bars: null });
    }
    if (element("modes-older")) {
      element("modes-older").textContent = "";
    }
  }

  const toggle = (key) => own.look.change(MODES[key].change(!MODES[key].now(own.look.now())));

  /** Show what is chosen. */
  function follow(chosen) {
    for (const button of document.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(MODES[button.dataset.mode].now(chosen)));
    }
  }

  /**
   * What is kept of a look that this browser remembers: only what the server takes, which would
   * refuse the page for anything else. How far back and a replay belong to the visit; the replay
   * of a frame to its page, which has just told it.
   */
  function remembered(look, isFrame) {
    const takes = (key, value) => Object.hasOwn(KEPT, key) && (key !== "until_ms" || isFrame) && KEPT[key](value);
    return Object.fromEntries(Object.entries(look).filter((entry) => takes(...entry)));
  }

  function scrub() {
    const raw = own.early.raw("look");
    const look = remembered(own.early.kept("look"), Boolean(own.embed?.frame));
    if (raw !== null && raw !== JSON.stringify(look)) {
      own.early.keep("look", look);
    }
  }

  function begin() {
    own.keyboard.add({ key: "l", text: "Logarithmic price axis", run: () => toggle("log") });
    own.keyboard.add({ key: "h", text: "Heikin-Ashi candles", run: () => toggle("heikin-ashi") });
  }

  /** A wheel or a drag over the chart: only the viewer's own moves ask for more. */
  function moved({ target }) {
    state.hasPanned ||= Boolean(target.closest?.("#price-chart"));
  }

  if (own.early) {
    scrub(); // before `look.js` and Dash read it
    document.addEventListener("DOMContentLoaded", begin);
    document.addEventListener("look:changed", ({ detail }) => follow(detail));
    document.addEventListener("chart:drawn", look);
    document.addEventListener("chart:market", forget);
    document.addEventListener("wheel", moved, { capture: true, passive: true });
    document.addEventListener("pointerdown", moved, true);
    document.addEventListener("mousedown", moved, true);
    document.addEventListener("click", ({ target }) => {
      const button = target.closest?.("[data-mode]");
      if (button) {
        toggle(button.dataset.mode);
      } else if (target.id === "latest") {
        forget();
      }
    });
  }

  own.chart_modes = { depth, words, remembered };
})();
