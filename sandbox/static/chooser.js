// "Mở bằng tài khoản nào?": who opens a https://t.me/<bot>?start=… link.

import * as api from "./api.js";
import { avatar, h, openDialog, toast } from "./dom.js";
import { startLink } from "./text.js";

/** Follow a link: a start link asks who opens it, any other opens beside the page. `opened` gets the place to show. */
export function linkOpener(store, opened) {
  return (url) => {
    const start = startLink(url);
    if (!start) return window.open(url, "_blank", "noopener");
    if (start.group) return chooseGroup(store, (group) => choosePerson(store, (person) => startIn(group, person, start.token)));
    return choosePerson(store, (person) => startAlone(person, start.token));
  };

  async function startAlone(person, token) {
    await deliver({ from: person.id, chat: person.chat_id, text: `/start ${token}` }, { kind: "person", id: person.id });
  }

  async function startIn(group, person, token) {
    await deliver({ from: person.id, chat: group.id, text: `/start@${store.bot.username} ${token}` }, { kind: "group", id: group.id });
  }

  async function deliver(message, place) {
    try {
      await api.send(message);
      opened(place);
    } catch (error) {
      toast(`Chưa mở được liên kết: ${error.message}`, "error");
    }
  }
}

function choosePerson(store, chosen) {
  choose("Mở bằng tài khoản nào?", store.people.map(({ role, unit, ...person }) => ({
    ...person,
    about: [role, unit].filter(Boolean).join(" · ") || "Chưa có vai trò",
    kind: "person",
  })), chosen);
}

function chooseGroup(store, chosen) {
  choose("Mở trong nhóm nào?", store.groups.map((group) => ({ ...group, name: group.title, about: "Nhóm", kind: "group" })), chosen);
}

function choose(title, entries, chosen) {
  const pick = (entry) => {
    dialog.close();
    chosen(entry);
  };
  const row = (entry) =>
    h(
      "button",
      { type: "button", class: "entry", onclick: () => pick(entry), "data-testid": `chooser-${entry.id}` },
      avatar(entry.id, entry.name, entry.kind),
      h("span", { class: "entry-text" }, h("span", { class: "entry-name" }, h("strong", {}, entry.name)), h("span", { class: "entry-about" }, entry.about)),
    );
  const dialog = openDialog(
    { class: "chooser", "aria-label": title, "data-testid": "chooser" },
    h("h2", {}, title),
    h("div", { class: "chooser-list" }, entries.map(row)),
    h("div", { class: "dialog-actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Thôi")),
  );
}
