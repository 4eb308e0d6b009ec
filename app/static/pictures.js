// Pictures for a slot (data-upload): taken or chosen, turned, cropped, made smaller, sent at once, and
// kept when the network is lost. The server checks every one of them again.
// Loaded after portal.js, whose helpers it uses.
"use strict";

const PHOTOS = ["image/jpeg", "image/png", "image/webp"];
const ENOUGH = 2 * 1048576; // bytes beyond which a photo of a paper gets no more readable, only slower
const LONGEST = 3000; // pixels, likewise
const QUALITIES = [0.9, 0.8, 0.7, 0.6, 0.5];

// ---- canvases ----

async function decoded(blob) {
  const image = new Image(); // drawn upright, whatever way the phone was held
  image.src = URL.createObjectURL(blob);
  await image.decode();
  return image;
}

/** A copy of an image or canvas with at most so many pixels a side, turned by so many quarters. */
function drawn(image, longest = LONGEST, quarters = 0) {
  const [wide, high] = [image.naturalWidth || image.width, image.naturalHeight || image.height];
  const scale = Math.min(1, longest / Math.max(wide, high));
  const [w, h] = [Math.max(1, Math.round(wide * scale)), Math.max(1, Math.round(high * scale))];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = quarters % 2 ? [h, w] : [w, h];
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // what is transparent would be black in a JPEG
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.rotate((quarters * Math.PI) / 2);
  pen.drawImage(image, -w / 2, -h / 2, w, h);
  return canvas;
}

const jpeg = (canvas, quality) => new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));

/** The best JPEG of a canvas within a limit of bytes: less quality first, then fewer pixels. */
async function within(canvas, limit) {
  for (let side = LONGEST; ; side *= 0.75) {
    const smaller = drawn(canvas, side);
    for (const quality of QUALITIES) {
      const blob = await jpeg(smaller, quality);
      if (blob.size <= limit || side < 200) return blob;
    }
  }
}

