// What Flask-Admin's inline handlers do, without being inline: the CSP allows scripts of this host only.
"use strict";

document.addEventListener("click", (event) => {
  const action = event.target.closest("[data-console-action]");
  if (action) modelActions.execute(action.dataset.consoleAction);

  const add = event.target.closest("[data-console-add]");
  if (add) faForm.addInlineField(add, add.dataset.consoleAdd);

  if (event.target.closest('[data-console-quiet], a[href^="javascript:"]')) event.preventDefault();
});
