// One message (or one album) of a chat as a DOM node.

import { fileUrl } from "./api.js";
import { avatar, h, hue, icon, iconButton, openDialog } from "./dom.js";
import { fileSize, nameOf, seconds, serviceText, summaryOf, timeOf } from "./format.js";
import { richText } from "./text.js";

/**
 * `album` holds one message, or all messages of a media group. `view` says how the reader sees it:
 * {mine, named, inGroup} and what a click does: {follow, tap(message, button), openActions(message, x, y), goTo(id)}.
 */
export function messageNode(album, view) {
  const message = album[0];
  const service = serviceText(message);
  if (service) return h("li", { class: "service", "data-testid": `message-${message.message_id}` }, service);
  const bubble = h("div", { class: bubbleClass(album) }, ...content(album, view));
  bubble.addEventListener("contextmenu", (event) => openFromPointer(event, message, view));
  return h(
    "li",
    { class: `message ${view.mine ? "mine" : "theirs"}${view.named ? " first" : ""}`, "data-testid": `message-${message.message_id}` },
    view.inGroup && !view.mine && (view.named ? avatar(message.from.id, nameOf(message.from), message.from.is_bot ? "small bot" : "small") : h("span", { class: "avatar-gap" })),
    h("div", { class: "stack" }, bubble, inlineKeyboard(message, view)),
    actionsButton(message, view),
  );
}

function openFromPointer(event, message, view) {
  if (event.target.closest("a") || String(getSelection())) return;
  event.preventDefault();
  view.openActions(message, event.clientX, event.clientY);
}

function actionsButton(message, view) {
  const open = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    view.openActions(message, box.left, box.bottom + 4);
  };
  return iconButton("more", "Thao tác với tin này", { class: "icon-button actions", "aria-haspopup": "menu", onclick: open });
}

function bubbleClass(album) {
  const onlyPicture = album[0].photo && !album.some((message) => message.caption);
  return `bubble${onlyPicture ? " picture" : ""}${album[0].sticker ? " bare" : ""}`;
}

function content(album, view) {
  const message = album[0];
  const worded = album.find((each) => each.text ?? each.caption) ?? message;
  const text = worded.text ?? worded.caption;
  return [
    view.named && view.inGroup && !view.mine && h("div", { class: `sender ${message.from.is_bot ? "bot" : hue(message.from.id)}` }, nameOf(message.from)),
    message.reply_to_message && quote(message.reply_to_message, view),
    message.photo && photos(album),
    message.document && album.map((each) => documentRow(each.document, memberHook(each, album))),
    ...otherMedia(message),
    text && h("div", { class: "text", dir: "auto" }, richText(text, worded.entities ?? worded.caption_entities, view.follow)),
    stamp(album),
  ];
}

function stamp(album) {
  const edited = album.some((message) => message.edit_date);
  const ms = album[0].date * 1000;
  return h("div", { class: "stamp" }, edited && h("span", {}, "đã sửa"), h("time", { datetime: new Date(ms).toISOString() }, timeOf(ms)));
}

function quote(replied, view) {
  const go = () => view.goTo(replied.message_id);
  return h(
    "button",
    { type: "button", class: "quote", onclick: go, "aria-label": `Trả lời tin của ${nameOf(replied.from)}, bấm để tới tin đó` },
    h("strong", {}, nameOf(replied.from)),
    h("span", {}, summaryOf(replied)),
  );
}

function photos(album) {
  const pictures = album.filter((message) => message.photo);
  return h("div", { class: `photos count-${Math.min(pictures.length, 4)}` }, pictures.map((each) => photo(each, memberHook(each, album))));
}

/** The row bears the id of an album's first message; each other message is found by its own. */
const memberHook = (message, album) => (message === album[0] ? null : `message-${message.message_id}`);

function photo(message, hook) {
  const size = message.photo.at(-1);
  const source = fileUrl(size.file_id);
  const label = message.caption ? `Ảnh: ${message.caption}` : "Ảnh";
  const image = h("img", { src: source, alt: label, width: size.width || null, height: size.height || null, loading: "lazy" });
  const enlarge = () => showPhoto(source, label);
  return h("button", { type: "button", class: "photo", "data-testid": hook, "aria-label": `${label}. Bấm để phóng to`, onclick: enlarge }, image);
}

function showPhoto(source, label) {
  const dialog = openDialog(
    { class: "lightbox", "aria-label": label },
    h("img", { src: source, alt: label, onclick: () => dialog.close() }),
    iconButton("close", "Đóng ảnh", { onclick: () => dialog.close() }),
  );
}

function documentRow(file, hook) {
  const name = file.file_name ?? "tệp";
  const kind = name.includes(".") ? name.split(".").at(-1).slice(0, 4).toUpperCase() : "";
  return h(
    "a",
    { class: "document", "data-testid": hook, href: fileUrl(file.file_id), download: name, "aria-label": `Tải tệp ${name}` },
    h("span", { class: "document-kind", "data-kind": kind.toLowerCase() }, kind || icon("file")),
    h(
      "span",
      { class: "document-text" },
      h("span", { class: "document-name" }, name),
      file.file_size !== undefined && h("span", { class: "document-size" }, fileSize(file.file_size)),
    ),
    icon("download"),
  );
}

function otherMedia({ sticker, voice, audio, video, location, contact }) {
  return [
    sticker && h("div", { class: "sticker", role: "img", "aria-label": "Nhãn dán" }, sticker.emoji ?? "🙂"),
    voice && mediaRow("voice", `Tin thoại ${seconds(voice.duration)}`),
    audio && mediaRow("voice", audio.title ?? "Âm thanh"),
    video && mediaRow("file", "Video"),
    location && mediaRow("link", `Vị trí ${location.latitude}, ${location.longitude}`),
    contact && mediaRow("person-add", `Danh bạ: ${nameOf(contact)}`),
  ];
}

const mediaRow = (name, label) => h("div", { class: "media-row" }, icon(name), label);

function inlineKeyboard(message, view) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return h(
    "div",
    { class: "inline-keyboard" },
    rows.map((row) => h("div", { class: "keyboard-row" }, row.map((button) => inlineButton(message, button, view)))),
  );
}

function inlineButton(message, button, view) {
  const press = async ({ currentTarget: pressed }) => {
    if (pressed.getAttribute("aria-busy")) return;
    pressed.setAttribute("aria-busy", "true");
    await view.tap(message, button);
    pressed.removeAttribute("aria-busy");
  };
  return h("button", { type: "button", onclick: press }, button.text, button.url && icon("link"));
}
