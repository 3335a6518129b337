/** Toasts, the list of notifications behind the bell, sound, and the browser's own. */
(() => {
  const own = (window.dash_clientside ??= {});
  const { kept, keep } = own.early;
  const KEY = "notifications";
  const MOST = 100;
  const TOASTS = 4;
  const SHOWN_MS = 7000;
  const TONES = ["info", "good", "warning", "critical"];
  const BEEP = { hz: { info: 660, good: 880, warning: 440, critical: 330 }, s: 0.18, volume: 0.08 };
  const state = { list: [], known: null, waiting: [], unread: 0, audio: null };
  const element = (id) => document.getElementById(id);

  /** Which of these events were not told yet; at first none is news. */
  function news(known, events) {
    return known === null ? [] : events.filter(({ id }) => !known.has(id));
  }

  /** The list with more, what still holds first, then the newest; none twice. */
  function merged(list, more) {
    const ids = new Set(more.map(({ id }) => id));
    return [...more, ...list.filter(({ id }) => !ids.has(id))].sort((a, b) => Boolean(b.now) - Boolean(a.now) || b.at_ms - a.at_ms).slice(0, MOST);
  }

  const dated = (event) => ({ ...event, at_ms: event.at_ms ?? Date.now() });

  /** Take what the journal tells. */
  function receive(events) {
    if (!events) {
      return;
    }
    const fresh = news(state.known, events).reverse();
    const holding = state.known === null ? events.filter(({ now }) => now) : [];
    const older = events.filter(({ id }) => !state.list.some((one) => one.id === id) && !fresh.some((one) => one.id === id));
    state.known = new Set(events.map(({ id }) => id));
    const holds = new Set(events.filter(({ now }) => now).map(({ id }) => id));
    state.list.forEach((one) => {
      one.now = holds.has(one.id);
    });
    recall(older.filter(({ at_ms }) => at_ms !== null));
    for (const event of [...fresh, ...holding]) {
      show(dated(event));
    }
    draw();
  }

  /**
   * Tell the viewer something.
   *
   * @param {{tone: string, title: string, text: string}} said - `tone` is info, good, warning or
   *   critical; the latter stays until it is closed.
   */
  function tell({ id = `own-${Date.now()}-${Math.random()}`, at_ms = Date.now(), tone = "info", title = "", text = "" }) {
    show({ id, at_ms, tone: TONES.includes(tone) ? tone : "info", title, text });
    draw();
  }

  /** Put what happened before the page was opened into the list, without a word. */
  function recall(events) {
    state.list = merged(state.list, events);
  }

  function show(event) {
    state.list = merged(state.list, [event]);
    state.unread += 1;
    if (!element("notifications-toasts")) {
      state.waiting.push(event);
      return;
    }
    toast(event);
    beep(event.tone);
    outside(event);
  }

  function item(tag, { tone, title, text, at_ms: atMs }) {
    const node = document.createElement(tag);
    node.className = `notification ${tone}`;
    const head = document.createElement("strong");
    head.textContent = title;
    const time = document.createElement("time");
    time.dateTime = new Date(atMs).toISOString();
    time.textContent = `${time.dateTime.slice(5, 10)} ${own.clock.timeOfDay(atMs)}`;
    const body = document.createElement("p");
    body.textContent = text.replaceAll("\u2009", "\u202f"); // a number is not broken at the end of a line
    node.append(head, time, body);
    return node;
  }

  function toast(event) {
    const box = element("notifications-toasts");
    const node = item("div", event);
    if (event.tone === "critical") {
      node.setAttribute("role", "alert");
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.textContent = "×";
    close.setAttribute("aria-label", `Close: ${event.title}`);
    close.addEventListener("click", () => node.remove());
    node.append(close);
    box.append(node);
    while (box.childElementCount > TOASTS) {
      box.firstElementChild.remove();
    }
    if (event.tone !== "critical") {
      fade(node);
    }
  }

  /** Take a toast away after a while, but not from under the pointer or the focus. */
  function fade(node) {
    setTimeout(() => (node.matches(":hover, :focus-within") ? fade(node) : node.remove()), SHOWN_MS);
  }

  /** Draw the list and the number on the bell. */
  function draw() {
    for (const event of state.waiting.splice(0)) {
      if (!element("notifications-toasts")) {
        state.waiting.push(event);
        break;
      }
      toast(event);
    }
    const count = element("notifications-unread");
    if (!count) {
      return;
    }
    count.hidden = state.unread === 0;
    count.textContent = state.unread > 99 ? "99+" : String(state.unread);
    element("notifications-bell").setAttribute("aria-label", `Notifications, ${state.unread} unread`);
    if (!element("notifications-centre").hidden) {
      fill();
    }
  }

  function fill() {
    const rows = state.list.map((event) => item("li", event));
    if (!rows.length) {
      const nothing = document.createElement("li");
      nothing.className = "empty";
      nothing.textContent = "Nothing yet: signals, fills, a lost feed, price alerts and health alarms are listed here.";
      rows.push(nothing);
    }
    element("notifications-list").replaceChildren(...rows);
  }

  function toggle(open = element("notifications-centre")?.hidden) {
    const box = element("notifications-centre");
    if (!box) {
      return;
    }
    box.hidden = !open;
    element("notifications-bell").setAttribute("aria-expanded", String(open));
    if (open) {
      state.unread = 0;
      switches();
      draw();
      element("notifications-clear").focus();
    }
  }

  function switches() {
    const { sound, browser } = kept(KEY);
    element("notifications-sound").setAttribute("aria-checked", String(sound === true));
    const granted = window.Notification?.permission === "granted";
    const button = element("notifications-browser");
    button.setAttribute("aria-checked", String(browser === true && granted));
    button.disabled = !window.Notification || window.Notification.permission === "denied";
    button.title = button.disabled ? "This browser does not allow them for this page" : "";
  }

  /** A short tone, if the viewer wants it; browsers allow it after the first click or key. */
  function beep(tone) {
    if (kept(KEY).sound !== true || !window.AudioContext) {
      return;
    }
    state.audio ??= new window.AudioContext();
    if (state.audio.state !== "running") {
      return;
    }
    const [oscillator, gain, now] = [state.audio.createOscillator(), state.audio.createGain(), state.audio.currentTime];
    oscillator.frequency.value = BEEP.hz[tone] ?? BEEP.hz.info;
    gain.gain.setValueAtTime(BEEP.volume, now);
    gain.gain.linearRampToValueAtTime(0, now + BEEP.s);
    oscillator.connect(gain).connect(state.audio.destination);
    oscillator.start(now);
    oscillator.stop(now + BEEP.s);
  }

  /** The browser's own notification, while nobody sees the page. */
  function outside({ title, text, id }) {
    if (kept(KEY).browser === true && document.hidden && window.Notification?.permission === "granted") {
      new window.Notification(title, { body: text, tag: id, icon: "/assets/favicon.svg" });
    }
  }

  async function clicked({ target }) {
    if (target.closest?.("#notifications-bell")) {
      toggle();
    } else if (target.id === "notifications-clear") {
      state.list = [];
      fill();
    } else if (target.id === "notifications-sound") {
      keep(KEY, { ...kept(KEY), sound: kept(KEY).sound !== true });
      state.audio ??= window.AudioContext ? new window.AudioContext() : null;
      await state.audio?.resume();
      beep("info");
      switches();
    } else if (target.id === "notifications-browser") {
      const wanted = kept(KEY).browser !== true;
      const allowed = wanted && (await window.Notification.requestPermission()) === "granted";
      keep(KEY, { ...kept(KEY), browser: allowed });
      switches();
    } else if (!target.closest?.("#notifications-centre, .notification") && element("notifications-centre")?.hidden === false) {
      toggle(false);
    }
  }

  document.addEventListener("click", clicked);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && element("notifications-centre")?.hidden === false) {
      toggle(false);
      element("notifications-bell").focus();
    }
  });
  window.addEventListener("pointerdown", () => kept(KEY).sound === true && (state.audio ??= new window.AudioContext()).resume(), { once: true });

  own.fast_lane?.serve("notifications-events", receive); // past the renderer

  own.notifications = { news, merged, receive, recall, tell, toggle };
})();
