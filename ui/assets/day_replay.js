/** Replay: the chart at an earlier moment, candle by candle. `look.until_ms` is its whole state. */
(() => {
  const own = (window.dash_clientside ??= {});
  const DAY_MS = 86_400_000;
  const SPEEDS = [1, 2, 5, 10]; // candles a second
  const SLIDE_MS = 120; // a slider that is dragged asks for no figure more often
  const NOON = "12:00";
  const state = { until: null, playing: false, speed: 2, timer: null, sliding: null, sought: 0 };
  const element = (id) => document.getElementById(id);

  /** Closes of candles are the moments of a replay: the last one not after `atMs`. */
  const closeBefore = (atMs, intervalMs) => Math.floor((atMs + 1) / intervalMs) * intervalMs - 1;

  /** The moment so many candles on (back where negative), none later than `lastMs`. */
  function stepped(untilMs, steps, intervalMs, lastMs) {
    const whole = closeBefore(untilMs, intervalMs);
    const from = steps < 0 && whole < untilMs ? whole + intervalMs : whole;
    return Math.max(intervalMs - 1, Math.min(from + steps * intervalMs, lastMs));
  }

  /** The slider over the day of a moment: how many steps it has, and which one it is at. */
  function place(untilMs, intervalMs, lastMs) {
    const day = Math.floor(untilMs / DAY_MS) * DAY_MS;
    const end = Math.min(day + DAY_MS - 1, lastMs);
    const first = day + Math.min(intervalMs, DAY_MS) - 1;
    const most = Math.max(0, Math.floor((end - first) / intervalMs));
    return { first, most, at: Math.min(most, Math.max(0, Math.round((untilMs - first) / intervalMs))) };
  }

  /** "2026-11-20 14:30 UTC": when the candle that is known last had closed. */
  const words = (untilMs) => `${new Date(untilMs + 1).toISOString().slice(0, 16).replace("T", " ")} UTC`;

  const intervalMs = () => own.clock.INTERVALS_MS[own.connection.market()?.split("|")[1]] ?? 60_000;
  /** The moment that is wanted; the page may show another one yet. Null without a replay. */
  const wanted = () => own.look.now().until_ms ?? null;
  const lastMs = () => closeBefore((own.live.marketMs() ?? Date.now()) - 1, intervalMs());

  function seek(untilMs) {
    unslide();
    if (untilMs !== wanted()) {
      own.look.change({ until_ms: untilMs });
    }
  }

  /** Forget where the slider was dragged to: something else is wanted by now. */
  function unslide() {
    clearTimeout(state.sliding);
    state.sliding = null;
  }

  const step = (steps) => wanted() !== null && seek(stepped(wanted(), steps, intervalMs(), lastMs()));

  /** Whether the chart shows the moment that is wanted; the next one waits for it. */
  const isDrawn = () => own.chart.plot()?.layout?.meta?.look?.until_ms === wanted();

  function advance() {
    clearTimeout(state.timer);
    if (!state.playing || wanted() === null) {
      return;
    }
    if (isDrawn() && state.sliding === null) {
      const next = stepped(wanted(), 1, intervalMs(), lastMs());
      if (next === wanted()) {
        play(false);
        note("This is the newest candle that has closed.");
        return;
      }
      seek(next);
    }
    state.timer = setTimeout(advance, 1000 / state.speed);
  }

  function play(on) {
    state.playing = on;
    const button = document.querySelector("[data-replay=play]");
    button.textContent = on ? "❚❚" : "▶";
    button.setAttribute("aria-pressed", String(on));
    advance();
  }

  function note(text) {
    element("replay-note").textContent = text;
  }

  function leave() {
    unslide();
    play(false);
    note("");
    own.look.change({ until_ms: null });
  }

  /** Show what is replayed; the only place that decides whether a replay is under way. */
  function follow(look) {
    if (!element("replay-bar")) {
      return; // a page without this feature
    }
    const until = look.until_ms ?? null;
    const [began, ended] = [state.until === null && until !== null, state.until !== null && until === null];
    state.until = until;
    element("replay-bar").hidden = until === null;
    element("replay-open").setAttribute("aria-pressed", String(until !== null));
    element("chart-box").classList.toggle("replayed", until !== null);
    if (began || ended) {
      fields();
      element("latest").click(); // back to the newest candles of that time
      window.dispatchEvent(new Event("resize")); // the bar takes room from the chart, or gives it
    }
    if (until !== null) {
      const { most, at } = place(until, intervalMs(), lastMs());
      element("replay-time").textContent = words(until);
      const isDragged = state.sliding !== null; // then it is ahead of what is shown
      Object.assign(element("replay-slider"), { max: most, ...(isDragged ? {} : { value: at }) });
      element("replay-slider").setAttribute("aria-valuetext", words(until));
    }
  }

  function made(name, properties, label) {
    const node = Object.assign(document.createElement(name), properties);
    node.setAttribute("aria-label", label);
    return node;
  }

  /** Slider, speed, day and time: what Dash has no plain elements for. */
  function fields() {
    if (element("replay-slider")) {
      return;
    }
    const slider = made("input", { type: "range", id: "replay-slider", min: 0, step: 1 }, "Moment of the day");
    const speed = made("select", { id: "replay-speed", title: "Candles a second" }, "Speed in candles a second");
    speed.append(...SPEEDS.map((value) => Object.assign(document.createElement("option"), { value, textContent: `${value} / s`, selected: value === state.speed })));
    element("replay-fields-bar").replaceWith(slider, speed);
    slider.addEventListener("input", () => {
      unslide();
      state.sliding = setTimeout(() => {
        const { first } = place(wanted() ?? 0, intervalMs(), lastMs());
        seek(Math.min(first + Number(slider.value) * intervalMs(), lastMs()));
      }, SLIDE_MS);
    });
    speed.addEventListener("change", () => (state.speed = Number(speed.value)));
    const day = made("input", { type: "date", id: "replay-day" }, "Day, UTC");
    const time = made("input", { type: "time", id: "replay-clock", value: NOON }, "Time, UTC");
    for (const [text, field] of [["Day", day], ["Time (UTC)", time]]) {
      const label = Object.assign(document.createElement("label"), { textContent: text });
      label.htmlFor = field.id;
      element("replay-fields").append(label, field);
    }
    day.addEventListener("change", ask);
  }

  function open() {
    fields();
    const nowMs = own.live.marketMs() ?? Date.now();
    element("replay-day").max = new Date(nowMs).toISOString().slice(0, 10);
    element("replay-day").value ||= new Date(nowMs - DAY_MS).toISOString().slice(0, 10);
    element("replay-dialog").showModal();
    element("replay-day").focus();
    ask();
  }

  /** Ask what is stored of the day chosen, and say what is missing of it. */
  async function ask() {
    const [said, start, day] = [element("replay-said"), element("replay-start"), element("replay-day").value];
    const [symbol, interval] = own.connection.market()?.split("|") ?? [];
    const sought = (state.sought += 1);
    start.disabled = true;
    if (!day || !symbol) {
      said.textContent = "Choose a day.";
      return;
    }
    said.textContent = "Looking for its candles";
    const found = await lookedUp(new URLSearchParams({ symbol, interval, day }));
    if (sought === state.sought) {
      Object.assign(state, { missing: found.said });
      said.textContent = found.said || `${own.numbers.number(found.candles, 0)} candles of ${symbol} ${interval} are stored for this day.`;
      start.disabled = !found.candles;
    }
  }

  async function lookedUp(query) {
    try {
      const answer = await fetch(`/replay/day?${query}`);
      return answer.ok ? await answer.json() : { candles: 0, said: `The server answered ${answer.status}.` };
    } catch {
      return { candles: 0, said: "The dashboard's server does not answer." };
    }
  }

  function start() {
    const wanted = Date.parse(`${element("replay-day").value}T${element("replay-clock").value || NOON}:00Z`) - 1;
    element("replay-dialog").close();
    note(state.missing ?? "");
    seek(Math.min(closeBefore(wanted, intervalMs()), lastMs()));
  }

  const acts = { back: () => step(-1), on: () => step(1), play: () => play(!state.playing), leave };

  function clicked({ target }) {
    const act = target.closest?.("[data-replay]")?.dataset.replay;
    if (act) {
      acts[act]();
    } else if (target.id === "replay-open") {
      open();
    } else if (target.id === "replay-start") {
      start();
    } else if (target.id === "replay-close" || target.id === "replay-dialog") {
      element("replay-dialog").close(); // a click beside it falls on the dialog's own box
    }
  }

  function begin() {
    const during = (run) => () => wanted() !== null && run();
    own.keyboard.add({ key: "r", text: "Replay a stored day", run: open });
    own.keyboard.add({ key: ",", shown: ", .", text: "Replay: one candle back, or on", run: during(acts.back) });
    own.keyboard.add({ key: ".", shown: "", text: "Replay: one candle on", run: during(acts.on) });
    own.keyboard.add({ key: "p", text: "Replay: play or pause", run: during(acts.play) });
  }

  if (own.early) {
    document.addEventListener("DOMContentLoaded", begin);
    document.addEventListener("click", clicked);
    document.addEventListener("look:changed", ({ detail }) => follow(detail));
  }

  own.day_replay = { closeBefore, stepped, place, words };
})();
