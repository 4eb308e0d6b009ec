// The form that is saved while it is typed (data-autosave), and what is typed when it cannot be saved.
// Loaded after portal.js, whose helpers it uses, and run before it enhances the form.
"use strict";

const keyOf = (url) => `typed:${url}`;

/** Whether somebody was quicker than this script, which comes after the page. */
const early = (form) =>
  all("input:not([type=file], [type=hidden]), textarea, option", form).some((input) =>
    input.tagName === "OPTION" ? input.selected && input.index && !input.defaultSelected
      : input.value !== input.defaultValue || input.checked !== input.defaultChecked);

function keep(form) {
  drawer.put(keyOf(form.dataset.autosave), { ...typed(form), version: form.elements.version.value });
}

/** Put back what was typed and lost its way; answers the version it was typed on, or nothing. */
function restore(form) {
  const key = keyOf(form.dataset.autosave);
  const kept = drawer.take(key);
  if (!kept || JSON.stringify(kept.pairs) === JSON.stringify(typed(form).pairs)) return void drawer.drop(key);
  refill(form, kept);
  sayRestored(form, form.dataset.textRestored);
  return kept.version;
}

/** How much every part of the form still needs (data-missing). */
function showMissing(counts) {
  for (const out of all("[data-missing]")) {
    const count = counts[out.dataset.missing] || 0;
    out.hidden = !count;
    out.textContent = out.dataset.text.replace("{count}", count);
  }
}

// ---- drafts: data-autosave (URL answering {version, saved} to the form's fields) ----

/** The token of the session that is there now: a sign-in in another tab has made the old one void. */
async function renewToken(form) {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
  if (!fresh || !page.querySelector("form[data-autosave]")) return false;
  document.querySelector('meta[name="csrf-token"]').content = fresh;
  all("input[name=csrf_token]").forEach((input) => (input.value = fresh));
  return true;
}

function autosave(form) {
  const shown = form.querySelector(".saved");
  const words = form.dataset;
  const pause = 1500;
  let timer;
  let sending; // a promise while a draft is on its way
  let again = false;
  let lost = false; // whether what is typed is not stored
  const post = () => {
    const data = new FormData(form);
    for (const input of all("input[type=file]", form)) data.delete(input.name);
    const headers = { Accept: "application/json", "X-CSRFToken": token() };
    return fetch(words.autosave, { method: "POST", headers, body: data });
  };
  const fail = (text, link) => {
    lost = true;
    keep(form);
    shown.classList.add("unsaved");
    shown.replaceChildren(text);
    if (!link) return;
    const way = document.createElement("a");
    [way.href, way.target, way.rel, way.textContent] = [words.signIn, "_blank", "noopener", words.textSignIn];
    shown.append(" ", way);
  };
  const save = async () => {
    let answer = await post();
    if (answer.status === 400 && (await renewToken(form))) answer = await post();
    const told = await answer.json().catch(() => ({}));
    if ([400, 401].includes(answer.status)) return fail(words.textSignedOut, true);
    if (!answer.ok) return fail(told.message || words.textUnsaved);
    form.elements.version.value = told.version;
    showMissing(told.missing || {});
    lost = false;
    drawer.drop(keyOf(words.autosave));
    shown.classList.remove("unsaved");
    shown.textContent = told.saved;
  };
  const run = () => {
    if (sending) return void (again = true);
    sending = save().catch(() => fail(words.textUnsaved)).finally(() => {
      sending = undefined;
      if (again) run();
      again = false;
    });
  };
  form.addEventListener("change", (event) => {
    if (event.target.type === "file") return;
    clearTimeout(timer);
    timer = setTimeout(run, pause);
  });
  form.addEventListener("uploaded", (event) => showMissing(event.detail.missing || {}));
  const retry = () => lost && !document.hidden && run();
  document.addEventListener("visibilitychange", retry); // back from the sign-in in the other tab
  window.addEventListener("online", retry);
  form.addEventListener("submit", (event) => {
    keep(form); // the answer may be a sign-in
    clearTimeout(timer);
    again = false;
    if (!sending) return;
    event.preventDefault(); // the draft on its way changes the version: wait for it
    const button = event.submitter;
    sending.then(() => form.requestSubmit(button || undefined));
  });
  return run;
}

for (const form of all("form[data-autosave]")) {
  const stored = Boolean(form.querySelector(".saved").textContent.trim());
  if (stored) drawer.drop(keyOf(form.dataset.autosave));
  const unsaved = early(form);
  const version = restore(form);
  const run = autosave(form);
  if (unsaved || version === form.elements.version.value) document.addEventListener("DOMContentLoaded", run, { once: true });
}
all("[data-arrived]").forEach((page) => drawer.drop(keyOf(page.dataset.arrived)));
