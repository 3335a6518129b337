import assert from "node:assert/strict";
import test from "node:test";
import { load, plain } from "./load_assets.mjs";

const { fragments } = load("fragments");
const html = (type, props, namespace = "dash_html_components") => ({ namespace, type, props });

/** Just enough of a DOM to write into. */
class Node {
  constructor(tag) {
    Object.assign(this, { tag, childNodes: [], attributes: {}, ownerDocument: Node.page });
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  removeAttribute(name) {
    delete this.attributes[name];
  }
  appendChild(child) {
    this.childNodes.push(child);
    child.remove = () => this.childNodes.splice(this.childNodes.indexOf(child), 1);
  }
  replaceChild(child, old) {
    this.childNodes[this.childNodes.indexOf(old)] = child;
    child.remove = () => this.childNodes.splice(this.childNodes.indexOf(child), 1);
  }
  toString() {
    const { tag, attributes, childNodes } = this;
    const told = Object.entries(attributes).map(([name, value]) => ` ${name}=${value}`);
    return `<${tag}${told.join("")}>${childNodes.map((node) => node.nodeValue ?? String(node)).join("")}</${tag}>`;
  }
}

Node.page = {
  createElement: (tag) => new Node(tag),
  createTextNode: (nodeValue) => ({ nodeValue }),
};

test("components become tags, attributes and text", () => {
  const value = ["a", null, 3, [html("P", { className: "x", children: html("Code", { children: "make" }) })]];
  assert.deepEqual(plain(fragments.parsed(value)), ["a", "3", ["p", { class: "x" }, [["code", {}, ["make"]]]]]);
});

test("whatever could run, or leads elsewhere, is not written here", () => {
  for (const value of [
    html("Script", { children: "1" }),
    html("Iframe", { src: "/x" }),
    html("Div", { onclick: "x" }),
    html("Div", { style: { color: "red" } }),
    html("A", { href: "javascript:x" }),
    html("A", { href: "//elsewhere" }),
    html("Img", { src: "/elsewhere.png" }),
    html("Div", { children: html("Tooltip", {}, "dash_mantine_components") }),
  ]) {
    assert.equal(fragments.parsed(value), null);
  }
});

test("only what differs is touched", () => {
  const root = new Node("div");
  const steps = [
    [html("P", { className: "a", children: "one" }), html("P", { children: "two" })],
    [html("P", { title: "t", children: "one" }), html("P", { children: ["two", html("B", { children: "!" })] }), "end"],
    [html("Span", { children: "one" })],
    [],
  ];
  const wanted = [
    "<div><p class=a>one</p><p>two</p></div>",
    "<div><p title=t>one</p><p>two<b>!</b></p>end</div>",
    "<div><span>one</span></div>",
    "<div></div>",
  ];
  let before = [];
  const kept = [];
  steps.forEach((step, i) => {
    const now = fragments.parsed(step);
    fragments.patch(root, before, now);
    before = now;
    kept.push(root.childNodes[0]);
    assert.equal(String(root), wanted[i]);
  });
  assert.equal(kept[0], kept[1]);
});
