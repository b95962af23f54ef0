// The panel at the right: a quiet log of what the bot asked, and simulated faults.

import * as api from "./api.js";
import { byId, h, toast } from "./dom.js";
import { timeOf } from "./format.js";

const SHOWN_CALLS = 40;
// More than are shown, since the long polls among them are not.
const ASKED_CALLS = 200;
const POLL_MS = 2000;
const FAULTS = {
  "too-many": { status: 429, retry_after: 5 },
  "bad-gateway": { status: 502 },
  "lost-reply": { drop_reply: true },
};

export function setUpPanel() {
  const panel = byId("panel");
  const toggle = byId("panel-toggle");
  const show = (open) => {
    panel.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  };
  const close = () => {
    show(false);
    toggle.focus();
  };
  toggle.addEventListener("click", () => show(panel.hidden));
  byId("panel-close").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
  byId("faults").addEventListener("submit", addFault);
  byId("faults-clear").addEventListener("click", clearFaults);
  show(matchMedia("(min-width: 1200px)").matches);
  watch(panel);
}

async function watch(panel) {
  const log = new CallLog();
  for (;;) {
    // A lost connection is told elsewhere; the panel just tries again.
    if (!panel.hidden && !document.hidden) await Promise.all([log.show(), showFaults()]).catch(console.error);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Reads only what came since, going back to the first call that was still under way. */
class CallLog {
  #settled = 0;
  #calls = [];
  #sign = "";

  async show() {
    const fresh = await api.calls(this.#settled, ASKED_CALLS);
    const kept = this.#calls.filter((call) => call.id <= this.#settled);
    const open = fresh.findIndex((call) => call.status === null);
    this.#settled = (open < 0 ? fresh : fresh.slice(0, open)).at(-1)?.id ?? this.#settled;
    // Long polls come without end and tell nothing.
    this.#calls = [...kept, ...fresh.filter((call) => call.method.toLowerCase() !== "getupdates")].slice(-SHOWN_CALLS);
    this.#draw();
  }

  #draw() {
    const sign = JSON.stringify(this.#calls.map((call) => [call.id, call.status]));
    if (sign === this.#sign) return;
    this.#sign = sign;
    byId("calls-empty").hidden = this.#calls.length > 0;
    byId("calls").replaceChildren(...this.#calls.toReversed().map(callRow));
  }
}

async function showFaults() {
  const { faults } = await api.faults();
  byId("faults-set").replaceChildren(...faults.map((fault) => h("li", {}, `${fault.method ?? "Mọi lệnh"}: ${effectOf(fault)}, còn ${fault.times} lần`)));
}

function effectOf(fault) {
  if (fault.status) return String(fault.status);
  if (fault.drop_reply) return "mất phản hồi";
  if (fault.disconnect) return "đứt kết nối";
  return `chậm ${fault.delay_ms} ms`;
}

function callRow({ at, method, params, ok, status, description }) {
  const about = description ?? plain(params);
  const outcome = status === null ? "đang chờ" : String(status);
  return h(
    "li",
    {},
    h("time", {}, timeOf(Date.parse(at))),
    h("span", { class: "method" }, method),
    h("span", { class: ok === false ? "failed" : "" }, outcome),
    about && h("span", { class: "about", title: about }, about),
  );
}

/** What was said, without its HTML tags: the log is to be skimmed. */
const plain = ({ text, caption }) => (text ?? caption ?? "").replace(/<\/?[a-z][^>]*>/g, "");

async function addFault(event) {
  event.preventDefault();
  const { kind, method, times } = event.target.elements;
  const fault = { ...FAULTS[kind.value], method: method.value, times: Number(times.value) };
  try {
    await api.addFault(fault);
    await showFaults();
  } catch (error) {
    toast(`Chưa đặt được sự cố: ${error.message}`, "error");
  }
}

async function clearFaults() {
  try {
    await api.clearFaults();
    await showFaults();
    toast("Đã xóa hết sự cố");
  } catch (error) {
    toast(`Chưa xóa được sự cố: ${error.message}`, "error");
  }
}
