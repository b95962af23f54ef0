// The "/" menu: the commands that the bot offers this person in this chat.

import * as api from "./api.js";
import { byId, h } from "./dom.js";

export class CommandMenu {
  #choose;
  #talk = null;
  #all = [];
  #matching = [];
  #current = 0;

  constructor(choose) {
    this.#choose = choose;
  }

  async load(talk) {
    if (this.#talk !== talk) this.close();
    this.#talk = talk;
    const { commands } = await api.commands(talk.chat, talk.from).catch(() => ({ commands: [] }));
    if (this.#talk !== talk) return;
    this.#all = commands;
    byId("commands-toggle").hidden = commands.length === 0;
  }

  async toggle() {
    if (this.#matching.length) return this.close();
    await this.load(this.#talk);
    this.#show(this.#all);
    byId("composer").focus();
  }

  /** Offer what fits the text of the composer, once it starts with "/". */
  suggest(text) {
    const typed = /^\/(\w*)$/.exec(text)?.[1].toLowerCase();
    const fitting = typed === undefined ? [] : this.#all.filter(({ command }) => command.startsWith(typed));
    // A command that was typed whole is the one meant, however many begin like it.
    this.#show(fitting.sort((a, b) => (b.command === typed) - (a.command === typed)));
  }

  close() {
    this.#show([]);
  }

  /** Walk and choose by keyboard; true when the key was the menu's. */
  onKey(event) {
    if (!this.#matching.length) return false;
    const act = {
      ArrowDown: () => this.#move(1),
      ArrowUp: () => this.#move(-1),
      Enter: () => this.#choose(this.#matching[this.#current].command),
      Escape: () => this.close(),
    }[event.key];
    if (!act) return false;
    event.preventDefault();
    act();
    return true;
  }

  #move(step) {
    const count = this.#matching.length;
    this.#current = (this.#current + step + count) % count;
    this.#draw();
  }

  #show(commands) {
    this.#matching = commands;
    this.#current = 0;
    this.#draw();
  }

  #draw() {
    const open = this.#matching.length > 0;
    byId("commands").hidden = !open;
    byId("commands-toggle").setAttribute("aria-expanded", String(open));
    byId("commands").replaceChildren(...this.#matching.map((entry, index) => this.#option(entry, index)));
    const current = byId("commands").children[this.#current];
    if (current) byId("composer").setAttribute("aria-activedescendant", current.id);
    else byId("composer").removeAttribute("aria-activedescendant");
    current?.scrollIntoView({ block: "nearest" });
  }

  #option({ command, description }, index) {
    return h(
      "li",
      {
        id: `command-${command}`,
        role: "option",
        "aria-selected": String(index === this.#current),
        onmousedown: (event) => event.preventDefault(),
        onclick: () => this.#choose(command),
      },
      h("strong", {}, `/${command}`),
      h("span", {}, description),
    );
  }
}
