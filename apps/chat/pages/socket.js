// A client of the server's WebSocket protocol that reconnects by itself.
import { Refused } from "./api.js";
import { delayBefore } from "./backoff.js";

/** A request without a reply, and a handshake without an end, mean that the connection is gone. */
const patience = 10_000;
/** A quiet connection is tried this often, as a browser isn't told when the network vanishes. */
const quiet = 30_000;

/** The connection broke before the reply: the request may or may not have been done. */
export class ConnectionLost extends Error {}

/**
 * Every connection starts from nothing: whoever listens to "online" subscribes anew.
 *
 * Events: "online"; "offline", whose detail is the time of the next attempt (null: now being
 * made); "frame", whose detail is a frame that answers no request.
 */
export class Socket extends EventTarget {
  #url;
  #admit;
  #probe;
  #ws = null;
  #online = false;
  #attempts = 0;
  #timer = null;
  #lastHeard = 0;
  #lastId = 0;
  #replies = new Map(); // request id -> {resolve, reject, timer}
  #subscriptions = new Map(); // request id -> callback

  /**
   * @param path    of the WebSocket on this server
   * @param admit   awaited before each attempt to reconnect; it throws while the server is away
   * @param probe   [action, arguments] of a cheap request that shows whether the connection lives
   */
  constructor(path, { admit, probe }) {
    super();
    this.#url = new URL(path, location.href.replace(/^http/, "ws"));
    this.#admit = admit;
    this.#probe = probe;
    addEventListener("online", () => this.wake());
    addEventListener("offline", () => this.#lose(this.#ws));
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    setInterval(() => {
      if (!document.hidden && Date.now() - this.#lastHeard >= quiet) this.wake();
    }, quiet / 3);
  }

  get online() {
    return this.#online;
  }

  /** Connects now instead of later; tries the connection if there is one. */
  wake() {
    if (this.#online) this.request(...this.#probe).catch(() => {});
    else if (this.#timer !== null) this.connect();
  }

  async connect() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#announce("offline", null);
    const attempt = (this.#ws = {}); // replaced by the socket, unless given up until then
    try {
      if (this.#attempts > 0) await this.#admit();
    } catch {
      return this.#lose(attempt);
    }
    if (this.#ws !== attempt) return;

    const ws = (this.#ws = new WebSocket(this.#url));
    const opening = setTimeout(() => this.#lose(ws), patience);
    ws.onopen = () => {
      clearTimeout(opening);
      this.#online = true;
      this.#lastHeard = Date.now();
      this.#announce("online");
    };
    ws.onmessage = ({ data }) => ws === this.#ws && this.#receive(JSON.parse(data));
    ws.onclose = () => {
      clearTimeout(opening);
      this.#lose(ws);
    };
  }

  /** What was asked for was done: the next attempt, if there must be one, is a first one. */
  succeed() {
    this.#attempts = 0;
  }

  /** Gives the connection up, as the server can't do what is needed now, and tries again later. */
  fail() {
    this.#lose(this.#ws);
  }

  /** Ends it: no connection, no further attempt. */
  close() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#drop();
  }

  /** Sends an action that has no reply. */
  send(action, args = {}) {
    return this.#send({ action, request_id: ++this.#lastId, ...args });
  }

  /** Resolves to the data of the reply; rejects with Refused or ConnectionLost. */
  request(action, args = {}) {
    return new Promise((resolve, reject) => {
      const id = this.send(action, args);
      if (id === null) return reject(new ConnectionLost(action));
      const ws = this.#ws;
      const timer = setTimeout(() => this.#lose(ws), patience);
      this.#replies.set(id, { resolve, reject, timer });
    });
  }

  /** Like request; each later frame under its id goes to `callback(action, data)`. */
  subscribe(action, args, callback) {
    const reply = this.request(action, args);
    this.#subscriptions.set(this.#lastId, callback);
    return reply;
  }

  #send(frame) {
    if (!this.#online) return null;
    this.#ws.send(JSON.stringify(frame));
    return frame.request_id;
  }

  #receive(frame) {
    this.#lastHeard = Date.now();
    const reply = this.#replies.get(frame.request_id);
    if (reply) {
      this.#replies.delete(frame.request_id);
      clearTimeout(reply.timer);
      if (frame.response_status < 400) reply.resolve(frame.data);
      else reply.reject(new Refused(frame.response_status, frame.errors));
    } else if (this.#subscriptions.has(frame.request_id)) {
      this.#subscriptions.get(frame.request_id)(frame.action, frame.data);
    } else {
      this.#announce("frame", frame);
    }
  }

  /** Gives a connection, or an attempt at one, up and plans the next. */
  #lose(ws) {
    if (ws === null || ws !== this.#ws) return;
    this.#drop();
    const delay = delayBefore(this.#attempts++);
    this.#timer = setTimeout(() => this.connect(), delay);
    this.#announce("offline", Date.now() + delay);
  }

  #drop() {
    if (this.#ws instanceof WebSocket) this.#ws.close();
    this.#ws = null;
    this.#online = false;
    this.#subscriptions.clear();
    const unanswered = [...this.#replies.values()];
    this.#replies.clear();
    for (const { reject, timer } of unanswered) {
      clearTimeout(timer);
      reject(new ConnectionLost());
    }
  }

  #announce(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
