// What the tabs of one browser tell each other: who is logged in now.
const channel = new BroadcastChannel("chat/user");

/** @param id of the user; null for nobody */
export const tellTabs = (id) => channel.postMessage(id);

/** `callback(id)` is called when another tab tells. */
export const whenTabsTell = (callback) => channel.addEventListener("message", ({ data }) => callback(data));
