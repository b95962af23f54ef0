// Puts the page together: the address after "#" says whose chat is shown.

import { Beside } from "./beside.js";
import { Chat } from "./chat.js";
import { linkOpener } from "./chooser.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import { setUpPanel } from "./panel.js";
import { placeFromHash, placeHash, setUpNewcomerForm, showPeople } from "./people.js";
import { Store } from "./store.js";

const open = (place) => {
  location.hash = placeHash(place);
};

const store = new Store();
const clock = new Clock();
const chat = new Chat(store, clock, new Composer(store), linkOpener(store, open));
let selected = null;
const beside = new Beside(() => chat.writer);

const exists = ({ kind, id }) => Boolean(kind === "group" ? store.group(id) : store.person(id));

function select() {
  const wanted = placeFromHash(location.hash);
  selected = wanted && exists(wanted) ? wanted : null;
  document.body.classList.toggle("in-chat", Boolean(selected));
  showPeople(store, clock, selected);
  chat.open(selected);
  beside.follow();
}

/** A group that became a supergroup goes on under another id. */
async function leaveGoneChat() {
  await store.refresh(selected.id);
  const moved = store.chat(selected.id).messages.findLast((message) => message.migrate_to_chat_id);
  if (moved) open({ kind: "group", id: moved.migrate_to_chat_id });
  else location.hash = "";
}

store.addEventListener("people", () => {
  if (selected && !exists(selected)) return leaveGoneChat();
  showPeople(store, clock, selected);
  chat.refreshFrame();
});
store.addEventListener("chat", ({ detail }) => {
  if (detail.id === chat.chatId) chat.update(detail.added);
  showPeople(store, clock, selected);
});
store.addEventListener("clock", async () => {
  await clock.refresh();
  chat.retell();
  showPeople(store, clock, selected);
});
store.addEventListener("connection", ({ detail }) => {
  byId("offline").hidden = detail.online;
});

setUpPanel();
setUpNewcomerForm(store, open);
await Promise.all([clock.start(), store.start()]);
addEventListener("hashchange", select);
select();
