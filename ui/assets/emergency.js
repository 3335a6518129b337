/**
 * The emergency stop: one question, one deliberate act, and the proof.
 *
 * It needs neither the live updates nor the engine: what it asks and what it shows goes by plain
 * requests, and where the page's own server is gone it says what to do in a terminal.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const HOLD_MS = 1000;
  const SOON_MS = 400; // while steps are being taken
  const LATER_MS = 2000; // while the live updates are lost
  const KEYS = [" ", "Enter"];
  const IN_A_TERMINAL = { stop: "make emergency-stop", resume: "make resume" };
  const STALE = 403;
  const NEEDS_REASON = "Resuming needs a reason: words on one line.";
  const state = { told: null, drawn: "", holding: null, askedMs: 0, watched: false };
  const element = (name) => document.getElementById(`emergency-${name}`);

  /** What the banner says at its head; empty when there is nothing to say. */
  function headline({ latched, is_stopping, verdict }) {
    if (is_stopping) {
      return "EMERGENCY STOP is being carried out";
    }
    if (latched) {
      return "EMERGENCY STOP: nothing is entered until it is resumed";
    }
    return verdict ? "EMERGENCY STOP did not hold" : "";
  }

  /** Who stopped, when and why, as one line. */
  function origin({ latched, at, who, why }) {
    if (!who) {
      return latched;
    }
    return `${at.slice(0, 19).replace("T", " ")} UTC, by ${who}: ${why}`;
  }

  /** What to say when a request was not carried out. */
  function failure(key, status, detail) {
    return status === 0
      ? `The dashboard's server does not answer. In a terminal: ${IN_A_TERMINAL[key]}`
      : typeof detail === "string" ? detail : `The server refused it (${status}). In a terminal: ${IN_A_TERMINAL[key]}`;
  }

  /** How many steps were taken, and which do not hold. */
  function summary(rows) {
    const failed = rows.filter(({ held }) => !held).map(({ name }) => name);
    return `${rows.length} ${rows.length === 1 ? "step" : "steps"}, ${failed.length ? `NOT HELD: ${failed.join(", ")}` : "all held"}`;
  }

  function table(rows) {
    const { node } = own.nodes;
    const line = ({ at, name, held, took_s, result }) =>
      node(held ? "tr" : "tr.down", null, ...[at.slice(11, 23), name, held ? "✓ held" : "✗ NOT HELD", `${took_s.toFixed(3)} s`, result].map((text) => node("td", text)));
    const head = ["UTC", "step", "", "took", "result"].map((text) => node("th", { text, scope: "col" }));
    return node("table.emergency-steps", null, node("thead", null, node("tr", null, ...head)), node("tbody", null, ...rows.map(line)));
  }

  function draw() {
    const banner = element("banner");
    if (!banner || state.told === null) {
      return;
    }
    const text = JSON.stringify(state.told);
    if (state.drawn === text && state.on === banner) {
      return;
    }
    Object.assign(state, { drawn: text, on: banner });
    const { node } = own.nodes;
    const { rows, verdict, backup, is_stopping, latched } = state.told;
    const title = headline(state.told);
    const wasOpen = banner.querySelector("details")?.open ?? state.watched;
    banner.hidden = !title;
    element("open").dataset.latched = String(Boolean(latched));
    const resume = node("button.use", { id: "emergency-resume", type: "button", text: "Resume …", disabled: is_stopping });
    const head = node("div.emergency-head", null, node("strong", `■ ${title}`), node("span.told", origin(state.told)), resume);
    const proof = rows.length > 0 && node("details", { open: wasOpen }, node("summary", `What was done: ${summary(rows)}`), table(rows));
    const last = [verdict, backup && `Backup: ${backup}`].filter(Boolean).join(" ");
    banner.replaceChildren(...[head, last && node("p.told", last), proof].filter(Boolean));
  }

  function receive(told) {
    if (told) {
      state.told = told;
      draw();
    }
    return undefined;
  }

  async function ask() {
    state.askedMs = performance.now();
    try {
      const answer = await fetch("/emergency/state", { signal: AbortSignal.timeout(LATER_MS) });
      if (answer.ok) {
        receive(await answer.json());
      }
    } catch {
      // the server is away, which the page tells elsewhere
    }
  }

  /** Ask by ourselves while a stop runs, or while nothing is pushed. */
  function tick() {
    draw();
    const wait = state.told?.is_stopping ? SOON_MS : LATER_MS;
    const silent = state.told === null || state.told.is_stopping || own.connection?.isLost();
    if (element("open") && silent && performance.now() - state.askedMs >= wait) {
      ask();
    }
  }

  function show(key) {
    element(`${key}-said`).textContent = "";
    element(`${key}-dialog`).showModal();
    (key === "resume" ? element("resume-reason") : element("stop-cancel")).focus();
  }

  /** The act itself, after it was held long enough. */
  async function act(key) {
    const button = element(`${key}-act`);
    const body = { reason: element(`${key}-reason`).value.trim() };
    if (key === "resume" && !body.reason) {
      element("resume-said").textContent = NEEDS_REASON;
      element("resume-reason").focus();
      return;
    }
    button.disabled = true;
    const { ok, status, answer } = await own.actions.post(`/emergency/${key}`, body);
    button.disabled = false;
    if (!ok) {
      const stale = status === STALE ? ` Or in a terminal: ${IN_A_TERMINAL[key]}` : "";
      element(`${key}-said`).textContent = failure(key, status, answer.detail) + stale;
      return;
    }
    element(`${key}-dialog`).close();
    own.set_props(`emergency-${key}-reason`, { value: "" });
    state.watched = key === "stop";
    if (key === "resume") {
      own.notifications?.tell?.({ title: answer.said });
    }
    ask();
  }

  const keyOf = (target) => /^emergency-(stop|resume)-act$/.exec(target.closest?.("button")?.id ?? "")?.[1];

  function hold(key) {
    release();
    const button = element(`${key}-act`);
    if (button.disabled) {
      return;
    }
    button.classList.add("held");
    state.holding = { button, timer: setTimeout(() => { release(); act(key); }, HOLD_MS) };
  }

  function release() {
    if (state.holding) {
      clearTimeout(state.holding.timer);
      state.holding.button.classList.remove("held");
      state.holding = null;
    }
  }

  function keyed(event) {
    const key = keyOf(event.target);
    if (key && KEYS.includes(event.key)) {
      event.preventDefault();
      if (!event.repeat) {
        hold(key);
      }
    } else if (event.repeat && event.target.closest?.("#emergency-open, .emergency-dialog button")) {
      event.preventDefault(); // the key that was held for the act is still down
    }
  }

  function clicked({ target }) {
    const name = target.closest?.("button")?.id;
    if (name === "emergency-open") {
      show("stop");
    } else if (name === "emergency-resume") {
      show("resume");
    } else if (name === "emergency-stop-cancel" || name === "emergency-resume-cancel") {
      target.closest("dialog").close();
    }
  }

  if (!own.embed?.frame) {
    document.addEventListener("click", clicked);
    document.addEventListener("pointerdown", ({ target, button }) => button === 0 && keyOf(target) && hold(keyOf(target)));
    for (const end of ["pointerup", "pointercancel", "keyup"]) {
      document.addEventListener(end, release);
    }
    document.addEventListener("pointerout", ({ target, relatedTarget }) => keyOf(target) && keyOf(relatedTarget ?? document) !== keyOf(target) && release());
    document.addEventListener("keydown", keyed);
    window.addEventListener("blur", release);
    own.fast_lane?.serve("emergency-state", receive);
    window.setInterval?.(tick, 250);
  }

  own.emergency = { receive, headline, origin, failure, summary };
})();
