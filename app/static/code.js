// Reads the signed code of a certificate and the signed list of states: the same on the page of the
// portal and on the page that works without a connection. Formats: docs/certificates.md.
"use strict";
const certificateCode = (() => {
  const LEVELS = ["assistant", "social_worker", "senior"];
  const STATES = { 0: "valid", 1: "revoked", 12: "replaced", 13: "lost", 14: "cancelled" };
  const ECDSA = { name: "ECDSA", hash: "SHA-256" };
  const utf8 = new TextDecoder("utf-8", { fatal: true });

  function bytesOfDigits(digits) {
    const hex = BigInt(digits).toString(16);
    const even = hex.length % 2 ? "0" + hex : hex;
    return Uint8Array.from(even.match(/../g), (pair) => parseInt(pair, 16));
  }

  function bytesOfText(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (char) => char.charCodeAt(0));
  }

  function hexOf(bytes) {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // As much of CBOR as a code has: numbers, bytes, text, lists, maps and one tag.
  function reader(bytes) {
    let at = 0;
    function size(info) {
      if (info < 24) return info;
      if (info > 27) throw new Error("no such length");
      let value = 0;
      for (let left = 1 << (info - 24); left > 0; left -= 1) value = value * 256 + byte();
      return value;
    }
    function byte() {
      if (at >= bytes.length) throw new Error("ends too soon");
      at += 1;
      return bytes[at - 1];
    }
    function slice(length) {
      if (at + length > bytes.length) throw new Error("ends too soon");
      at += length;
      return bytes.slice(at - length, at);
    }
    function item(depth) {
      if (depth > 4) throw new Error("too deep");
      const head = byte();
      const kind = head >> 5;
      const value = size(head & 31);
      if (kind === 0) return value;
      if (kind === 1) return -1 - value;
      if (kind === 2) return slice(value);
      if (kind === 3) return utf8.decode(slice(value));
      if (kind === 4) return Array.from({ length: Math.min(value, 99) }, () => item(depth + 1));
      if (kind === 5) {
        const members = new Map();
        for (let left = value; left > 0; left -= 1) members.set(item(depth + 1), item(depth + 1));
        return members;
      }
      if (kind === 6) return { tag: value, value: item(depth + 1) };
      throw new Error("not in a code");
    }
    const whole = item(0);
    if (at !== bytes.length) throw new Error("goes on");
    return whole;
  }

  function lengthHead(kind, length) {
    return length < 24 ? [kind | length] : length < 256 ? [kind | 24, length] : [kind | 25, length >> 8, length & 255];
  }

  function toBeSigned(head, content) {
    const name = new TextEncoder().encode("Signature1");
    return Uint8Array.from([0x84, 0x6a, ...name, ...lengthHead(0x40, head.length), ...head, 0x40, ...lengthHead(0x40, content.length), ...content]);
  }

  async function isSigned(keys, kid, signature, data) {
    const found = keys.find((key) => key.kid === kid);
    if (!found) return null;
    const { kty, crv, x, y } = found;
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    return crypto.subtle.verify(ECDSA, key, signature, data);
  }

  const day = (count) => new Date(count * 86400000).toISOString().slice(0, 10);

  // What a scanned text holds: {answer: "good", facts} or {answer: "none" | "unknown_key" | "changed"}.
  async function opened(text, keys) {
    const found = /#(\d{100,1000})\s*$/.exec(text) || /^\s*(\d{100,1000})\s*$/.exec(text);
    if (!found) return { answer: "none" };
    try {
      const message = reader(bytesOfDigits(found[1]));
      const [head, , content, signature] = message.value;
      const about = reader(head);
      if (message.tag !== 18 || about.get(1) !== -7) return { answer: "changed" };
      const good = await isSigned(keys, hexOf(about.get(4)), signature, toBeSigned(head, content));
      if (good === null) return { answer: "unknown_key" };
      if (!good) return { answer: "changed" };
      const members = reader(content);
      const facts = {
        number: String(members.get(1)).padStart(15, "0"),
        name: members.get(2),
        level: LEVELS[members.get(3) - 1] || "",
        issued_on: day(members.get(4)),
        valid_from: day(members.get(5)),
        valid_until: day(members.get(6)),
        photo: hexOf(members.get(7)),
        index: members.get(8),
      };
      const said = /\/verify\/(\d{15})#/.exec(text);
      return said && said[1] !== facts.number ? { answer: "changed" } : { answer: "good", facts };
    } catch {
      return { answer: "changed" };
    }
  }

  async function unpacked(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // The list of states: {issued_at, next_update (seconds), states}; throws when it is not signed so.
  async function list(token, keys) {
    const [head, body, signature] = token.trim().split(".");
    const about = JSON.parse(utf8.decode(bytesOfText(head)));
    const data = new TextEncoder().encode(`${head}.${body}`);
    const good = about.alg === "ES256" && (await isSigned(keys, about.kid, bytesOfText(signature), data));
    if (!good) throw new Error("not signed by a key of this page");
    const content = JSON.parse(utf8.decode(bytesOfText(body)));
    if (content.status_list.bits !== 4) throw new Error("another kind of list");
    const states = await unpacked(bytesOfText(content.status_list.lst));
    return { issued_at: content.iat, next_update: content.next_update, states };
  }

  // The state at a place, "newer" when the list ends before it.
  function stateAt(found, index) {
    const pair = found.states[index >> 1];
    if (pair === undefined) return "newer";
    return STATES[index % 2 ? pair >> 4 : pair & 15] || "other";
  }

  return { opened, list, stateAt };
})();
