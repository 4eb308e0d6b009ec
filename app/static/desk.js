// The review desk's conveniences: keys (data-key), pictures (data-viewer), coded reasons (data-reason-text),
// what a verdict needs before it is sent (data-needs). Loaded after portal.js, whose helpers it uses.
"use strict";

function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select")) return;
    const within = document.querySelector("dialog[open]") || document;
    const key = CSS.escape(event.key.toLowerCase());
    const found = all(`[data-key="${key}"]`, within);
    // a key of the page does nothing behind an open dialog, nor one of a dialog that is closed
    const target = found.find((one) => one.closest("dialog") === (within === document ? null : within));
    if (!target) return;
    event.preventDefault();
    target.click();
  });
}

function viewer(root) {
  const stage = root.querySelector(".stage img");
  const title = root.querySelector("[data-viewer-title]");
  const note = root.querySelector("[data-viewer-note]");
  const number = root.querySelector("[data-viewer-number]");
  const links = all(".thumbs a", root);
  const zoom = root.querySelector("dialog.zoom");
  const large = zoom.querySelector("img");
  let turn = 0;
  const rotate = (degrees) => {
    turn = degrees % 360;
    for (const picture of [stage, large]) picture.className = turn ? `turned-${turn}` : "";
  };
  links.forEach((link, index) => link.addEventListener("click", (event) => {
    event.preventDefault();
    links.forEach((one) => one.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    stage.src = link.href;
    stage.alt = title.textContent = link.dataset.title;
    note.textContent = link.dataset.note;
    number.textContent = index + 1;
    rotate(0);
  }));
  all("[data-rotate]", root).forEach((button) => button.addEventListener("click", () => rotate(turn + 90)));
  root.querySelector("[data-zoom]").addEventListener("click", () => {
    large.src = stage.src;
    large.alt = stage.alt;
    zoom.classList.remove("full");
    zoom.showModal();
  });
  all("[data-show]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      links[button.dataset.show - 1].click();
      root.scrollIntoView({ block: "nearest" });
    });
  });
  zoom.querySelector("[data-full]").addEventListener("click", () => zoom.classList.toggle("full"));
  zoom.querySelector("[data-close]").addEventListener("click", () => zoom.close());
  zoom.addEventListener("click", (event) => event.target === zoom && zoom.close());
  all("[data-needs-script]", root).forEach((one) => (one.hidden = false));
}

function codedReasons(form) {
  const text = form.querySelector("[data-reason]");
  let filled = text.value;
  form.addEventListener("change", (event) => {
    const given = event.target.dataset.reasonText;
    // What the reviewer wrote is never replaced, only what came from another code.
    if (given === undefined || (text.value.trim() && text.value !== filled)) return;
    text.value = filled = given;
  });
}

/** A verdict that lacks its reason, or what it unlocks, shows where to say it instead of being sent. */
function needs(form) {
  const lacking = {
    reason: () => !form.querySelector("[data-reason]").value.trim() && form.querySelector("[name=reason_code]"),
    items: () => !form.querySelector("[name=items]:checked") && form.querySelector("[name=items]"),
  };
  form.addEventListener("submit", (event) => {
    for (const name of (event.submitter?.dataset.needs || "").split(" ").filter(Boolean)) {
      const input = lacking[name]();
      if (!input) continue;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (input.closest("details")) input.closest("details").open = true;
      input.closest(".field").classList.add("wanted");
      return input.focus();
    }
  });
}

/** What goes on elsewhere is shown as it comes: the part of this name of the same page, again. */
function poll(part) {
  if (!part?.dataset.poll) return;
  setTimeout(async () => {
    const answer = await fetch(part.dataset.poll).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page && page.getElementById(part.id);
    if (fresh && !part.contains(document.activeElement)) part.replaceWith(fresh);
    poll(document.getElementById(part.id));
  }, 2000);
}

all("[data-viewer]").forEach(viewer);
all("[data-poll]").forEach(poll);
all("form[data-coded-reasons]").forEach(codedReasons);
all("form[data-coded-reasons]").forEach(needs);
keys();
