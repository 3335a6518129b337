/**
 * Which overlays are on, remembered by this browser.
 *
 * Only what the viewer changed is kept, one answer per overlay. So an overlay that is new
 * begins as it is meant to, and one that was switched off stays off, whatever else comes or goes.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const KEY = "overlay-choices";
  const state = { value: null };

  /** What is on: the viewer's answers, and for all else what the picker begins with. */
  function restored({ keys, defaults }, answers) {
    return keys.filter((key) => answers[key] ?? defaults.includes(key));
  }

  /** Answers after the picker went from one value to another. */
  function answered(answers, before, after) {
    const put = after.filter((key) => !before.includes(key)).map((key) => [key, true]);
    const taken = before.filter((key) => !after.includes(key)).map((key) => [key, false]);
    return { ...answers, ...Object.fromEntries([...put, ...taken]) };
  }

  /** What is on once a recommendation is followed: what it does not speak of stays. */
  function followed(value, { enable, disable }) {
    const kept = value.filter((key) => !disable.includes(key));
    return [...kept, ...enable.filter((key) => !kept.includes(key))];
  }

  /** The answers kept by an earlier visit; none where they cannot be read. */
  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      const isOurs = ([, on]) => typeof on === "boolean";
      return Object.fromEntries(Object.entries(kept ?? {}).filter(isOurs));
    } catch {
      return {}; // not ours, or this browser keeps nothing
    }
  }

  function write(answers) {
    try {
      localStorage.setItem(KEY, JSON.stringify(answers));
    } catch {
      // this browser keeps nothing; the choice holds until the page is closed
    }
  }

  /** Begin with what was chosen before. */
  function restore(offered, about) {
    Object.assign(state, { offered, about });
    state.value = restored(offered, read());
    own.overlay_sets?.draw();
    return state.value;
  }

  const child = (tag, text, parent, name = "") => {
    const node = document.createElement(tag);
    node.textContent = text;
    node.className = name;
    parent.append(node);
    return node;
  };

  /** Open all that is to be known of an overlay beside its question mark. */
  function explain(button) {
    const about = state.about?.[button.dataset.about];
    const dialog = document.getElementById("picker-about");
    if (!about || !dialog) {
      return;
    }
    dialog.replaceChildren();
    child("h3", about.title, dialog).id = "picker-about-title";
    dialog.setAttribute("aria-labelledby", "picker-about-title");
    about.text.forEach((text) => child("p", text, dialog));
    if (about.parameters.length) {
      const table = child("table", "", dialog, "parameters");
      for (const cells of about.parameters) {
        const row = child("tr", "", table);
        cells.forEach((text, i) => child("td", text, row, i === 2 ? "muted" : ""));
      }
    }
    child("p", about.source, dialog, "muted");
    dialog.showModal();
    const { right, top } = button.getBoundingClientRect();
    const room = window.innerHeight - dialog.offsetHeight - 8;
    Object.assign(dialog.style, { left: `${right + 12}px`, top: `${Math.max(8, Math.min(top - 12, room))}px` });
  }

  /** Keep a change of the viewer, and say how many of each folded section are on. */
  function remember(value) {
    const now = value ?? [];
    if (state.value) {
      write(answered(read(), state.value, now));
    }
    state.value = now;
    for (const count of document.querySelectorAll(".picker details .picked")) {
      const rows = count.closest("details").querySelectorAll("input[type=checkbox]");
      const on = [...rows].filter((box) => now.includes(box.value)).length;
      count.textContent = on ? `${on} on` : "";
    }
    own.overlay_sets?.draw();
  }

  /** Follow the recommendation of the regime card. */
  function follow(clicks, value, recommended) {
    return clicks && recommended ? followed(value ?? [], recommended) : own.no_update;
  }

  if (typeof document !== "undefined") {
    document.addEventListener("click", ({ target }) => {
      if (target.dataset?.about) {
        explain(target);
      } else if (target.id === "picker-about") {
        target.close(); // a click beside it falls on the dialog's own box
      }
    });
  }

  own.picker = { restored, answered, followed, restore, remember, follow, state };
})();
