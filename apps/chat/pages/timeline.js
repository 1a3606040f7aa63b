// What of a room's conversation is in the page: one piece without gaps, of a bounded size.

/** As many are fetched at once, and as many more than `most` may be in the page for a while. */
const page = 50;
/** So many messages are in the page; the others are fetched again when the reader comes to them. */
const most = 400;
/** Closer to an end of what is in the page than this, the next piece is fetched. */
const near = 300;
/** In a hidden tab there are no frames; what was heard is shown after this time nevertheless. */
const longestFrame = 300;

/**
 * Every connection calls `catchUp`. Events: "news", whose detail is the messages that were not known
 * before, oldest first; "edge", when the beginning was reached or left; "busy" and "idle", around what
 * is history and should not be read out as news.
 */
export class Timeline extends EventTarget {
  #log;
  #fetch;
  #mustSeeAll;
  #live = false; // connected, and nothing that was missed is unknown
  #knownTo = 0; // up to this id, nothing is unknown
  #latest = true;
  #reachesBeginning = false;
  #fetching = false;
  #heard = []; // and not shown yet
  #isDue = false;

  /**
   * @param log         a MessageLog
   * @param fetch       ({before, after, limit}) -> promise of messages
   * @param mustSeeAll  () -> whether all that was missed has to be looked at, however much it is
   */
  constructor(log, fetch, mustSeeAll) {
    super();
    this.#log = log;
    this.#fetch = fetch;
    this.#mustSeeAll = mustSeeAll;
  }

  get live() {
    return this.#live;
  }

  get knownTo() {
    return this.#knownTo;
  }

  /** Whether what is in the page ends with the newest message. */
  get reachesLatest() {
    return this.#latest;
  }

  set #reachesLatest(does) {
    this.#latest = does;
    this.#log.mayFollow = does;
  }

  get #reachesLatest() {
    return this.#latest;
  }

  get reachesBeginning() {
    return this.#reachesBeginning;
  }

  /** The connection is gone: what happens now will have to be fetched. */
  interrupt() {
    this.#live = false;
  }

  /** Takes a message that was just said; those of one frame are shown together. */
  hear(message) {
    this.#heard.push(message);
    if (!this.#live || this.#isDue) return;
    this.#isDue = true;
    const show = () => this.#isDue && this.#showHeard();
    requestAnimationFrame(show);
    setTimeout(show, longestFrame);
  }

  /** Fetches what was missed: from the newest message back to the last one that is surely known. */
  async catchUp() {
    this.#live = false;
    const first = this.#knownTo === 0;
    if (first) this.#announce("busy");
    let missed = [];
    let joined = false;
    for (let before = null; ; before = missed.at(-1).id) {
      const got = await this.#fetch({ before, limit: page });
      missed.push(...got);
      joined = got.length < page || got.at(-1).id <= this.#knownTo;
      if (joined || first || (missed.length > most && !this.#mustSeeAll())) break;
    }
    if (first) {
      this.#log.add(missed);
      this.#reachesBeginning = joined;
      this.#knownTo = this.#log.newest;
    } else {
      this.#showMissed(missed, joined);
    }
    this.#live = true;
    this.#showHeard();
    this.#announce("idle");
    this.#announce("edge");
    this.look();
  }

  /** Shows the end of the conversation, wherever the reader is. */
  async toLatest() {
    if (!this.#reachesLatest) await this.#alone(() => this.#restart());
    this.#log.scrollToEnd();
    this.look();
  }

  /** Fetches what is next to what the reader looks at; after each scroll. */
  async look() {
    const log = this.#log;
    const nearTop = () => log.distances.top < near && !this.#reachesBeginning;
    const nearBottom = () => log.distances.bottom < near && !this.#reachesLatest;
    while (this.#live && !this.#fetching && (nearTop() || nearBottom())) {
      const done = await this.#alone(() => (nearTop() ? this.#loadOlder() : this.#loadNewer()));
      if (!done) return;
    }
  }

  #showHeard() {
    this.#isDue = false;
    const heard = this.#heard.splice(0).sort((a, b) => a.id - b.id);
    const unknown = heard.filter((message) => message.id > this.#knownTo);
    const fresh = unknown.filter((message, index) => message.id !== unknown[index - 1]?.id);
    // Two that were written at once may come in another order than that of their ids.
    const isLate = ({ id }) => this.#reachesLatest && id <= this.#knownTo && id > this.#log.oldest && !this.#log.has(id);
    const late = heard.filter(isLate);
    this.#knownTo = fresh.at(-1)?.id ?? this.#knownTo;
    if (this.#reachesLatest && !this.#log.following && this.#log.size + fresh.length > most + page) {
      this.#reachesLatest = false; // the reader is far up
    }
    if (this.#reachesLatest) {
      if (fresh.length > most) {
        this.#log.clear();
        this.#reachesBeginning = false;
      }
      this.#log.add([...late, ...fresh.slice(-most)]);
      if (this.#log.following && this.#log.size > most + page) this.#dropOldest();
    }
    if (late.length + fresh.length) this.#announce("news", [...late, ...fresh]);
  }

  #showMissed(missed, joined) {
    const fresh = missed.filter((message) => message.id > this.#knownTo).reverse();
    this.#knownTo = fresh.at(-1)?.id ?? this.#knownTo;
    const fits = joined && this.#log.size + fresh.length <= most + page;
    if (this.#reachesLatest && fits) {
      this.#log.add(fresh);
    } else if (this.#reachesLatest && this.#log.following) {
      this.#log.clear();
      this.#log.add(fresh.slice(-most));
      this.#reachesBeginning = false;
    } else {
      this.#reachesLatest &&= fresh.length === 0;
    }
    if (fresh.length) this.#announce("news", fresh);
  }

  /** Begins anew with the newest page. */
  async #restart() {
    const got = await this.#fetch({ limit: page });
    this.#log.clear();
    this.#log.add(got);
    this.#reachesBeginning = got.length < page;
    this.#reachesLatest = this.#log.newest >= this.#knownTo;
    this.#knownTo = Math.max(this.#knownTo, this.#log.newest);
  }

  async #loadOlder() {
    const got = await this.#fetch({ before: this.#log.oldest || null, limit: page });
    this.#log.add(got);
    this.#reachesBeginning = got.length < page;
    if (this.#log.size > most) {
      this.#log.keepOldest(most);
      this.#reachesLatest = false;
    }
  }

  async #loadNewer() {
    const got = await this.#fetch({ after: this.#log.newest, limit: page });
    this.#log.add(got);
    this.#reachesLatest = this.#log.newest >= this.#knownTo || got.length < page;
    if (this.#log.size > most) this.#dropOldest();
  }

  #dropOldest() {
    this.#log.keepNewest(most);
    this.#reachesBeginning = false;
    this.#announce("edge");
  }

  /** One fetch at a time; says whether it succeeded. */
  async #alone(load) {
    if (this.#fetching) return false;
    this.#fetching = true;
    this.#announce("busy");
    try {
      await load();
      return true;
    } catch {
      return false; // the connection broke, or the server can't now: the next look tries again
    } finally {
      this.#fetching = false;
      this.#announce("idle");
      this.#announce("edge");
    }
  }

  #announce(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
