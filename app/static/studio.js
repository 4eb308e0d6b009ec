// The policy studio: line numbers and marks behind the editor, faults while typing, the preview's
// width. The server checks and says everything again; without a script the page still works.
"use strict";

const editor = document.querySelector("[data-studio]");
if (editor) studio(editor);

function studio(form) {
  const area = form.querySelector("textarea");
  const words = form.dataset;
  const lines = document.createElement("div");
  lines.className = "code-lines";
  lines.setAttribute("aria-hidden", "true");
  area.before(lines);
  let changed = new Set((words.changed || "").split(" ").filter(Boolean).map(Number));
  let faulty = new Set([...form.querySelectorAll("[data-line]")].map((link) => Number(link.dataset.line)));

  const draw = () => {
    const count = area.value.split("\n").length;
    while (lines.childElementCount > count) lines.lastElementChild.remove();
    while (lines.childElementCount < count) lines.append(document.createElement("div"));
    [...lines.children].forEach((line, index) => {
      line.textContent = index + 1;
      line.className = faulty.has(index + 1) ? "faulty" : changed.has(index + 1) ? "changed" : "";
    });
    lines.scrollTop = area.scrollTop;
  };
  draw();
  const first = Math.min(...faulty, ...changed);
  if (Number.isFinite(first)) area.scrollTop = Math.max(0, (first - 6) * (area.scrollHeight / lines.childElementCount));
  area.addEventListener("scroll", () => (lines.scrollTop = area.scrollTop));

  // ---- to the line of a fault ----
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    const before = area.value.split("\n").slice(0, Number(link.dataset.line) - 1);
    const start = before.reduce((sum, line) => sum + line.length + 1, 0) + Number(link.dataset.column) - 1;
    const height = area.scrollHeight / Math.max(lines.childElementCount, 1);
    area.focus();
    area.setSelectionRange(start, start);
    area.scrollTop = Math.max(0, (before.length - 5) * height);
    area.scrollIntoView({ block: "nearest" });
  });

  // ---- faults while typing ----
  let timer;
  let asked = 0;
  area.addEventListener("input", () => {
    words.unsaved = "";
    changed = new Set();
    draw();
    clearTimeout(timer);
    timer = setTimeout(check, 700);
  });

  async function check() {
    const turn = (asked += 1);
    const body = new FormData();
    body.append("text", area.value);
    const token = document.querySelector('meta[name="csrf-token"]').content;
    let found;
    try {
      const answer = await fetch(words.check, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
      if (!answer.ok) return;
      found = await answer.json();
    } catch {
      return; // the button asks the server as well, and says what is wrong with the way there
    }
    if (turn !== asked) return; // typed on meanwhile
    faulty = new Set(found.faults.filter((fault) => !fault.elsewhere).map((fault) => fault.line));
    changed = new Set(found.changed);
    form.querySelector("#faults").replaceChildren(found.faults.length ? listed(found.faults) : sound());
    draw();
  }

  function listed(faults) {
    const list = document.createElement("ul");
    list.className = "plain";
    for (const fault of faults) {
      const [item, link, path] = ["li", "a", "code"].map((name) => document.createElement(name));
      link.href = "#f-text";
      if (!fault.elsewhere) Object.assign(link.dataset, { line: fault.line, column: fault.column });
      const place = fault.elsewhere ? words.textIn.replace("{policy}", fault.elsewhere) : words.textLine;
      link.textContent = place.replace("{line}", fault.line);
      path.textContent = fault.path;
      item.append(link, " ", path, " ", fault.message);
      list.append(item);
    }
    return list;
  }

  function sound() {
    const line = document.createElement("p");
    line.className = "sound";
    line.textContent = `✓ ${words.textSound}`;
    return line;
  }

  // ---- nothing typed is lost ----
  let leaving = false;
  document.addEventListener("submit", (event) => {
    if (event.target === form && !event.defaultPrevented) leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if ("unsaved" in words && !leaving) event.preventDefault();
  });
}

for (const box of document.querySelectorAll("[data-preview]")) {
  box.addEventListener("click", (event) => {
    const kind = event.target.closest("a.chip");
    if (kind) box.querySelectorAll("a.chip").forEach((one) => one.toggleAttribute("aria-current", one === kind));
    const width = event.target.closest("[data-width]");
    if (!width) return;
    box.classList.toggle("phone", width.dataset.width === "phone");
    box.querySelectorAll("[data-width]").forEach((one) => one.setAttribute("aria-pressed", String(one === width)));
  });
}

// ---- the impact while it is computed: the server draws the panel, this asks for it again ----
async function follow(panel) {
  while (panel.querySelector("[data-under-way]")) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    try {
      const answer = await fetch(panel.dataset.impact, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      // our own page, drawn by the same template that drew the one on the screen
      panel.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
    } catch {
      continue; // away for a moment: the next second asks again
    }
  }
}
document.querySelectorAll("[data-impact]").forEach(follow);
