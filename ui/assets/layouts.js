/**
 * One, two or four charts. The first is the page's own; each other is this page again in a frame
 * that shows its chart alone, with a symbol, candles and overlays of its own.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const KEY = "charts";
  const COUNTS = [1, 2, 4];
  // What a slot begins with: the page's symbol over longer candles.
  const INTERVALS = ["15m", "1h", "4h", "1d"];
  const UNSEEN_MS = 30_000; // a frame nobody sees for so long is closed until somebody does
  const root = document.documentElement;
  const state = { count: 1, link: null, box: null, timer: null };

  /** The number of charts a browser remembers. */
  const counted = (value) => (COUNTS.includes(value) ? value : 1);

  /** The slots beside the page's own chart. */
  const slots = (count) => Array.from({ length: count - 1 }, (_, i) => i + 2);

  /** What a slot shows at first: what it showed last, else longer candles than the page's. */
  function first(slot, remembered, { symbol, interval }) {
    const others = INTERVALS.filter((one) => one !== interval);
    return { symbol: remembered.symbol ?? symbol, interval: remembered.interval ?? others[slot - 2] };
  }

  /** The address of a frame. */
  function address(slot, { symbol, interval }, link) {
    return `/?${new URLSearchParams({ embed: "1", slot, link, symbol, interval })}`;
  }

  const kept = (key) => own.early.kept(key);

  function frame(slot) {
    const [symbol, interval] = own.chart.market().split("|");
    const made = document.createElement("iframe");
    made.title = `Chart ${slot}`;
    made.className = `layouts-frame slot-${slot}`;
    made.src = address(slot, first(slot, kept(`slot${slot}:view`), { symbol, interval }), state.link);
    return made;
  }

  /** The box of the frames, beside the page's chart in the same region. */
  function box() {
    const page = document.getElementById("page-trade");
    if (page && !page.contains(state.box)) {
      state.box = document.createElement("div");
      state.box.className = "layouts-frames";
      page.append(state.box);
    }
    return state.box;
  }

  /** Have just the frames of the layout; none while nobody can see them. */
  function arrange(count) {
    const parent = box();
    if (!parent || !own.chart.market()) {
      return;
    }
    const wanted = slots(count);
    const have = [...parent.children];
    have.filter((one) => !wanted.some((slot) => one.classList.contains(`slot-${slot}`))).forEach((one) => one.remove());
    if (wanted.length && !state.link) {
      state.link = own.chart_links.fresh();
      own.chart_links.join(state.link);
    }
    const missing = wanted.filter((slot) => !have.some((one) => one.classList.contains(`slot-${slot}`)));
    parent.append(...missing.map(frame));
  }

  function show(count) {
    state.count = count;
    root.dataset.charts = String(count);
    for (const button of document.querySelectorAll("button[data-charts]")) {
      button.setAttribute("aria-pressed", String(button.dataset.charts === String(count)));
    }
    arrange(count);
    window.dispatchEvent(new Event("resize")); // the page's chart takes what room it has
  }

  const isSeen = () => root.dataset.page === "trade" && !document.hidden;

  /** Close the frames when nobody has seen them for a while, and open them when somebody does. */
  function look() {
    clearTimeout(state.timer);
    if (isSeen()) {
      arrange(state.count);
    } else {
      state.timer = setTimeout(() => arrange(1), UNSEEN_MS);
    }
  }

  function clicked({ target }) {
    const count = Number(target.closest?.("button[data-charts]")?.dataset.charts);
    if (COUNTS.includes(count)) {
      own.early.keep(KEY, { count });
      show(count);
    }
  }

  function begin() {
    root.dataset.charts = String(counted(kept(KEY).count));
    document.addEventListener("click", clicked);
    document.addEventListener("chart:market", () => show(counted(kept(KEY).count)), { once: true });
    document.addEventListener("visibilitychange", look);
    new MutationObserver(look).observe(root, { attributeFilter: ["data-page"] });
  }

  if (!own.embed.frame) {
    document.addEventListener("DOMContentLoaded", begin);
  }

  own.layouts = { counted, slots, first, address };
})();
