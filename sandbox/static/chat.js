// The middle: one chat as one person's phone shows it.

import * as api from "./api.js";
import { messageNode } from "./bubbles.js";
import { alertDialog, announce, avatar, byId, h, openMenu, toast } from "./dom.js";
import { dayNumber, dayTitle, nameOf, summaryOf } from "./format.js";
import { albums, placeChildren, startsRun } from "./rows.js";

const PAGE = 150;
const NEAR_BOTTOM_PX = 120;
// There, focus would push a keyboard over the chat.
const ON_PHONE = matchMedia("(max-width: 760px)");
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const glide = () => (CALM.matches ? "instant" : "smooth");

export class Chat {
  #store;
  #clock;
  #composer;
  #openLink;
  #place = null;
  #writers = new Map();
  #shown = PAGE;
  #rows = new Map();
  #atBottom = true;
  #lastTop = 0;

  /** `openLink(url)` follows a link as a phone would. */
  constructor(store, clock, composer, openLink) {
    this.#store = store;
    this.#clock = clock;
    this.#composer = composer;
    this.#openLink = openLink;
    byId("messages-box").addEventListener("scroll", () => this.#noteScroll());
    new ResizeObserver(() => this.#atBottom && this.#toBottom("instant")).observe(byId("messages-box"));
    byId("to-bottom").addEventListener("click", () => this.#toBottom(glide()));
    byId("older").addEventListener("click", () => this.#showOlder());
    byId("chat-menu").addEventListener("click", (event) => this.#openChatMenu(event.currentTarget));
    byId("begin").addEventListener("click", () => composer.say("/start"));
    byId("unblock").addEventListener("click", () => this.#setMember(this.#place.id, "unblock"));
    byId("writer").addEventListener("change", (event) => this.#setWriter(Number(event.target.value)));
  }

  get chatId() {
    if (this.#place?.kind === "group") return this.#place.id;
    return this.#place && this.#store.person(this.#place.id).chat_id;
  }

  /** The id of the person who holds the phone. */
  get writer() {
    return this.#place?.kind === "group" ? this.#writers.get(this.#place.id) : this.#place?.id;
  }

  /** Show a person's chat with the bot or a group; null shows the invitation to choose one. */
  open(place) {
    this.#place = place;
    this.#shown = PAGE;
    this.#rows = new Map();
    byId("messages").replaceChildren();
    byId("chat").hidden = !place;
    byId("no-chat").hidden = Boolean(place);
    if (!place) return;
    this.#showFrame();
    this.#composer.show({ chat: this.chatId, from: this.writer });
    this.#store.markRead(this.chatId);
    this.#render();
    this.#toBottom("instant");
    if (!ON_PHONE.matches) this.#composer.focus();
  }

  /** Take in what the store found new in the open chat. */
  update(added) {
    const follow = this.#atBottom || added.some((message) => message.from?.id === this.writer);
    this.#render();
    this.#composer.refresh();
    if (follow) this.#toBottom(glide());
    this.#store.markRead(this.chatId);
    const heard = added.filter((message) => message.from?.id !== this.writer);
    if (heard.length) announce(heard.map((message) => `${nameOf(message.from)}: ${summaryOf(message)}`).join(". "));
  }

  /** Say "Hôm nay" of the right day again after the clock was moved. */
  retell() {
    if (this.#place) this.#render();
  }

  /** Take in that people, members or commands have changed. */
  refreshFrame() {
    if (!this.#place) return;
    const writer = this.writer;
    this.#showFrame();
    if (writer === this.writer) this.#composer.offerCommands();
    else this.#setWriter(this.writer);
  }

  #showFrame() {
    const group = this.#place.kind === "group" ? this.#store.group(this.#place.id) : null;
    const bot = this.#store.bot;
    const title = group ? group.title : bot.name;
    byId("chat-avatar").replaceChildren(avatar(group ? group.id : bot.id, title, group ? "group" : "bot"));
    byId("chat-title").textContent = title;
    byId("chat-about").textContent = group ? "" : `Máy của ${this.#store.person(this.#place.id).name}`;
    byId("writer-field").hidden = !group;
    if (group) this.#offerWriters(group);
    const blocked = !group && this.#store.person(this.#place.id).blocked;
    byId("blocked").hidden = !blocked;
    byId("composer-form").hidden = blocked || !this.writer;
  }

  #offerWriters(group) {
    const members = this.#store.people.filter((person) => group.members.includes(person.id));
    const before = this.#writers.get(group.id);
    const writer = group.members.includes(before) ? before : members[0]?.id;
    this.#writers.set(group.id, writer);
    byId("writer").replaceChildren(
      ...members.map((person) => h("option", { value: person.id, selected: person.id === writer }, [person.name, person.role].filter(Boolean).join(" – "))),
    );
  }

  #setWriter(id) {
    this.#writers.set(this.#place.id, id);
    this.#composer.show({ chat: this.chatId, from: id });
    this.#render();
  }

  // ---- the messages

  #render() {
    const wanted = this.#layout();
    const rows = new Map();
    for (const { key, sign, build } of wanted) {
      const old = this.#rows.get(key);
      rows.set(key, old?.sign === sign ? old : { sign, node: build() });
    }
    this.#rows = rows;
    const box = byId("messages");
    const hadFocus = box.contains(document.activeElement);
    placeChildren(box, [...rows.values()].map((row) => row.node));
    if (hadFocus && !box.contains(document.activeElement)) this.#composer.focus();
    const total = this.#store.chat(this.chatId).messages.length;
    byId("older").hidden = total <= this.#shown;
    byId("empty-chat").hidden = total > 0;
    byId("begin").hidden = this.#place.kind === "group";
  }

  /** [{key, sign, build}]: a row is built again only when its sign changes. */
  #layout() {
    const messages = this.#store.chat(this.chatId).messages.slice(-this.#shown);
    const rows = [];
    let before = null;
    for (const album of albums(messages)) {
      const message = album[0];
      const day = dayNumber(message.date * 1000);
      if (!before || dayNumber(before.date * 1000) !== day) {
        const title = dayTitle(message.date * 1000, this.#clock.now());
        rows.push({ key: `day-${day}-${message.message_id}`, sign: title, build: () => h("li", { class: "day" }, h("span", {}, title)) });
        before = null;
      }
      rows.push(this.#messageRow(album, startsRun(before, message)));
      before = message;
    }
    return rows;
  }

  #messageRow(album, named) {
    const mine = album[0].from?.id === this.writer;
    const view = {
      mine,
      named,
      inGroup: this.#place.kind === "group",
      follow: { link: this.#openLink, command: (text) => this.#composer.say(text) },
      tap: (message, button) => this.#tap(message, button),
      openActions: (message, x, y) => this.#openActions(message, x, y),
      goTo: (id) => this.#goTo(id),
    };
    return { key: album[0].message_id, sign: JSON.stringify([mine, named, album]), build: () => messageNode(album, view) };
  }

  #showOlder() {
    const box = byId("messages-box");
    const fromBottom = box.scrollHeight - box.scrollTop;
    this.#shown += PAGE;
    this.#render();
    box.scrollTop = box.scrollHeight - fromBottom;
  }

  #goTo(id) {
    const messages = this.#store.chat(this.chatId).messages;
    const index = messages.findIndex((message) => message.message_id === id);
    if (index < 0) return toast("Tin được trả lời không còn nữa");
    this.#shown = Math.max(this.#shown, messages.length - index + 10);
    this.#render();
    const node = document.querySelector(`[data-testid="message-${id}"]`);
    node?.scrollIntoView({ block: "center", behavior: glide() });
    node?.classList.add("flash");
    setTimeout(() => node?.classList.remove("flash"), 1500);
  }

  #nearBottom() {
    const box = byId("messages-box");
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_BOTTOM_PX;
  }

  #toBottom(behavior) {
    const box = byId("messages-box");
    this.#atBottom = true;
    box.scrollTo({ top: box.scrollHeight, behavior });
  }

  /** Only the reader's own way up ends the following; a chat that grew has not been left. */
  #noteScroll() {
    const { scrollTop } = byId("messages-box");
    if (this.#nearBottom()) this.#atBottom = true;
    else if (scrollTop < this.#lastTop) this.#atBottom = false;
    this.#lastTop = scrollTop;
    byId("to-bottom").hidden = this.#atBottom;
  }

  // ---- what the reader does

  async #tap(message, button) {
    if (button.url) return this.#openLink(button.url);
    if (button.copy_text) return copy(button.copy_text.text);
    try {
      const press = { from: this.writer, chat: this.chatId, message_id: message.message_id, button: button.callback_data ?? button.text };
      const reply = await api.tap(press);
      if (reply.url) this.#openLink(reply.url);
      else if (reply.answer?.text) (reply.answer.show_alert ? alertDialog : toast)(reply.answer.text);
    } catch (error) {
      toast(`Chưa bấm được nút: ${error.message}`, "error");
    }
  }

  #openActions(message, x, y) {
    const words = message.text ?? message.caption;
    const items = [{ icon: "reply", label: "Trả lời", action: () => this.#composer.reply(message) }];
    if (words) items.push({ icon: "copy", label: "Sao chép", action: () => copy(words) });
    if (words && message.from?.id === this.writer) {
      items.push({ icon: "edit", label: "Sửa", action: () => this.#composer.edit(message) });
    }
    openMenu(items, x, y);
  }

  #openChatMenu(opener) {
    const box = opener.getBoundingClientRect();
    openMenu(this.#place.kind === "group" ? this.#groupItems() : this.#privateItems(), box.right - 220, box.bottom + 4);
  }

  #groupItems() {
    const { members } = this.#store.group(this.#place.id);
    return this.#store.people.map(({ id, name }) =>
      members.includes(id)
        ? { icon: "leave", label: `${name} rời nhóm`, action: () => this.#setMember(id, "leave") }
        : { icon: "person-add", label: `${name} vào nhóm`, action: () => this.#setMember(id, "join") },
    );
  }

  #privateItems() {
    const { id } = this.#place;
    return [
      this.#store.person(id).blocked
        ? { icon: "check", label: "Bỏ chặn bot", action: () => this.#setMember(id, "unblock") }
        : { icon: "block", label: "Chặn bot", action: () => this.#setMember(id, "block") },
    ];
  }

  async #setMember(id, status) {
    try {
      await api.setMember(this.chatId, id, status);
    } catch (error) {
      toast(`Chưa đổi được: ${error.message}`, "error");
    }
  }
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast("Đã sao chép");
}
