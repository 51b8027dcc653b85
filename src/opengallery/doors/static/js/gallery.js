// What makes the pages quicker to use; each of them also works without this file.
"use strict";

// ---- Dialogs -------------------------------------------------------------------------------------------------------

// <button data-confirm="dialog-id"> asks first; "OK" sends the form with confirmed=1.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = document.getElementById(event.submitter?.dataset.confirm ?? "");
  if (!dialog || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  dialog.showModal();
  dialog.querySelector("[data-ok]").onclick = () => {
    dialog.close();
    form.append(hidden("confirmed", "1"));
    form.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter);
  };
}, true);

// <a data-dialog="dialog-id" href="…"> opens the dialog here instead of the page there.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
});

function hidden(name, value) {
  return make("input", { type: "hidden", name, value });
}

// ---- Sending -------------------------------------------------------------------------------------------------------

// A form is sent once, however often the button is pressed; one with files shows how far it is.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (form.ariaBusy === "true") return event.preventDefault();
  if (hasFiles(form)) {
    event.preventDefault();
    upload(form, event.submitter);
  }
  form.ariaBusy = "true";
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(release));

function release(form) {
  form.ariaBusy = null;
  delete form.dataset.confirmed;
  form.querySelector("input[type=hidden][name=confirmed]")?.remove();
}

function hasFiles(form) {
  return [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
}

function upload(form, submitter) {
  const field = form.querySelector("[data-upload]");
  const texts = field.querySelector("[data-upload-list]").dataset;
  const bar = make("progress", { max: 100, value: 0, ariaLabel: texts.sending });
  const words = make("span", { textContent: texts.sending, role: "status" });
  field.querySelector(".upload__progress")?.remove();
  field.append(make("p", { className: "upload__progress" }, bar, words));

  const request = new XMLHttpRequest();
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = Math.round((100 * loaded) / total);
    words.textContent = `${bar.value} % · ${size(loaded)} / ${size(total)}`;
  };
  // Without a page for an answer: keep what was typed and chosen, and let the person press again.
  request.onerror = () => {
    bar.remove();
    words.textContent = texts.broken;
    release(form);
  };
  request.onload = () => {
    const page = request.status < 500 && request.getResponseHeader("Content-Type")?.startsWith("text/html");
    page ? show(request, form) : request.onerror();
  };
  request.open("POST", submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href);
  request.send(new FormData(form, submitter));
}

// Show the answer in place of this page, as the browser would have done, and give the files back to a form that needs correcting.
function show(request, sent) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const chosen = [...sent.querySelectorAll("input[type=file]")].map((input) => [input.id, input.files]);
  const kinds = [...sent.querySelectorAll("[data-upload-list] select")].map((select) => select.value);
  const ticks = [...sent.querySelectorAll("[data-upload-list] [type=checkbox]")].map((tick) => tick.checked);
  // A page parsed without scripting holds what is meant for browsers without it.
  page.querySelectorAll("noscript").forEach((element) => element.remove());
  document.title = page.title;
  document.body.replaceWith(page.body);
  if (request.responseURL !== location.href) history.pushState(null, "", request.responseURL);
  shown = address();
  if (request.status === 422) {
    for (const [id, files] of chosen) {
      const input = document.getElementById(id);
      if (input) input.files = files;
    }
  }
  htmx.process(document.body);
  scrollTo(0, 0);
  enhance();
  document.querySelectorAll("[data-upload-list] select").forEach((select, position) => (select.value = kinds[position] ?? select.value));
  document.querySelectorAll("[data-upload-list] [type=checkbox]").forEach((tick, position) => (tick.checked = ticks[position] ?? tick.checked));
}

// Going back from a page shown that way; a link to a field on this page is no reason to load it again.
let shown = address();
window.addEventListener("popstate", () => address() === shown || location.reload());

function address() {
  return location.pathname + location.search;
}

// ---- Files before they are sent ------------------------------------------------------------------------------------

