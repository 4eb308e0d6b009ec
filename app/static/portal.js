// Conveniences on top of pages that work without them. Each function enhances the elements that
// carry its data attribute; nothing here decides anything that the server does not check again.
"use strict";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const token = () => document.querySelector('meta[name="csrf-token"]')?.content || "";

// ---- fields that are asked for only while a condition holds: data-required-when ----

/** Whether a condition {field, in} holds for a mapping of names to values (a list: any of them). */
function holds(condition, values) {
  const value = values[condition.field];
  return (Array.isArray(value) ? value : [value]).some((one) => condition.in.includes(one));
}

/** What the form says now: the chosen values of each field, as texts. */
function formValues(form) {
  const values = {};
  for (const box of all("[data-field]", form)) {
    const inputs = all("input:not([type=file]), select, textarea", box).filter((one) => one.name || one.dataset.value !== undefined);
    const chosen = inputs.filter((one) => !["checkbox", "radio"].includes(one.type) || one.checked);
    values[box.dataset.field] = chosen.map((one) => (one.readOnly && one.dataset.value !== undefined ? one.dataset.value : one.value));
  }
  return values;
}

function conditionalFields(form) {
  const boxes = all("[data-required-when]", form).map((box) => [box, JSON.parse(box.dataset.requiredWhen)]);
  if (!boxes.length) return;
  const update = () => {
    // In page order, and a hidden field counts as empty: chains of conditions settle in one pass.
    const values = formValues(form);
    for (const [box, condition] of boxes) {
      const asked = holds(condition, values);
      box.hidden = !asked; // still sent and kept: who changes their mind types nothing twice
      delete box.dataset.off;
      if (!asked) values[box.dataset.field] = [];
    }
  };
  form.addEventListener("change", update);
  update();
}

function choiceLimits(root) {
  for (const chips of all("[data-max]", root)) {
    const problem = chips.closest("[data-field]")?.querySelector(".error");
    chips.addEventListener("change", (event) => {
      const over = all(":checked", chips).length - Number(chips.dataset.max);
      all(".chip", chips).forEach((chip) => chip.classList.remove("over"));
      if (over > 0) event.target.closest(".chip").classList.add("over");
      showProblem(problem, over > 0 ? chips.dataset.maxText : "");
    });
  }
}

function showProblem(element, text) {
  if (!element) return;
  element.textContent = text;
  element.hidden = !text;
  const field = element.closest(".field");
  field?.classList.toggle("has-error", Boolean(text));
  // crossed out and not taken away: the page must not move under whoever is typing
  const line = field?.dataset.field && document.querySelector(`[data-summary] a[href="#f-${field.dataset.field}"]`);
  if (line) line.closest("li").classList.toggle("settled", !text);
}

// ---- questions before an act: data-confirm on a form or on its button ----

/** What a button says that it does, without its key. */
function actOf(button) {
  return [...(button?.childNodes || [])].filter((one) => one.nodeName !== "KBD").map((one) => one.textContent).join("").trim();
}

function confirmations() {
  const dialog = document.getElementById("ask");
  if (!dialog?.showModal) return;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asked = event.submitter?.dataset || {};
    const question = asked.confirm || form.dataset.confirm;
    if (!question || form.dataset.confirmed || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter;
    dialog.querySelector("#ask-text").textContent = question;
    const yes = dialog.querySelector("[value=yes]");
    yes.dataset.word ??= yes.textContent;
    yes.textContent = actOf(button) || yes.dataset.word;
    yes.classList.toggle("btn-bad", Boolean(button?.matches(".btn-bad")));
    dialog.returnValue = "no"; // Escape keeps the last value otherwise
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return button?.focus();
      form.dataset.confirmed = "1";
      form.requestSubmit(button || undefined);
    }, { once: true });
    dialog.showModal();
  });
}

/** A second click while the first is on its way sends nothing. */
function singleSubmit() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 5000); // an answer that is a download leaves the page
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    delete form.dataset.confirmed;
  }));
}

// ---- bulk actions: data-pick-all, data-bulk (the bar), data-picked (its count) ----

function bulk() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const boxes = all('input[name="ids"]');
  const masters = all("[data-pick-all]");
  const update = () => {
    const chosen = boxes.filter((box) => box.checked);
    const picked = chosen.length;
    const allowed = (verb) => chosen.some((box) => !box.dataset.verbs || box.dataset.verbs.split(" ").includes(verb));
    all("[data-picked]", bar).forEach((out) => (out.textContent = picked));
    all("button", bar).forEach((button) => {
      button.disabled = !picked;
      button.hidden = picked > 0 && !allowed(button.value);
    });
    bar.classList.toggle("idle", !picked);
    for (const master of masters) {
      master.checked = picked > 0 && picked === boxes.length;
      master.indeterminate = picked > 0 && picked < boxes.length;
    }
  };
  for (const master of masters) {
    master.hidden = false;
    master.closest("label")?.removeAttribute("hidden");
    master.addEventListener("change", () => {
      boxes.forEach((box) => (box.checked = master.checked));
      update();
    });
  }
  boxes.forEach((box) => box.addEventListener("change", update));
  update();
}

// ---- remote lookups: data-lookup (URL answering {results: [{id, text}]} to ?q=) ----

let lookups = 0;

