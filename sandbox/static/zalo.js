// One person's Zalo: plain text with styles, pictures by address, and nothing to tap.

import { events, formData, get, lastEvent, post, request } from "./api.js";
import { announce, avatar, byId, h, toast } from "./dom.js";
import { dayNumber, dayTitle, nameOf, timeOf } from "./format.js";
import { richText } from "./text.js";

const STYLES = { b: "bold", i: "italic", u: "underline", s: "strikethrough" };
const PLATFORM = { platform: "zalo" };
const RETRY_MS = 2000;

let people = [];
let groups = [];
let bot = null;
let now = 0;
let shown = 0;

const person = () => Number(byId("person").value);
const place = () => Number(byId("place").value) || person();
const mine = (message) => message.from.id === person() && !message.from.is_bot;

// ---- reading

async function loadPeople() {
  const reply = await get("/sim/people", PLATFORM);
  ({ people, groups } = reply);
  bot = reply.bots[0];
  const wanted = Number(/person-(\d+)/.exec(location.hash)?.[1]) || person() || people[0]?.id;
  byId("person").replaceChildren(
    ...people.map(({ id, name }) => h("option", { value: id, selected: id === wanted }, name)),
  );
  offerPlaces();
  showFrame();
}

function offerPlaces() {
  const before = place();
  const own = groups.filter((group) => group.members.includes(person()));
  byId("group-field").hidden = own.length === 0;
  byId("place").replaceChildren(
    h("option", { value: person() }, "tin riêng với bot"),
    ...own.map(({ id, title }) => h("option", { value: id, selected: id === before }, title)),
  );
}

function showFrame() {
  byId("chat-title").textContent = bot.name;
  byId("chat-avatar").replaceChildren(avatar(bot.id ?? 0, bot.name, "bot"));
  byId("month").textContent = `Tháng này: ${bot.month.out} tin gửi, ${bot.month.in} tin đến`;
}

async function showAll() {
  shown = 0;
  byId("messages").replaceChildren();
  now = Date.parse((await get("/sim/clock")).now);
  await showNew();
}

async function showNew() {
  if (!person()) return;
  const { messages } = await get(`/sim/chats/${place()}/messages`, { after: shown, ...PLATFORM });
  const fresh = messages.filter((message) => message.message_id > shown);
  for (const message of fresh) byId("messages").append(...dayRow(message), row(message));
  shown = fresh.at(-1)?.message_id ?? shown;
  if (fresh.length) toEnd();
  const heard = fresh.filter((message) => !mine(message) && message.text);
  if (heard.length === 1) announce(heard[0].text);
}

const toEnd = () => byId("messages-box").scrollTo({ top: byId("messages-box").scrollHeight });

function dayRow({ message_id: id, date }) {
  const last = byId("messages").lastElementChild?.dataset.day;
  if (last === String(dayNumber(date * 1000))) return [];
  return [h("li", { class: "day", "data-testid": `day-${id}` }, h("span", {}, dayTitle(date * 1000, now)))];
}

function row(message) {
  const side = mine(message) ? "mine" : "theirs";
  const ms = message.date * 1000;
  return h(
    "li",
    { class: `message first ${side}`, "data-day": dayNumber(ms), "data-testid": `zalo-message-${message.message_id}` },
    h(
      "div",
      { class: "stack" },
      h(
        "div",
        { class: "bubble" },
        side === "theirs" && place() < 0 && h("div", { class: "sender" }, nameOf(message.from)),
        ...content(message),
        h("div", { class: "stamp" }, h("time", { datetime: new Date(ms).toISOString() }, timeOf(ms))),
      ),
    ),
  );
}

function content(message) {
  const { text, caption, photo_url: photo, sticker, voice_url: voice, kind } = message;
  return [
    photo && h("img", { class: "shared", src: photo, alt: caption ?? "Ảnh", onload: toEnd }),
    sticker && h("div", { class: "sticker", role: "img", "aria-label": "Nhãn dán" }, "🙂"),
    voice && h("div", { class: "media-row" }, "Tin thoại"),
    kind === "unsupported" && h("div", { class: "media-row" }, "Nội dung mà bot không đọc được"),
    (text ?? caption) && h("div", { class: "text", dir: "auto" }, richText(text ?? caption, entities(message), follow)),
  ];
}

const entities = ({ text_styles: styles = [] }) =>
  styles.flatMap(({ start, len, st }) => st.map((code) => ({ type: STYLES[code], offset: start, length: len })));

const follow = { link: (url) => open(url, "_blank", "noreferrer"), command: (text) => say({ text }) };

// ---- writing

async function deliver(action) {
  try {
    await action();
    await showNew();
  } catch (error) {
    toast(`Chưa gửi được: ${error.message}`, "error");
  }
}

const say = (body) => deliver(() => post("/sim/message", { ...PLATFORM, from: person(), chat: place(), ...body }));

function setUpComposer() {
  const field = byId("composer");
  const send = async () => {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    await say({ text, split: true });
  };
  byId("composer-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  });
  byId("sticker").addEventListener("click", () => say({ sticker: true }));
  byId("attach-photo").addEventListener("click", () => byId("pick-photo").click());
  byId("pick-photo").addEventListener("change", ({ target }) => {
    const [photo] = target.files;
    const fields = { from: person(), chat: place(), photo };
    if (photo) deliver(() => request("POST", "/sim/message?platform=zalo", formData(fields)));
    target.value = "";
  });
}

// ---- keeping up

async function followEvents(last) {
  for (;;) {
    const reply = await events(last).catch(() => null);
    if (!reply) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      continue;
    }
    last = reply.last;
    const types = new Set(reply.events.map((event) => event.type));
    if (types.has("clock")) await showAll().catch(console.error);
    await loadPeople().catch(console.error);
    await showNew().catch(console.error);
  }
}

setUpComposer();
const last = await lastEvent();
await loadPeople();
await showAll();
byId("person").addEventListener("change", () => {
  location.hash = `person-${person()}`;
});
byId("place").addEventListener("change", showAll);
addEventListener("hashchange", async () => {
  await loadPeople();
  await showAll();
});
followEvents(last);
