// What Flask-Admin's inline handlers do, without being inline: the CSP allows scripts of this host only.
"use strict";

document.addEventListener("click", (event) => {
  const action = event.target.closest("[data-console-action]");
  if (action) modelActions.execute(action.dataset.consoleAction);

  const add = event.target.closest("[data-console-add]");
  if (add) faForm.addInlineField(add, add.dataset.consoleAdd);

  if (event.target.closest('[data-console-quiet], a[href^="javascript:"]')) event.preventDefault();
});

const heading = (cell) => {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll(".described").forEach((note) => note.remove());
  return copy.textContent.trim();
};

// Cells know their heading, so that rows can be cards on a phone.
for (const table of document.querySelectorAll(".model-list")) {
  const heads = [...table.querySelectorAll("thead th")].map(heading);
  for (const row of table.querySelectorAll("tr"))
    [...row.querySelectorAll("td")].forEach((cell, index) => heads[index] && (cell.dataset.label = heads[index]));
}
