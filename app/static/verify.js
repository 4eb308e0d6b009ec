// The page of a certificate's answer: checks the signed code in the address that a scan opened.
"use strict";
(async () => {
  const box = document.querySelector("[data-code]");
  if (!box || !location.hash || !window.crypto || !crypto.subtle) return;
  const say = (what) => {
    box.querySelectorAll("[data-say]").forEach((one) => {
      one.hidden = one.dataset.say !== what;
    });
    box.hidden = false;
  };
  const answer = await fetch(box.dataset.keys).catch(() => null);
  if (!answer || !answer.ok) return;
  const { keys } = await answer.json();
  const read = await certificateCode.opened(location.href, keys);
  if (read.answer === "none") return;
  if (read.answer !== "good") return say("changed");
  const { facts } = read;
  const same = ["number", "name", "level", "photo"].every((name) => facts[name] === box.dataset[name]);
  say(same && facts.valid_until === box.dataset.until ? "same" : "differs");
})();
