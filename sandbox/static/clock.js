// The sandbox's clock: shown in full, ticking, and moved by four buttons.

import * as api from "./api.js";
import { byId, toast } from "./dom.js";
import { dateOf, dayNumber, fullDate, monthEnd, timeOf } from "./format.js";

const TICK_MS = 500;
const milliseconds = (instant) => (typeof instant === "number" ? instant * 1000 : Date.parse(instant));

export class Clock {
  #base = Date.now();
  #since = performance.now();
  #nextDue = null;

  /** The sandbox's time in milliseconds, as last told and carried forward. */
  now() {
    return this.#base + performance.now() - this.#since;
  }

  async start() {
    byId("clock-next").addEventListener("click", () => this.#move({ to_next_due: true }));
    byId("clock-hour").addEventListener("click", () => this.#move({ advance: 3600 }));
    byId("clock-day").addEventListener("click", () => this.#move({ advance: 86_400 }));
    byId("clock-month-end").addEventListener("click", () => this.#move({ now: new Date(monthEnd(this.now())).toISOString() }));
    setInterval(() => this.#show(), TICK_MS);
    await this.refresh();
  }

  async refresh() {
    this.#set(await api.clock());
  }

  #set({ now, next_due: nextDue }) {
    this.#base = milliseconds(now);
    this.#since = performance.now();
    this.#nextDue = nextDue ? milliseconds(nextDue) : null;
    this.#show();
  }

  #show() {
    const now = this.now();
    const text = fullDate(now);
    const face = byId("clock");
    if (face.textContent !== text) face.textContent = text;
    face.dateTime = new Date(now).toISOString();
    const due = this.#nextDue !== null && this.#nextDue > now ? this.#nextDue : null;
    byId("clock-next").disabled = due === null;
    byId("clock-next-when").textContent = due === null ? "chưa có việc nào" : this.#when(due, now);
  }

  #when(due, now) {
    return dayNumber(due) === dayNumber(now) ? timeOf(due) : `${dateOf(due).slice(0, 5)} ${timeOf(due)}`;
  }

  async #move(move) {
    try {
      this.#set(await api.moveClock(move));
    } catch (error) {
      toast(`Chưa chỉnh được đồng hồ: ${error.message}`, "error");
    }
  }
}
