/**
 * Pushed parts of the page that are plain HTML, written by us instead of by Dash's renderer.
 *
 * Panels build `html.*` components in Python as ever. What arrives is compared with what was
 * written before, and only what differs is touched: an unfolded section stays open, and focus
 * stays where it is. Text goes in as text, and names of elements and attributes are those listed
 * here: nothing pushed can run.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const HTML = "dash_html_components";
  const TAGS = new Set(
    "a b br button code dd details div dl dt em h2 h3 h4 i img li ol p pre section small span strong summary table tbody td th thead time tr ul".split(" "),
  );
  // Dash's names of attributes, and HTML's.
  const ATTRIBUTES = new Map(
    Object.entries({
      alt: "alt", className: "class", colSpan: "colspan", disabled: "disabled", hidden: "hidden", href: "href",
      id: "id", open: "open", role: "role", rowSpan: "rowspan", scope: "scope", src: "src", tabIndex: "tabindex",
      title: "title", type: "type",
    }),
  );
  const SAFE = { href: /^\/(?!\/)/, src: /^data:image\/svg\+xml[,;]/ }; // this page's own, and images we make
  const FREE = /^(aria|data)-[a-z-]+$/;

  /**
   * What is to be written, as `[tag, attributes, children]` and strings.
   *
   * @param {*} value - `children` of a component, as Dash sends it.
   * @returns {?Array} Null when something in it is not plain HTML.
   */
  function parsed(value) {
    if (value === null || value === undefined || typeof value === "boolean") {
      return [];
    }
    if (typeof value === "string" || typeof value === "number") {
      return [String(value)];
    }
    if (Array.isArray(value)) {
      const parts = value.map(parsed);
      return parts.includes(null) ? null : parts.flat();
    }
    const made = element(value);
    return made && [made];
  }

  function element({ namespace, type, props }) {
    const tag = String(type).toLowerCase();
    const { children, ...others } = props ?? {};
    const kids = parsed(children);
    if (namespace !== HTML || !TAGS.has(tag) || !kids) {
      return null;
    }
    const attributes = {};
    for (const [name, value] of Object.entries(others)) {
      const known = ATTRIBUTES.get(name) ?? (FREE.test(name) ? name : null);
      if (!known || typeof value === "object" || (SAFE[known] && !SAFE[known].test(value))) {
        return null;
      }
      attributes[known] = value;
    }
    return [tag, attributes, kids];
  }

  const isSet = (value) => value !== undefined && value !== null && value !== false;

  function write(node, name, before, now) {
    if (before === now) {
      return;
    }
    if (isSet(now)) {
      node.setAttribute(name, now === true ? "" : String(now));
    } else {
      node.removeAttribute(name);
    }
  }

  function made(page, part) {
    if (typeof part === "string") {
      return page.createTextNode(part);
    }
    const node = page.createElement(part[0]);
    update(node, [part[0], {}, []], part);
    return node;
  }

  function update(node, [, before, kidsBefore], [, now, kids]) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
      write(node, name, before[name], now[name]);
    }
    patch(node, kidsBefore, kids);
  }

  /** Bring the children of a node from one state to another; both as `parsed` returns them. */
  function patch(node, before, now) {
    const old = [...node.childNodes];
    now.forEach((part, i) => {
      const was = before[i];
      if (was === undefined) {
        node.appendChild(made(node.ownerDocument, part));
      } else if (typeof part === "string" && typeof was === "string") {
        if (part !== was) {
          old[i].nodeValue = part;
        }
      } else if (typeof part !== "string" && part[0] === was[0]) {
        update(old[i], was, part);
      } else {
        node.replaceChild(made(node.ownerDocument, part), old[i]);
      }
    });
    old.slice(now.length).forEach((extra) => extra.remove());
  }

  /**
   * Write pushed children into an element of the page.
   *
   * The first time its contents, Dash's until then, are thrown away. Dash never learns of it, and
   * leaves alone what it believes unchanged.
   *
   * @param {string} id - Of the element.
   * @param {*} children - As Dash sends it.
   * @returns {boolean} Whether it was written; else it is Dash's to write.
   */
  function show(id, children) {
    const node = document.getElementById(id);
    const plain = node && parsed(children);
    if (!plain) {
      return false;
    }
    const now = own.table_sort.arranged(plain);
    node.toldLast = children;
    if (!node.pushed || node.childNodes.length !== node.pushed.length) {
      node.replaceChildren();
      node.pushed = [];
    }
    patch(node, node.pushed, now);
    node.pushed = now;
    return true;
  }

  /** Write what was pushed last once more, around an element of it. */
  function again(inside) {
    let node = inside;
    while (node && node.toldLast === undefined) {
      node = node.parentElement;
    }
    if (node) {
      show(node.id, node.toldLast);
    }
  }

  own.fragments = { parsed, patch, show, again };
})();
