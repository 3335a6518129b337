/** The section Health alarms of the page System: what is bad, and who wants to hear of it. */
(() => {
  const own = (window.dash_clientside ??= {});
  const SILENCES = [[1, "1 h"], [8, "8 h"], [24, "1 day"], [168, "1 week"]];
  const element = (id) => document.getElementById(id);
  const node = (...args) => own.nodes.node(...args);

  /** What a row says beside its reason. */
  function notes({ acknowledged, silent_until_ms: untilMs, stale }) {
    const silent = untilMs === null ? "" : `silent outside until ${own.nodes.moment(untilMs)} UTC`;
    return [acknowledged ? "acknowledged" : "", silent, stale].filter(Boolean).join("; ");
  }

  /** What can be done about an alarm: `[action, words, hours]`. */
  function deeds({ acknowledged, silent_until_ms: untilMs }) {
    const seen = acknowledged ? [] : [["acknowledge", "Acknowledge", null]];
    const silences = untilMs === null ? SILENCES.map(([hours, words]) => ["silence", words, hours]) : [["unsilence", "Tell again", null]];
    return [...seen, ...silences];
  }

  function button(action, words, component, hours = null) {
    const titles = { acknowledge: "No repeats until it recovers or worsens", silence: `Tell nobody outside of ${component} for ${words}`, unsilence: `Tell of ${component} again` };
    return node("button.use", { text: words, type: "button", title: titles[action], "data-alarm": action, "data-component": component, "data-hours": hours, "aria-label": `${action} ${component}${hours ? ` for ${words}` : ""}` });
  }

  function row(alarm) {
    const { component, level, since_ms: sinceMs, reason } = alarm;
    const said = notes(alarm);
    const made = deeds(alarm).map(([action, words, hours]) => button(action, words, component, hours));
    const silences = made.filter((one) => one.dataset.alarm === "silence");
    const others = made.filter((one) => one.dataset.alarm !== "silence");
    return node("tr", { "data-row": component },
      node("td", component),
      node("td", null, node(`span.badge.${level}`, null, node("span.dot"), node("span.badge-text", level))),
      node("td", { text: own.nodes.moment(sinceMs), title: "UTC" }),
      node("td", null, node("span.alarms-reason", reason), said ? node("span.alarms-note", said) : null),
      node("td", null, node("div.alarms-acts", null, ...others, silences.length ? node("span.muted", "Silence") : null, ...silences)));
  }

  function drawn({ rows, silenced, notes: more }) {
    const nodes = [];
    if (rows.length) {
      const titles = ["Component", "Level", "Since (UTC)", "Reason", "Orders"].map((text) => node("th", { text, scope: "col" }));
      nodes.push(node("table.system-table.alarms", null, node("thead", null, node("tr", null, ...titles)), node("tbody", null, ...rows.map(row))));
    } else {
      nodes.push(node("p.empty", "No health alarm is active."));
    }
    const others = silenced.filter(({ component }) => !rows.some((one) => one.component === component));
    for (const { component, name, until_ms: untilMs } of others) {
      nodes.push(node("p.alarms-silence", null, node("span.muted", `Silent outside until ${own.nodes.moment(untilMs)} UTC: ${name} `), button("unsilence", "Tell again", component)));
    }
    return [...nodes, ...more.map((text) => node("p.muted.system-note", text))];
  }

  /** All but the reasons, which change while somebody may be pressing a button beside them. */
  function shape(told) {
    return JSON.stringify({ ...told, rows: told.rows.map((one) => ({ ...one, reason: "" })) });
  }

  /** Fill the section; a button that has the focus keeps it. */
  function receive(told) {
    const box = element("alarms-rows");
    if (!told || !box) {
      return;
    }
    if (box.dataset.shape === shape(told)) {
      box.querySelectorAll(".alarms-reason").forEach((place, i) => {
        place.textContent = told.rows[i].reason;
      });
      return;
    }
    box.dataset.shape = shape(told);
    const { alarm, component, hours } = box.contains(document.activeElement) ? document.activeElement.dataset : {};
    box.replaceChildren(...drawn(told));
    if (alarm) {
      const same = [...box.querySelectorAll("button")].find(({ dataset }) => dataset.alarm === alarm && dataset.component === component && dataset.hours === hours);
      same?.focus();
    }
  }

  async function order(pressed) {
    const { alarm, component, hours } = pressed.dataset;
    pressed.disabled = true;
    const { ok, answer } = await own.actions.post(`/alarms/${alarm}`, hours ? { component, hours: Number(hours) } : { component });
    pressed.disabled = false;
    const failed = typeof answer.detail === "string" ? answer.detail : "The server did not understand the request.";
    element("alarms-said").textContent = ok ? answer.said : failed;
  }

  document.addEventListener("click", ({ target }) => target.dataset?.alarm && order(target));
  own.fast_lane?.serve("alarms-told", receive); // past the renderer
  own.alarms = { notes, deeds, shape, receive };
})();
