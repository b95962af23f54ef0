// The sandbox's control interface (docs/sandbox.md), one function per request.

const LONG_POLL_SECONDS = 25;
// The refusals that a person meets at this page, in that person's words.
const REFUSALS = [
  [/has blocked the bot/, "người này đã chặn bot"],
  [/is not in chat/, "người này không ở trong nhóm"],
  [/no message \d+/, "tin đó không còn nữa"],
  [/no button/, "nút đó không còn nữa"],
  [/is no picture/, "tệp này không phải ảnh PNG, JPEG, GIF hay WebP"],
  [/larger than 10 MB/, "ảnh lớn hơn 10 MB, hãy gửi dạng tệp"],
  [/caption is longer/, "chú thích dài quá 1.024 ký tự"],
  [/has its \d+ users/, "bot này đã đủ số người dùng"],
];

export async function request(method, path, body) {
  const isForm = body instanceof FormData;
  const response = await fetch(path, {
    method,
    headers: body && !isForm ? { "Content-Type": "application/json" } : {},
    body: isForm ? body : JSON.stringify(body),
  });
  if (response.ok) return response.json();
  const reason = (await response.json().catch(() => ({}))).error ?? `máy chủ trả lời mã ${response.status}`;
  throw new Error(REFUSALS.find(([pattern]) => pattern.test(reason))?.[1] ?? reason);
}

export const get = (path, query = {}) => request("GET", `${path}?${new URLSearchParams(query)}`);
export const post = (path, body) => request("POST", path, body);

export function formData(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

export const people = () => get("/sim/people");
export const messages = (chat, after, revision) => get(`/sim/chats/${chat}/messages`, { after, after_revision: revision });
export const commands = (chat, user) => get(`/sim/chats/${chat}/commands`, { user });
export const lastEvent = async () => (await get("/sim/events", { after: 0, wait: 0 })).last;
export const events = (after) => get("/sim/events", { after, wait: LONG_POLL_SECONDS });
export const addUser = (name) => post("/sim/users", { first_name: name });
export const send = (message) => post("/sim/message", message);
export const upload = (fields) => post("/sim/message", formData(fields));
export const edit = (change) => post("/sim/edit", change);
export const tap = (press) => post("/sim/tap", press);
export const setMember = (chat, user, status) => post("/sim/member", { chat, user, status });
export const clock = () => get("/sim/clock");
export const moveClock = (move) => post("/sim/clock", move);
export const calls = (after, limit) => get("/sim/calls", { after, limit });
export const faults = () => get("/sim/faults");
export const addFault = (fault) => post("/sim/faults", fault);
export const clearFaults = () => request("DELETE", "/sim/faults");
export const fileUrl = (fileId) => `/sim/files/${encodeURIComponent(fileId)}`;
