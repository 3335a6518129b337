/** Sets of overlays the viewer saved under a name, kept by this browser. */
(() => {
  const own = (window.dash_clientside ??= {});
  const KEY = "overlay-sets";
  const MOST = 12;
  const LONGEST = 20;
  const { kept, keep } = own.early;

  /** The sets this browser keeps: names and keys; what is not ours is passed over. */
  function sets(value) {
    const isOurs = ([, keys]) => Array.isArray(keys) && keys.every((key) => typeof key === "string");
    return Object.fromEntries(Object.entries(value).filter(isOurs));
  }

  /** The sets with one more; a name in use gets the new content. The oldest of too many goes. */
  function saved(value, name, keys) {
    const word = name.trim().slice(0, LONGEST);
    if (!word) {
      return value;
    }
    const { [word]: _, ...others } = value;
    return Object.fromEntries([...Object.entries(others), [word, keys]].slice(-MOST));
  }

  /** What is on once a set is applied: of its overlays, those on offer. */
  const applied = (keys, offered) => offered.filter((key) => keys.includes(key));

  const same = (a, b) => a.length === b.length && a.every((key) => b.includes(key));

  function button(text, label, run) {
    const node = document.createElement("button");
    node.type = "button";
    node.textContent = text;
    node.setAttribute("aria-label", label);
    node.addEventListener("click", run);
    return node;
  }

  function write(value) {
    keep(KEY, value);
    draw();
  }

  function chip(name, keys, { value, offered }) {
    const node = document.createElement("span");
    const now = applied(keys, offered.keys);
    node.className = same(now, value ?? []) ? "set on" : "set";
    node.append(
      button(name, `Show the overlays of ${name}`, () => own.set_props("overlays", { value: now })),
      button("×", `Forget the set ${name}`, () => {
        const { [name]: _, ...others } = sets(kept(KEY));
        write(others);
      }),
    );
    return node;
  }

  /** Ask for a name, in place of the button. */
  function ask(event) {
    const input = document.createElement("input");
    input.maxLength = LONGEST;
    input.placeholder = "Name, then Enter";
    input.setAttribute("aria-label", "Name of the set");
    input.addEventListener("keydown", ({ key }) => {
      if (key === "Enter" && input.value.trim()) {
        input.remove();
        write(saved(sets(kept(KEY)), input.value, own.picker.state.value ?? []));
      } else if (key === "Escape") {
        input.remove();
        draw();
      }
    });
    event.target.replaceWith(input);
    input.focus();
  }

  /** Draw the saved sets below the picker. */
  function draw() {
    const box = document.getElementById("picker-sets");
    const { offered } = own.picker.state;
    if (box && offered) {
      redraw(box, own.picker.state);
    }
  }

  function redraw(box, picker) {
    const label = document.createElement("span");
    label.textContent = "Sets";
    const chips = Object.entries(sets(kept(KEY))).map(([name, keys]) => chip(name, keys, picker));
    const asking = box.querySelector("input:focus"); // a name is being typed
    box.replaceChildren(label, ...chips, asking ?? button("+ save", "Save what is on as a set", ask));
    asking?.focus();
  }

  own.overlay_sets = { sets, saved, applied, draw };
})();
