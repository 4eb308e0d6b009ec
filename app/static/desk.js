// The review desk's conveniences: keys (data-key), pictures (data-viewer), coded reasons (data-reason-text).
// Loaded after portal.js, whose helpers it uses.
"use strict";

function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog[open]")) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!target) return;
    event.preventDefault();
    target.click();
  });
}

function viewer(root) {
  const stage = root.querySelector(".stage img");
  const title = root.querySelector("[data-viewer-title]");
  const links = all(".thumbs a", root);
  const zoom = root.querySelector("dialog.zoom");
  let turn = 0;
  const rotate = (degrees) => {
    turn = degrees % 360;
    stage.className = turn ? `turned-${turn}` : "";
  };
  links.forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    links.forEach((one) => one.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    stage.src = link.href;
    stage.alt = title.textContent = link.dataset.title;
    rotate(0);
  }));
  root.querySelector("[data-rotate]")?.addEventListener("click", () => rotate(turn + 90));
  root.querySelector("[data-zoom]")?.addEventListener("click", () => {
    zoom.querySelector("img").src = stage.src;
    zoom.querySelector("img").alt = stage.alt;
    zoom.showModal();
  });
  zoom?.addEventListener("click", () => zoom.close());
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

all("[data-viewer]").forEach(viewer);
all("form[data-coded-reasons]").forEach(codedReasons);
keys();
