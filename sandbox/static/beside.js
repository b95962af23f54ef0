// The same person's Zalo beside the open chat.

import { byId, h } from "./dom.js";

/** Let the button show and hide the second phone; `person()` says whose it is. */
export class Beside {
  #frame = null;
  #person;

  constructor(person) {
    this.#person = person;
    byId("zalo-toggle").addEventListener("click", () => this.#toggle());
  }

  /** Another chat was opened. */
  follow() {
    byId("zalo-toggle").disabled = !this.#person();
    if (this.#frame && this.#person()) this.#frame.contentWindow.location.hash = `person-${this.#person()}`;
  }

  #toggle() {
    this.#frame?.remove();
    this.#frame = this.#frame ? null : h("iframe", { class: "beside", title: "Máy Zalo", src: `/zalo#person-${this.#person()}` });
    if (this.#frame) byId("chat").after(this.#frame);
    byId("zalo-toggle").setAttribute("aria-pressed", String(Boolean(this.#frame)));
  }
}