const named = (blob, name) => new File([blob], `${name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });

// ---- turning and cropping: the dialog #adjust ----

/** Ask how a picture is to be cut; answers a canvas, or nothing when that is called off. */
function adjusted(image, size) {
  const dialog = document.getElementById("adjust");
  const shown = dialog.querySelector("img");
  const stage = dialog.querySelector("[data-stage]");
  let canvas = drawn(image);
  let cropper;
  const use = dialog.querySelector("[value=yes]");
  const draw = async () => {
    cropper?.destroy();
    cropper = undefined;
    shown.src = URL.createObjectURL(await jpeg(canvas, 0.9));
    await shown.decode();
    if (!dialog.open) return;
    await new Promise((ready) => cropper = new Cropper(shown, {
      aspectRatio: size ? size[0] / size[1] : NaN,
      viewMode: 1, autoCropArea: 1, background: false, movable: false, scalable: false, zoomable: false,
      checkCrossOrigin: false, checkOrientation: false, toggleDragModeOnDblclick: false,
      ready,
    }));
    waiting -= 1;
    use.disabled = waiting > 0;
  };
  let drawing = Promise.resolve();
  let waiting = 0;
  const lay = () => {
    use.disabled = true; // until there is a frame
    waiting += 1;
    drawing = drawing.then(draw); // one after the other, however fast somebody turns
  };
  const turn = (quarters) => () => {
    canvas = drawn(canvas, LONGEST, quarters);
    lay();
  };
  const byKey = (event) => {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [0, 0];
    const wider = { "+": 1, "-": -1 }[event.key] || 0;
    if (use.disabled || (!x && !y && !wider)) return;
    event.preventDefault();
    const box = cropper.getCropBoxData();
    cropper.setCropBoxData({ left: box.left + 10 * x - 5 * wider, top: box.top + 10 * y - 5 * wider, width: box.width + 10 * wider });
  };
  dialog.querySelector("[data-left]").onclick = turn(3);
  dialog.querySelector("[data-right]").onclick = turn(1);
  stage.onkeydown = byKey;
  dialog.returnValue = "no"; // Escape keeps the last value otherwise
  dialog.showModal();
  lay();
  return new Promise((done) => dialog.addEventListener("close", () => {
    const wanted = size ? { width: size[0], height: size[1] } : { maxWidth: LONGEST, maxHeight: LONGEST };
    const cut = dialog.returnValue === "yes" && cropper?.getCroppedCanvas({ ...wanted, fillColor: "#fff", imageSmoothingQuality: "high" });
    cropper?.destroy();
    done(cut || undefined);
  }, { once: true }));
}

/** Whether the server takes a picture as one of the sizes: of its shape, or lying at its very figures. */
function shaped(image, sizes) {
  const [wide, high] = [image.naturalWidth, image.naturalHeight];
  return sizes.some(([w, h]) => Math.abs((wide * h) / (high * w) - 1) <= 0.02 || (wide === h && high === w));
}

/** The file to send for one that was chosen: itself where it will do; nothing when that is called off. */
async function prepared(file, sizes, limit, always) {
  const image = PHOTOS.includes(file.type) && (await decoded(file).catch(() => null));
  if (!image) return file; // the server says what it is not
  const size = sizes[0];
  if (always || (size && !shaped(image, sizes))) {
    const cut = await adjusted(image, size);
    return cut && named(await within(cut, limit), file.name);
  }
  return file.size <= limit ? file : named(await within(drawn(image), limit), file.name);
}

// ---- sending ----

const underWay = new Map(); // form -> pictures on their way

/** POST one file; resolves with the JSON answer, rejects with {message, refused}. */
function send(url, name, file, onPart) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch can't tell how much has been sent
    const body = new FormData();
    body.append(name, file);
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onPart(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? resolve(request.response || {})
      : reject({ message: request.response?.message, refused: [409, 413, 422].includes(request.status) }));
    request.onerror = () => reject({});
    request.send(body);
  });
}

/** Who submits while a picture is on its way waits for it, and then submits once. */
document.addEventListener("submit", (event) => {
  const waiting = underWay.get(event.target);
  if (!waiting?.size) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { target: form, submitter } = event;
  Promise.all(waiting).then(() => form.requestSubmit(submitter || undefined));
}, true);

// ---- one slot ----

function preview(drop, src, alt) {
  let image = drop.querySelector("img");
  if (!src) {
    image?.remove();
    drop.querySelector("b")?.removeAttribute("hidden");
    return;
  }
  if (!image) {
    image = document.createElement("img");
    drop.prepend(image);
  }
  image.src = src;
  image.alt = alt;
  drop.querySelector("b")?.setAttribute("hidden", "");
}

function notes(answer, words, shrunk) {
  const made = (look, text) => {
    const note = document.createElement("span");
    note.className = look;
    note.textContent = text;
    return note;
  };
  const size = answer.width ? ` ${answer.width} × ${answer.height} · ${Math.ceil(answer.size / 1024)} KB ` : " ";
  const warnings = (answer.warnings || []).map((text) => made("slot-warning", text));
  return [made("tag good", words.textGood), size, shrunk ? `${words.textShrunk} ` : "", words.textReplace, ...warnings];
}

/** How many bytes too many, in the words of the server; nothing when it is within the limit. */
function tooLarge(file, words) {
  const limit = Number(words.maxBytes) || Infinity;
  if (file.size <= limit) return "";
  const inWords = (count) => words.textBytes.replace("{count}", count.toLocaleString("en-US")).replace("{mib}", (count / 1048576).toFixed(2));
  return words.textSize.replace("{actual}", inWords(file.size)).replace("{limit}", inWords(limit));
}

/** Let the form carry a file that is not stored yet: then even an upload that failed is not lost. */
function carry(input, file) {
  const box = new DataTransfer();
  box.items.add(file);
  input.files = box.files;
}

function pictureUpload(drop) {
  const input = drop.querySelector("input[type=file]");
  const field = drop.closest(".field");
  const [state, problem] = [field.querySelector("[data-upload-state]"), field.querySelector(".error")];
  const words = drop.dataset;
  const sizes = JSON.parse(words.sizes || "[]");
  const limit = Math.min(Number(words.maxBytes) || Infinity, ENOUGH);
  const retry = field.querySelector("[data-retry]");
  const adjust = field.querySelector("[data-adjust]");
  const before = { notes: [...state.childNodes], src: drop.querySelector("img")?.getAttribute("src") };
  let turn = 0; // only what was chosen last counts
  let chosen; // as it was chosen, for another look at it
  let kept; // what could not be sent

  const settled = (file, answer) => {
    [input.value, kept] = ["", undefined]; // stored: the form need not carry it a second time
    drop.classList.add("filled");
    if (answer.url) preview(drop, answer.url, file.name);
    state.replaceChildren(...notes(answer, words, file !== chosen));
    [before.notes, before.src] = [[...state.childNodes], answer.url];
    adjust.hidden = false;
    const next = field.nextElementSibling; // a proof may have one more page
    if (next) delete next.dataset.waits;
    field.querySelector("[data-told]")?.remove();
    drop.dispatchEvent(new CustomEvent("uploaded", { bubbles: true, detail: answer }));
  };
  const failed = (file, { message, refused }) => {
    state.replaceChildren(...before.notes); // a refused one has replaced nothing
    showProblem(problem, message || (refused ? words.textFailed : words.textLost));
    retry.hidden = refused;
    if (!refused) return void (kept = file);
    [input.value, chosen] = ["", undefined];
    preview(drop, before.src, "");
  };
  const deliver = (file) => {
    const mine = ++turn;
    const meter = document.createElement("progress");
    [meter.max, meter.value] = [1, 0];
    meter.setAttribute("aria-label", words.textBusy);
    drop.querySelector("progress")?.remove();
    drop.append(meter);
    state.textContent = words.textBusy;
    retry.hidden = true;
    showProblem(problem, "");
    const waiting = underWay.get(input.form) || new Set();
    underWay.set(input.form, waiting);
    const way = send(words.upload, input.name, file, (part) => (meter.value = part))
      .then((answer) => mine === turn && settled(file, answer), (fault) => mine === turn && failed(file, fault))
      .finally(() => [meter.remove(), waiting.delete(way)]);
    waiting.add(way);
  };
  const offer = async (file, always = false) => {
    const mine = ++turn;
    const last = chosen;
    chosen = file;
    const ready = await prepared(file, sizes, limit, always);
    if (mine !== turn) return;
    const large = ready && tooLarge(ready, words);
    if (!ready || large) {
      [input.value, chosen] = ["", last];
      if (kept) carry(input, kept);
      return showProblem(problem, large || "");
    }
    carry(input, ready);
    preview(drop, URL.createObjectURL(ready), file.name);
    deliver(ready);
  };

  input.addEventListener("change", () => input.files[0] && offer(input.files[0]));
  retry.addEventListener("click", () => deliver(kept));
  window.addEventListener("online", () => kept && deliver(kept));
  field.querySelector("[data-tools]").hidden = false;
  adjust.hidden = !before.src;
  adjust.addEventListener("click", async () => {
    const stored = async () => new File([await (await fetch(before.src)).blob()], input.name, { type: "image/jpeg" });
    offer(chosen || (await stored()), true);
  });
  const camera = field.querySelector("[data-camera]");
  field.querySelector("[data-shoot]").addEventListener("click", () => camera.click());
  camera.addEventListener("change", () => {
    const [file] = camera.files;
    camera.value = ""; // the same way leads to the next one
    if (file) offer(file);
  });
}

document.addEventListener("DOMContentLoaded", () => all("[data-upload]").forEach(pictureUpload));
