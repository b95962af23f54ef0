// The list at the left: groups, people, and the form for a newcomer.

import * as api from "./api.js";
import { avatar, byId, h, toast } from "./dom.js";
import { nameOf, serviceText, shortStamp, summaryOf } from "./format.js";

/** `place` is {kind: "person" | "group", id}. */
export const placeHash = ({ kind, id }) => `#${kind}-${id}`;

export function placeFromHash(hash) {
  const match = /^#(person|group)-(-?\d+)$/.exec(hash);
  return match && { kind: match[1], id: Number(match[2]) };
}

export function showPeople(store, clock, selected) {
  const focused = document.activeElement?.dataset?.testid;
  byId("groups").replaceChildren(...store.groups.map((group) => item(store, clock, selected, groupEntry(group))));
  byId("people").replaceChildren(...store.people.map((person) => item(store, clock, selected, personEntry(person))));
  byId("groups-title").hidden = store.groups.length === 0;
  if (focused && !document.activeElement?.dataset?.testid) document.querySelector(`[data-testid="${focused}"]`)?.focus();
}

const groupEntry = (group) => ({
  place: { kind: "group", id: group.id },
  chatId: group.id,
  name: group.title,
  about: group.type === "supergroup" ? "Siêu nhóm" : "Nhóm",
});

const personEntry = (person) => ({
  place: { kind: "person", id: person.id },
  chatId: person.chat_id,
  name: person.name,
  about: [person.role, person.unit].filter(Boolean).join(" · ") || "Chưa có vai trò",
});

function item(store, clock, selected, { place, chatId, name, about }) {
  const { messages, unread } = store.chat(chatId);
  const last = messages.at(-1);
  const current = selected?.kind === place.kind && selected.id === place.id;
  return h(
    "li",
    {},
    h(
      "a",
      {
        class: "entry",
        href: placeHash(place),
        "aria-current": current ? "true" : null,
        "data-testid": `${place.kind}-${place.id}`,
      },
      avatar(place.id, name, place.kind),
      h(
        "span",
        { class: "entry-text" },
        h("span", { class: "entry-name" }, h("strong", {}, name), last && h("time", {}, shortStamp(last.date * 1000, clock.now()))),
        h("span", { class: "entry-about", title: about }, about),
        h("span", { class: "entry-last" }, h("span", {}, last ? preview(last, place) : "Chưa có tin nhắn"), unread > 0 && badge(unread)),
      ),
    ),
  );
}

const badge = (unread) => h("span", { class: "badge" }, String(unread), h("span", { class: "sr-only" }, " tin chưa đọc"));

function preview(message, place) {
  if (message.from?.is_bot || serviceText(message)) return summaryOf(message);
  return `${place.kind === "group" ? nameOf(message.from) : "Bạn"}: ${summaryOf(message)}`;
}

/** `opened` is called with the place of the newcomer. */
export function setUpNewcomerForm(store, opened) {
  const form = byId("newcomer");
  const toggle = byId("newcomer-toggle");
  const show = (open) => {
    form.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    (open ? form.elements.name : toggle).focus();
  };
  toggle.addEventListener("click", () => show(form.hidden));
  form.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = form.elements.name.value.trim();
    if (!name) return;
    try {
      const user = await api.addUser(name);
      await store.loadPeople();
      form.reset();
      show(false);
      opened({ kind: "person", id: user.id });
    } catch (error) {
      toast(`Chưa thêm được người: ${error.message}`, "error");
    }
  });
}
