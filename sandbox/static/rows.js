// How a chat's messages become rows.

import { serviceText } from "./format.js";

const RUN_SECONDS = 600;

/** Lists of messages that share a row: a media group stands where it began, any other message alone. */
export function albums(messages) {
  const rows = new Map();
  for (const message of messages) {
    const key = message.media_group_id ?? message.message_id;
    if (rows.has(key)) rows.get(key).push(message);
    else rows.set(key, [message]);
  }
  return [...rows.values()];
}

/** Whether a message opens a new run of its sender, told by name and picture. */
export function startsRun(before, message) {
  if (!before || before.from?.id !== message.from?.id) return true;
  return Boolean(serviceText(before)) || message.date - before.date > RUN_SECONDS;
}

/** Make `nodes` the children of `list`, touching only what changed, so that focus and images stay. */
export function placeChildren(list, nodes) {
  const kept = new Set(nodes);
  for (const child of [...list.children]) if (!kept.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}
