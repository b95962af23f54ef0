// What the page knows of the sandbox, kept fresh by its event stream.

import * as api from "./api.js";

const RETRY_MS = 2000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Emits "people", "chat" {id, added}, "clock" and "connection" {online}.
 * `added` holds the messages that are new since the page last looked.
 */
export class Store extends EventTarget {
  people = [];
  groups = [];
  bot = null;
  #chats = new Map();
  #busy = new Map();

  async start() {
    const last = await api.lastEvent();
    await this.loadPeople();
    this.#follow(last);
  }

  person(id) {
    return this.people.find((person) => person.id === id);
  }

  group(id) {
    return this.groups.find((group) => group.id === id);
  }

  chat(id) {
    if (!this.#chats.has(id)) this.#chats.set(id, { id, messages: [], revision: 0, unread: 0, loaded: false });
    return this.#chats.get(id);
  }

  async loadPeople() {
    const { people, groups, bots } = await api.people();
    Object.assign(this, { people, groups, bot: bots[0] });
    const ids = [...people.map((person) => person.chat_id), ...groups.map((group) => group.id)];
    await Promise.all(ids.filter((id) => !this.chat(id).loaded).map((id) => this.refresh(id)));
    this.#emit("people");
  }

  markRead(id) {
    if (!this.chat(id).unread) return;
    this.chat(id).unread = 0;
    this.#emit("people");
  }

  /** Fetch what is new in a chat; calls that overlap share one more round. */
  refresh(id) {
    const busy = this.#busy.get(id);
    if (busy) {
      busy.again ??= busy.round.then(() => this.refresh(id));
      return busy.again;
    }
    const round = this.#fetch(id).finally(() => this.#busy.delete(id));
    this.#busy.set(id, { round });
    return round;
  }

  async #fetch(id) {
    const chat = this.chat(id);
    const reply = await api.messages(id, chat.messages.at(-1)?.message_id ?? 0, chat.revision);
    const known = new Map(chat.messages.map((message) => [message.message_id, message]));
    const added = reply.messages.filter((message) => !known.has(message.message_id) && !message.deleted);
    for (const message of reply.messages) known.set(message.message_id, message);
    const kept = [...known.values()].filter((message) => !message.deleted);
    const first = !chat.loaded;
    Object.assign(chat, {
      messages: kept.sort((a, b) => a.message_id - b.message_id),
      revision: reply.revision,
      loaded: true,
    });
    if (!first) chat.unread += added.filter((message) => message.from?.is_bot).length;
    if (reply.messages.length) this.#emit("chat", { id, added: first ? [] : added });
  }

  async #follow(last) {
    for (;;) {
      const reply = await api.events(last).catch(() => null);
      if (!reply) return this.#waitForReturn();
      last = reply.last;
      await this.#apply(reply.events).catch(console.error);
    }
  }

  /** A messenger that was away may have begun anew, so the page does too. */
  async #waitForReturn() {
    this.#emit("connection", { online: false });
    while (!(await api.lastEvent().then(() => true, () => false))) await pause(RETRY_MS);
    location.reload();
  }

  async #apply(events) {
    const types = new Set(events.map((event) => event.type));
    const chats = new Set(events.filter((event) => event.chat_id && !event.platform).map((event) => event.chat_id));
    if (types.has("clock")) this.#emit("clock");
    if (types.has("people") || types.has("chat")) await this.loadPeople();
    await Promise.all([...chats].filter((id) => this.#chats.has(id)).map((id) => this.refresh(id)));
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