function enhance() {
  document.querySelectorAll("[data-upload]").forEach(listFiles);
  document.querySelector(".consoles [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  document.querySelector("[data-error-summary]")?.focus();
}

function listFiles(field) {
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector("[data-upload-list]");
  const kinds = field.querySelector("[data-upload-kinds]");
  const proves = field.querySelector("[data-upload-proves]");
  let files = [...input.files];

  // Choosing again adds to what was chosen; the input itself always holds what will be sent.
  function keep(wanted) {
    files = wanted;
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    draw();
  }

  function draw() {
    const before = new Map([...list.children].map((row) => [row.file, row]));
    list.replaceChildren(...files.map((file) => before.get(file) ?? fileRow(file)));
    list.hidden = !files.length;
    if (kinds) {
      kinds.hidden = files.length > 0;
      kinds.querySelector("select").disabled = files.length > 0;
    }
    if (proves) proves.hidden = proves.disabled = files.length > 0;
    [...list.children].forEach((row, position) => {
      row.querySelectorAll("[type=checkbox]").forEach((tick) => (tick.name = `${input.name}_proves_${position}`));
      complain(row, position);
    });
  }

  function fileRow(file) {
    const facts = make("span", { className: "upload__facts", textContent: size(file.size) });
    const name = make("span", { className: "upload__name", textContent: file.name });
    const row = make("li", { className: "upload__file", file }, make("div", {}, name, facts));
    if (kinds) {
      const choice = kinds.querySelector("select").cloneNode(true);
      choice.removeAttribute("id");
      choice.disabled = false;
      choice.ariaLabel = `${kinds.querySelector("label").textContent}: ${file.name}`;
      row.append(choice);
    }
    if (proves) row.append(ticksFor(file));
    const remove = make("button", { type: "button", className: "button button--quiet button--small", textContent: list.dataset.remove });
    remove.ariaLabel = `${list.dataset.remove} ${file.name}`;
    remove.onclick = () => {
      keep(files.filter((other) => other !== file));
      input.focus();
    };
    row.append(remove);
    fingerprint(file).then((digits) => {
      if (!digits) return;
      facts.append(` · SHA-256 ${digits.slice(0, 12)}…`);
      facts.title = `SHA-256 ${digits}`;
    });
    return row;
  }

  // Which acceptance criteria this one file proves.
  function ticksFor(file) {
    const ticks = proves.cloneNode(true);
    ticks.removeAttribute("id");
    ticks.hidden = ticks.disabled = false;
    ticks.querySelector("legend").textContent += `: ${file.name}`;
    ticks.querySelectorAll("input").forEach((tick) => tick.removeAttribute("id"));
    return ticks;
  }

  // A hint before the sending; the server decides.
  function complain(row, position) {
    const { maxBytes, maxFiles } = input.dataset;
    const wrong = (maxBytes && row.file.size > maxBytes && list.dataset.tooLarge) || (maxFiles && position >= maxFiles && list.dataset.tooMany);
    row.querySelector(".upload__complaint")?.remove();
    row.toggleAttribute("data-invalid", Boolean(wrong));
    if (wrong) row.querySelector(".upload__facts").prepend(make("strong", { className: "upload__complaint", textContent: `${wrong} · ` }));
  }

  const add = (chosen) => keep(input.multiple ? [...files, ...chosen] : [...chosen].slice(0, 1));
  input.addEventListener("change", () => add(input.files));
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    field.addEventListener(name, (event) => {
      event.preventDefault();
      field.toggleAttribute("data-over", name === "dragenter" || name === "dragover");
      if (name === "drop") add(event.dataTransfer.files);
    });
  }
  draw();
}

// Browsers calculate fingerprints on https and localhost only, and only of what fits in memory.
async function fingerprint(file) {
  if (!crypto.subtle || file.size > 64_000_000) return "";
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function size(bytes) {
  const unit = ["byte", "kilobyte", "megabyte", "gigabyte"][Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3))];
  const amount = bytes / 1000 ** ["byte", "kilobyte", "megabyte", "gigabyte"].indexOf(unit);
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: bytes < 1000 ? "long" : "short", maximumFractionDigits: 1 }).format(amount);
}

// ---- Small comforts ------------------------------------------------------------------------------------------------

// <button data-copy="#id"> copies the words of that element.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  const words = button.textContent;
  button.textContent = button.dataset.copied ?? "✓";
  setTimeout(() => (button.textContent = words), 1500);
});

// A menu closes when one clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

enhance();