function lookup(input) {
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = input.name;
  hidden.value = input.value;
  input.removeAttribute("name");
  input.value = input.dataset.text || input.value;
  const box = document.createElement("div");
  box.className = "lookup";
  input.replaceWith(box);
  const list = document.createElement("ul");
  list.id = `lookup-${++lookups}`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  box.append(input, hidden, list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]])
    input.setAttribute(name, value);

  let chosenText = input.value;
  let timer;
  let asked = 0;
  const open = (yes) => {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    if (yes) list.scrollIntoView({ block: "nearest" });
    else input.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    hidden.value = option.dataset.id;
    chosenText = input.value = option.textContent;
    open(false);
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const show = (results) => {
    list.replaceChildren(...results.map(({ id, text }, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.dataset.id = id;
      option.textContent = text;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.addEventListener("mousedown", (event) => {
        event.preventDefault(); // before blur closes the list
        choose(option);
      });
      return option;
    }));
    if (!results.length) {
      const nothing = document.createElement("li");
      nothing.className = "nothing";
      nothing.textContent = input.dataset.nothing || "";
      list.append(nothing);
    }
    open(true);
  };
  const ask = async () => {
    const turn = ++asked;
    const url = new URL(input.dataset.lookup, location.href);
    url.searchParams.set("q", input.value.trim());
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (answer.ok && turn === asked) show((await answer.json()).results); // an older answer may come later
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (!input.value.trim()) {
      hidden.value = "";
      chosenText = "";
      open(false);
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
      return;
    }
    timer = setTimeout(ask, 200);
  });
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    asked += 1; // an answer that is still on its way opens nothing over what comes next
    open(false);
    input.value = chosenText; // a text that was not chosen is no value
  });
  input.addEventListener("keydown", (event) => {
    const options = all("[role=option]", list);
    if (list.hidden || !options.length) return;
    const current = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = (current + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((option, index) => option.setAttribute("aria-selected", String(index === next)));
      options[next].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[next].id);
    } else if (event.key === "Enter" && current >= 0) {
      event.preventDefault();
      choose(options[current]);
    } else if (event.key === "Escape") {
      open(false);
    }
  });
}

// ---- what was typed and is not stored yet lies in this window: nowhere else, and no longer ----

const drawer = {
  open(act) {
    try {
      return act(window.sessionStorage);
    } catch {
      return null; // a browser may keep nothing, or be full: then the page alone holds what is typed
    }
  },
  put: (key, kept) => drawer.open((store) => store.setItem(key, JSON.stringify(kept))),
  take: (key) => drawer.open((store) => JSON.parse(store.getItem(key))),
  drop: (key) => drawer.open((store) => store.removeItem(key)),
  keys: (start) => (drawer.open(Object.keys) || []).filter((key) => key.startsWith(start)),
  forget: (start) => drawer.keys(start).forEach(drawer.drop),
};

/** What is typed, as pairs of name and text, and what lookups show: no files, nothing of the session. */
function typed(form) {
  const data = new FormData(form);
  for (const name of ["csrf_token", "version"]) data.delete(name);
  const shown = all(".lookup", form).map((box) => [box.querySelector("[type=hidden]").name, box.querySelector("input").value]);
  return { pairs: [...data].filter(([, value]) => typeof value === "string"), shown };
}

/** Put back what was typed, before the form is enhanced. */
function refill(form, kept) {
  for (const input of all("input:not([type=file], [type=hidden], [readonly]), select, textarea", form)) {
    const texts = kept.pairs.filter(([name]) => name === input.name).map(([, text]) => text);
    if (!input.name) continue;
    if (["checkbox", "radio"].includes(input.type)) input.checked = texts.includes(input.value);
    else if (texts.length) input.value = texts[0];
    const label = kept.shown.find(([name]) => name === input.name);
    if (label) input.dataset.text = label[1];
  }
}

function sayRestored(form, text) {
  const notice = document.createElement("div");
  notice.className = "flash warn";
  notice.setAttribute("role", "status");
  notice.textContent = text;
  form.before(notice);
}

// ---- small things ----

function menu() {
  document.addEventListener("click", (event) => {
    for (const group of all("details[data-menu-group][open]")) if (!group.contains(event.target)) group.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const group of all("details[data-menu-group][open]")) {
      group.open = false;
      group.querySelector("summary").focus();
    }
  });
}

function start() {
  document.documentElement.classList.add("js");
  all("form").forEach(conditionalFields);
  choiceLimits(document);
  confirmations();
  singleSubmit();
  bulk();
  all("[data-lookup]").forEach(lookup);
  menu();
  document.addEventListener("input", (event) => {
    // What was wrong may be right now; the server says so when it is not. Not on "change": leaving
    // a field would then move the page under the click that left it.
    const field = event.target.closest(".field.has-error:not(.field-choices)");
    if (field && event.target.type !== "file") showProblem(field.querySelector(".error"), "");
  });
  all("form[data-forget]").forEach((form) => form.addEventListener("submit", () => drawer.forget("kept:")));
  all("select[data-autosubmit]").forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));
  // Gone back to or loaded again, the answer to such a form is its page: nothing is sent twice.
  if (document.querySelector("form[data-autosave], form[data-again]")) history.replaceState(history.state, "", location.href);
  document.querySelector("[data-summary]")?.focus();
}

document.addEventListener("DOMContentLoaded", start); // after the scripts of single pages
