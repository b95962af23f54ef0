// A message's text with its entities (UTF-16 offsets, as JavaScript strings count) as DOM nodes.

import { h } from "./dom.js";

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
// What a phone marks by itself when the sender did not.
const PLAIN_LINK = /https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]]/g;
const PLAIN_COMMAND = /(?<=^|\s)\/[a-z0-9_]{1,32}(@\w+)?(?=$|[\s.,;:!?)])/gi;

/** `follow` is called as follow.link(url) and follow.command(text) when the reader clicks. */
export function richText(text, entities = [], follow) {
  const found = [...entities, ...detected(text, entities)];
  found.sort((a, b) => a.offset - b.offset || b.length - a.length);
  return render(text, 0, text.length, found, follow);
}

function detected(text, entities) {
  const free = ({ index, 0: match }) =>
    !entities.some(
      (entity) => LINKISH.has(entity.type) && index < entity.offset + entity.length && entity.offset < index + match.length,
    );
  const collect = (pattern, type) =>
    [...text.matchAll(pattern)].filter(free).map((match) => ({ type, offset: match.index, length: match[0].length }));
  return [...collect(PLAIN_LINK, "url"), ...collect(PLAIN_COMMAND, "bot_command")];
}
const LINKISH = new Set(["url", "text_link", "bot_command", "code", "pre"]);

// Entities are nested or apart, never crossing, so each one encloses those that start inside it.
function render(text, start, end, entities, follow) {
  const nodes = [];
  let position = start;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const stop = Math.min(entity.offset + entity.length, end);
    let next = index + 1;
    while (next < entities.length && entities[next].offset < stop) next += 1;
    nodes.push(text.slice(position, entity.offset));
    const inner = render(text, entity.offset, stop, entities.slice(index + 1, next), follow);
    nodes.push(wrap(entity, text.slice(entity.offset, stop), inner, follow));
    // A block ends its line by itself.
    position = BLOCKS.has(entity.type) && text[stop] === "\n" ? stop + 1 : stop;
    index = next;
  }
  nodes.push(text.slice(position, end));
  return nodes.filter((node) => node !== "");
}

function wrap(entity, text, inner, follow) {
  if (TAGS[entity.type]) return h(TAGS[entity.type], {}, inner);
  switch (entity.type) {
    case "pre":
      return h("pre", { tabindex: "0" }, h("code", {}, inner));
    case "spoiler":
      return spoiler(inner);
    case "text_link":
      return link(entity.url, inner, follow);
    case "url":
      return link(/^[a-z]+:/i.test(text) ? text : `https://${text}`, inner, follow);
    case "bot_command":
      return h("button", { type: "button", class: "link", onclick: () => follow.command(text) }, inner);
    case "mention":
    case "hashtag":
      return h("span", { class: "marked" }, inner);
    default:
      return h("span", {}, inner);
  }
}

function link(url, inner, follow) {
  if (!/^(https?|tg):/i.test(url)) return h("span", {}, inner);
  const open = (event) => {
    event.preventDefault();
    follow.link(url);
  };
  return h("a", { href: url, rel: "noreferrer", target: "_blank", onclick: open }, inner);
}

function spoiler(inner) {
  const reveal = (event) => event.currentTarget.classList.add("shown");
  return h("button", { type: "button", class: "spoiler", "aria-label": "Nội dung che, bấm để xem", onclick: reveal }, inner);
}

/** {token, group} of a https://t.me/<bot>?start=… or ?startgroup=… link, else null. */
export function startLink(url) {
  const { protocol, hostname, searchParams } = new URL(url);
  const telegram = protocol === "tg:" || hostname === "t.me" || hostname === "telegram.me";
  if (!telegram) return null;
  if (searchParams.has("startgroup")) return { token: searchParams.get("startgroup"), group: true };
  return searchParams.has("start") ? { token: searchParams.get("start"), group: false } : null;
}
