// What is typed into a form of the offices (data-keep: the account and the words of the notice) and
// did not reach the portal comes back with the form: after a sign-in that had ended, after a look
// elsewhere. Loaded after portal.js, whose helpers it uses, and run before it enhances the form;
// also by the pages that say that a form was not taken (data-undone), the sign-in among them.
"use strict";

const KEPT = "kept:";
const here = location.pathname + location.search;
const path = (url) => new URL(url, location.href).pathname + new URL(url, location.href).search;

/** Settle what was sent from this window: taken by the portal, or still to be said again. */
function settle() {
  const undone = document.querySelector("[data-undone]");
  const back = new URLSearchParams(location.search).get("next");
  for (const key of drawer.keys(KEPT)) {
    const kept = drawer.take(key);
    if (!kept.sent) continue;
    if (undone && [kept.page, kept.action].some((one) => one === back || one === here)) drawer.put(key, { ...kept, sent: false });
    else if (!undone) drawer.drop(key);
  }
}

function keepTyped(form) {
  const action = path(form.getAttribute("action") || here);
  const key = `${KEPT}${form.dataset.keep}:${action}`;
  const put = (sent) => drawer.put(key, { ...typed(form), page: here, action, sent });
  const kept = drawer.take(key);
  if (kept && JSON.stringify(kept.pairs) !== JSON.stringify(typed(form).pairs)) {
    refill(form, kept);
    sayRestored(form, form.dataset.textKept);
    all("details", form).forEach((one) => (one.open = one.open || Boolean(one.querySelector(":checked"))));
  }
  for (const name of ["input", "change"]) form.addEventListener(name, () => put(false));
  form.addEventListener("click", (event) => event.target.closest("a.btn") && drawer.drop(key)); // "Cancel"
  document.addEventListener("submit", (event) => {
    if (event.target === form && !event.defaultPrevented && drawer.take(key)) put(true);
  });
}

settle();
all("form[data-keep]").forEach(keepTyped);
