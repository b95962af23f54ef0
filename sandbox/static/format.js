// Dates, sizes and names as Vietnamese readers write them.

// Vietnam has had one zone without daylight saving since 1975, so a fixed shift is exact.
const VIETNAM_MS = 7 * 3600 * 1000;
const WEEKDAYS = ["Chủ nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"];
const pad = (number) => String(number).padStart(2, "0");

/** A Date whose getUTC… methods read the wall clock in Vietnam. */
const inVietnam = (ms) => new Date(ms + VIETNAM_MS);

export function timeOf(ms) {
  const at = inVietnam(ms);
  return `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}`;
}

export function dateOf(ms) {
  const at = inVietnam(ms);
  return `${pad(at.getUTCDate())}/${pad(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;
}

const weekdayOf = (ms) => WEEKDAYS[inVietnam(ms).getUTCDay()];

/** "Thứ Bảy, 21/11/2026 14:05" */
export const fullDate = (ms) => `${weekdayOf(ms)}, ${dateOf(ms)} ${timeOf(ms)}`;

/** "Hôm nay", "Hôm qua" or "Thứ Sáu, 20/11/2026" */
export function dayTitle(ms, now) {
  const days = dayNumber(now) - dayNumber(ms);
  if (days === 0) return "Hôm nay";
  if (days === 1) return "Hôm qua";
  return `${weekdayOf(ms)}, ${dateOf(ms)}`;
}

export const dayNumber = (ms) => Math.floor((ms + VIETNAM_MS) / 86_400_000);

/** The time for today, else the day and month. */
export const shortStamp = (ms, now) => (dayNumber(ms) === dayNumber(now) ? timeOf(ms) : dateOf(ms).slice(0, 5));

/** The last day of the month at 16:00; when that is past, the next month's. */
export function monthEnd(now) {
  const at = inVietnam(now);
  const endOf = (month) => Date.UTC(at.getUTCFullYear(), month + 1, 0, 16) - VIETNAM_MS;
  const thisMonth = endOf(at.getUTCMonth());
  return thisMonth > now ? thisMonth : endOf(at.getUTCMonth() + 1);
}

export function fileSize(bytes) {
  const units = ["B", "KB", "MB"];
  let size = bytes;
  while (size >= 1024 && units.length > 1) {
    size /= 1024;
    units.shift();
  }
  return `${size.toLocaleString("vi-VN", { maximumFractionDigits: 1 })} ${units[0]}`;
}

export const seconds = (count) => `${Math.floor(count / 60)}:${pad(count % 60)}`;

export const nameOf = (user) => [user?.first_name, user?.last_name].filter(Boolean).join(" ") || user?.title || "";

/** One line that stands for a message in lists, quotes and announcements. */
export function summaryOf(message) {
  const words = (message.text ?? message.caption ?? "").replace(/\s+/g, " ").trim();
  const kind = KINDS.find(([field]) => message[field]);
  if (!kind) return words || serviceText(message) || "Tin nhắn";
  const title = kind[0] === "document" ? (message.document.file_name ?? kind[1]) : kind[1];
  return words ? `${title}: ${words}` : title;
}

const KINDS = [
  ["photo", "Ảnh"],
  ["document", "Tệp"],
  ["sticker", "Nhãn dán"],
  ["voice", "Tin thoại"],
  ["video", "Video"],
  ["audio", "Âm thanh"],
  ["location", "Vị trí"],
  ["contact", "Danh bạ"],
];

/** The sentence of a service message, or an empty string for any other message. */
export function serviceText(message) {
  const who = nameOf(message.from);
  if (message.new_chat_members) return joinedText(message, who);
  if (message.left_chat_member) return leftText(message, who);
  if (message.migrate_to_chat_id) return "Nhóm đã được nâng cấp thành siêu nhóm";
  if (message.migrate_from_chat_id) return "Siêu nhóm này tiếp nối nhóm cũ";
  if (message.group_chat_created || message.supergroup_chat_created) return `${who} đã lập nhóm`;
  if (message.new_chat_title) return `${who} đã đổi tên nhóm thành “${message.new_chat_title}”`;
  if (message.pinned_message) return `${who} đã ghim một tin`;
  return "";
}

function joinedText(message, who) {
  const names = message.new_chat_members.map(nameOf).join(", ");
  const alone = message.new_chat_members.some((member) => member.id === message.from?.id);
  return alone || !who ? `${names} đã vào nhóm` : `${who} đã thêm ${names} vào nhóm`;
}

function leftText(message, who) {
  const left = message.left_chat_member;
  const alone = !who || left.id === message.from?.id;
  return alone ? `${nameOf(left)} đã rời nhóm` : `${who} đã đưa ${nameOf(left)} ra khỏi nhóm`;
}
