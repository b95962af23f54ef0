// Small helpers to build the page. Message data only ever becomes text nodes and attributes.

const SVG = "http://www.w3.org/2000/svg";
const HUES = 8;

/** h("button", {class: "plain", onclick: f}, "text", node, null, [nodes]) builds an element. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", new URL(`icons.svg#${name}`, import.meta.url).href);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, ...attributes }, icon(name));
}

export const hue = (id) => `hue-${Math.abs(Number(id)) % HUES}`;

export function avatar(id, name, extraClass = "") {
  const words = name.split(/\s+/).filter((word) => /^\p{L}|^\p{N}/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => (word ?? "").charAt(0));
  const text = letters.join("").toLocaleUpperCase("vi");
  return h("span", { class: `avatar ${hue(id)} ${extraClass}`, "aria-hidden": "true" }, text);
}

export function toast(text, kind = "info") {
  const note = h("div", { class: `toast ${kind}`, role: "status", "data-testid": "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), Math.max(4000, text.length * 70));
}

export function announce(text) {
  byId("live").textContent = text;
}

/** Show a modal dialog; `close` of the returned element ends it. It leaves the page when closed. */
export function openDialog(attributes, ...children) {
  const dialog = h("dialog", attributes, ...children);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function alertDialog(text) {
  const close = h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Đã hiểu");
  const dialog = openDialog(
    { class: "alert", role: "alertdialog", "aria-label": "Thông báo của bot", "data-testid": "alert" },
    h("p", {}, text),
    h("div", { class: "dialog-actions" }, close),
  );
}

/** Open a menu of [{label, icon, action}] at a point of the window, kept inside it. */
export function openMenu(items, x, y) {
  const opener = document.activeElement;
  const menu = h("div", { class: "menu", role: "menu", popover: "auto", onkeydown: walkMenu });
  menu.append(...items.map((item) => menuItem(item, menu)));
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    const hadFocus = menu.contains(document.activeElement) || document.activeElement === document.body;
    menu.remove();
    if (hadFocus && opener?.isConnected) opener.focus({ preventScroll: true });
  });
  document.body.append(menu);
  menu.showPopover();
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
  menu.firstElementChild.focus();
}

function menuItem(item, menu) {
  const choose = () => {
    menu.hidePopover();
    item.action();
  };
  return h("button", { type: "button", role: "menuitem", onclick: choose }, icon(item.icon), item.label);
}

function walkMenu(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...event.currentTarget.children];
  const next = items.indexOf(document.activeElement) + step;
  items.at(next % items.length).focus();
}
