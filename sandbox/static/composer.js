// Where a person writes: text, attachments, replies, edits, reply keyboards and the commands menu.

import * as api from "./api.js";
import { CommandMenu } from "./commands.js";
import { byId, h, iconButton, toast } from "./dom.js";
import { fileSize, nameOf, summaryOf } from "./format.js";

export class Composer {
  #store;
  #talk = null;
  #drafts = new Map();
  #files = [];
  #target = null;
  #keyboardClosed = null;
  #commands = new CommandMenu((command) => {
    this.#clear();
    this.say(`/${command}`);
  });

  constructor(store) {
    this.#store = store;
    const field = this.#field;
    byId("composer-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    field.addEventListener("keydown", (event) => this.#onKey(event));
    field.addEventListener("input", () => this.#onInput());
    field.addEventListener("paste", (event) => this.#attachFrom(event, event.clipboardData));
    byId("chat").addEventListener("dragover", (event) => event.preventDefault());
    byId("chat").addEventListener("drop", (event) => this.#attachFrom(event, event.dataTransfer));
    for (const kind of ["photo", "document"]) this.#setUpPicker(kind);
    byId("commands-toggle").addEventListener("click", () => this.#commands.toggle());
    byId("keyboard-toggle").addEventListener("click", () => this.#toggleKeyboard());
  }

  get #field() {
    return byId("composer");
  }

  /** Write as `from` in `chat` from now on, going on with what was begun there. */
  show(talk) {
    this.#talk = talk;
    this.#files = [];
    this.#target = null;
    this.#field.value = this.#drafts.get(this.#draftKey()) ?? "";
    this.#showTarget();
    this.#showFiles();
    this.#grow();
    this.refresh();
    this.offerCommands();
  }

  /** Ask the bot's menu again: it depends on who writes and changes with a role. */
  offerCommands() {
    this.#commands.load(this.#talk);
  }

  /** Bring the reply keyboard in line with the chat's messages. */
  refresh() {
    const message = this.#keyboardMessage();
    const keyboard = message?.reply_markup.keyboard;
    const open = keyboard && this.#keyboardClosed !== message.message_id;
    byId("keyboard-toggle").hidden = !keyboard;
    byId("keyboard-toggle").setAttribute("aria-expanded", String(Boolean(open)));
    byId("reply-keyboard").hidden = !open;
    byId("reply-keyboard").replaceChildren(...(keyboard ?? []).map((row) => this.#keyboardRow(message, row)));
    this.#field.placeholder = message?.reply_markup.input_field_placeholder ?? "Tin nhắn";
  }

  reply(message) {
    this.#aim({ kind: "reply", message });
  }

  edit(message) {
    this.#aim({ kind: "edit", message });
    this.#field.value = message.text ?? message.caption;
    this.#grow();
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  // ---- text

  #draftKey() {
    return `${this.#talk.chat}/${this.#talk.from}`;
  }

  #onInput() {
    if (this.#target?.kind !== "edit") this.#drafts.set(this.#draftKey(), this.#field.value);
    this.#commands.suggest(this.#field.value);
    this.#grow();
  }

  #onKey(event) {
    // A Vietnamese input method uses Enter to end a word: that must not send.
    if (event.isComposing || this.#commands.onKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    }
    if (event.key === "Escape") this.#dropTarget();
  }

  #grow() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  #clear() {
    this.#drafts.delete(this.#draftKey());
    this.#field.value = "";
    this.#files = [];
    this.#target = null;
    this.#showFiles();
    this.#showTarget();
    this.#commands.close();
    this.#grow();
  }

  // ---- sending

  async #send() {
    const talk = this.#talk;
    const text = this.#field.value.trim();
    const editing = this.#target?.kind === "edit";
    if (!text && (editing || !this.#files.length)) return;
    await this.#deliver(async () => {
      await (editing ? this.#sendEdit(text) : this.#sendNew(text));
      if (this.#talk === talk) this.#clear();
    });
  }

  /** Send a text that was tapped, not written; what is being written stays. */
  async say(text) {
    await this.#deliver(() => api.send({ ...this.#talk, text }));
  }

  async #deliver(action) {
    const { chat } = this.#talk;
    byId("send").disabled = true;
    try {
      await action();
      await this.#store.refresh(chat);
    } catch (error) {
      toast(`Chưa gửi được: ${error.message}`, "error");
    } finally {
      byId("send").disabled = false;
      this.focus();
    }
  }

  #sendEdit(text) {
    return api.edit({ ...this.#talk, message_id: this.#target.message.message_id, text });
  }

  async #sendNew(text) {
    const reply = this.#target ? { reply_to: this.#target.message.message_id } : {};
    if (!this.#files.length) return api.send({ ...this.#talk, text, ...reply, split: true });
    const album = this.#files.length > 1 ? { media_group_id: crypto.randomUUID() } : {};
    for (const [index, { kind, file }] of this.#files.entries()) {
      const caption = index === 0 && text ? { caption: text } : {};
      await api.upload({ ...this.#talk, [kind]: file, ...caption, ...reply, ...album });
    }
  }

  // ---- reply and edit

  #aim(target) {
    this.#target = target;
    this.#showTarget();
    this.focus();
  }

  #dropTarget() {
    if (this.#target?.kind === "edit") this.#field.value = this.#drafts.get(this.#draftKey()) ?? "";
    this.#target = null;
    this.#showTarget();
    this.#grow();
  }

  #showTarget() {
    const target = this.#target;
    byId("target").hidden = !target;
    if (!target) return byId("target").replaceChildren();
    byId("target").replaceChildren(
      h(
        "div",
        { class: "target-text" },
        h("strong", {}, target.kind === "edit" ? "Sửa tin nhắn" : `Trả lời ${nameOf(target.message.from)}`),
        h("span", {}, summaryOf(target.message)),
      ),
      iconButton("close", target.kind === "edit" ? "Thôi sửa" : "Thôi trả lời", { onclick: () => this.#dropTarget() }),
    );
  }

  // ---- attachments

  #setUpPicker(kind) {
    const input = byId(`pick-${kind}`);
    byId(`attach-${kind}`).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#attach([...input.files], kind);
      input.value = "";
    });
  }

  #attachFrom(event, transfer) {
    if (!transfer.files.length) return;
    event.preventDefault();
    for (const file of transfer.files) this.#attach([file], file.type.startsWith("image/") ? "photo" : "document");
  }

  #attach(files, kind) {
    this.#files.push(...files.map((file) => ({ kind, file })));
    this.#showFiles();
    this.focus();
  }

  #showFiles() {
    byId("files").hidden = this.#files.length === 0;
    byId("files").replaceChildren(...this.#files.map((entry) => this.#fileChip(entry)));
  }

  #fileChip(entry) {
    const drop = () => {
      this.#files = this.#files.filter((other) => other !== entry);
      this.#showFiles();
    };
    const { kind, file } = entry;
    return h(
      "li",
      {},
      kind === "photo" && thumbnail(file),
      h("span", {}, `${kind === "photo" ? "Ảnh" : "Tệp"}: ${file.name} (${fileSize(file.size)})`),
      iconButton("close", `Bỏ ${file.name}`, { onclick: drop }),
    );
  }

  // ---- reply keyboards

  #keyboardMessage() {
    const { messages } = this.#store.chat(this.#talk.chat);
    const index = messages.findLastIndex((message) => this.#setsKeyboard(message));
    const markup = messages[index]?.reply_markup;
    const used = markup?.one_time_keyboard && messages.slice(index + 1).some((message) => message.from?.id === this.#talk.from);
    return used || markup?.remove_keyboard ? null : messages[index];
  }

  #setsKeyboard({ from, reply_markup: markup, reply_to_message: replied }) {
    if (!from?.is_bot || !(markup?.keyboard || markup?.remove_keyboard || markup?.force_reply)) return false;
    return !markup.selective || !replied || replied.from?.id === this.#talk.from;
  }

  #keyboardRow({ message_id: id }, row) {
    const press = (text) => this.#deliver(() => api.tap({ ...this.#talk, message_id: id, button: text }));
    return h(
      "div",
      { class: "keyboard-row" },
      row.map(({ text }) => h("button", { type: "button", onclick: () => press(text) }, text)),
    );
  }

  #toggleKeyboard() {
    const { message_id: id } = this.#keyboardMessage();
    this.#keyboardClosed = this.#keyboardClosed === id ? null : id;
    this.refresh();
  }
}

function thumbnail(file) {
  const url = URL.createObjectURL(file);
  return h("img", { src: url, alt: "", onload: () => URL.revokeObjectURL(url) });
}
