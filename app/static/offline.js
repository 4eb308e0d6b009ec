// The page that checks codes without a connection; everything it needs is in the page itself.
"use strict";
(() => {
  const given = JSON.parse(document.getElementById("given").textContent);
  const { texts } = given;
  const at = (id) => document.getElementById(id);
  let keys = given.keys;
  let states = null;

  const local = (seconds) => new Date(seconds * 1000).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).slice(0, 16);
  const today = () => new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
  const spaced = (number) => number.replace(/^(\d\d)(\d{4})(\d{8})(\d)$/, "$1 $2 $3 $4");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

  function tell(tone, title, lines, facts) {
    const box = at("verdict");
    box.className = `card verdict ${tone}`;
    at("sign").textContent = { good: "✓", warn: "↻", bad: "✕" }[tone];
    at("title").textContent = title;
    at("lines").replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    box.hidden = false;
    at("facts").hidden = !facts;
    if (!facts) return;
    const shown = { number: spaced(facts.number), name: facts.name, level: texts.levels[facts.level] || facts.level, issued: facts.issued_on, until: facts.valid_until };
    Object.entries(shown).forEach(([name, value]) => {
      at(`fact-${name}`).textContent = value;
    });
  }

  function judged(facts) {
    const state = states ? certificateCode.stateAt(states, facts.index) : "newer";
    if (state !== "valid" && state !== "newer") return texts.states[state];
    if (facts.valid_until < today()) return texts.states.expired;
    if (!states) return texts.states.no_list;
    if (state === "newer") return texts.states.newer;
    return states.next_update * 1000 < Date.now() ? texts.states.stale : texts.states.valid;
  }

  async function check() {
    const text = at("text").value.trim();
    if (!text) return;
    const read = await certificateCode.opened(text, keys);
    if (read.answer !== "good") {
      const [tone, title, why] = texts.states[read.answer];
      tell(tone, title, [why], null);
      return;
    }
    const [tone, title, why] = judged(read.facts);
    const asOf = states ? [fill(texts.as_of, { time: local(states.issued_at) })] : [];
    tell(tone, title, [why, ...asOf], read.facts);
  }

  async function take(token) {
    try {
      const found = await certificateCode.list(token, keys);
      if (states && found.issued_at < states.issued_at) return;
      states = found;
      at("list-state").textContent = fill(texts.list_of, { time: local(states.issued_at), next: local(states.next_update) });
    } catch {
      at("list-state").textContent = texts.bad_list;
    }
    await check();
  }

  async function renew() {
    at("list-state").textContent = texts.fetching;
    try {
      const [fresh, list] = await Promise.all([fetch(given.keys_url), fetch(given.list_url)]);
      if (!fresh.ok || !list.ok) throw new Error("no answer");
      keys = (await fresh.json()).keys;
      await take(await list.text());
    } catch {
      at("list-state").textContent = texts.no_connection;
    }
  }

  if (!window.crypto || !crypto.subtle || typeof DecompressionStream === "undefined") {
    tell("bad", texts.old_browser[0], [texts.old_browser[1]], null);
    return;
  }
  at("check").addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  at("renew").addEventListener("click", renew);
  at("list").addEventListener("change", async () => {
    if (at("list").files.length) await take(await at("list").files[0].text());
  });
  const open = () => {
    if (location.hash.length > 1) {
      at("text").value = location.hash;
      check();
    }
  };
  window.addEventListener("hashchange", open);
  open();
})();
