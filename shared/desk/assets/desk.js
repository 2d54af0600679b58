// Behaviour of the desk's pages. Everything works without it; it keeps pages up to date, saves reviews and adds keys.

// The only markup that is ever written comes from this host's own fragments, in `swap` below.
const markup = globalThis.trustedTypes
  ? globalThis.trustedTypes.createPolicy("desk", { createHTML: (text) => text })
  : { createHTML: (text) => text };

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const utcClock = (date) => `${date.toISOString().slice(11, 19)} UTC`;

// --- Fragments that are asked for again and again ---------------------------------------------------------------------

const POLL_MS = 4000;
const POLL_MS_MAX = 60000;

function isInUse(element) {
  const selection = document.getSelection();
  return Boolean(selection && !selection.isCollapsed && element.contains(selection.anchorNode));
}

function swap(element, text) {
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.innerHTML = markup.createHTML(text);
  show(element);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// A page that is asked for without a sign-in sends one away to it.
function isSignedOut(answer) {
  return answer.type === "opaqueredirect" || answer.status === 401;
}

function hasUnsentInput() {
  return all("main form").some((form) =>
    [...form.elements].some(
      (field) =>
        (field.type === "file" && field.files.length > 0) ||
        (field.type !== "hidden" && "defaultValue" in field && field.type !== "file" && field.value !== field.defaultValue) ||
        ("defaultChecked" in field && field.checked !== field.defaultChecked),
    ),
  );
}

function poll(element) {
  const status = document.querySelector("[data-poll-status]");
  const pause = document.querySelector("[data-pause]");
  const stateOf = () => element.querySelector("[data-state]")?.dataset.state;
  const madeFor = stateOf();
  let last = null;
  let wait = POLL_MS;
  let timer = 0;
  let paused = false;
  let ended = false;
  let good = new Date();

  const say = (text) => {
    if (status && status.textContent !== text) status.textContent = text;
  };
  const plan = () => {
    clearTimeout(timer);
    if (!paused && !ended && document.visibilityState === "visible") timer = setTimeout(ask, wait);
  };
  const changed = () => {
    ended = true;
    if (hasUnsentInput()) say("The order has changed. Reload the page to see what can be done now.");
    else location.reload();
  };
  async function ask() {
    try {
      const answer = await fetch(element.dataset.poll, {
        headers: { Accept: "text/html" },
        cache: "no-cache",
        redirect: "manual",
        signal: AbortSignal.timeout(15000),
      });
      if (isSignedOut(answer)) {
        ended = true;
        say("You are signed out. Reload the page to sign in again.");
        return;
      }
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(String(answer.status));
        const text = await answer.text();
        if (text !== last && !isInUse(element) && !paused) {
          swap(element, text);
          last = text;
        }
      }
      good = new Date();
      wait = POLL_MS;
      say("");
      if (stateOf() !== madeFor) changed();
    } catch {
      wait = Math.min(wait * 2, POLL_MS_MAX);
      say(`Not updated since ${utcClock(good)}; trying again.`);
    }
    plan();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !paused && !ended) {
      wait = POLL_MS;
      clearTimeout(timer);
      void ask();
    } else clearTimeout(timer);
  });
  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.setAttribute("aria-pressed", String(paused));
      pause.textContent = paused ? "Resume updates" : "Pause updates";
      if (paused) plan();
      else void ask();
    });
  }
  plan();
}

// --- Small things -----------------------------------------------------------------------------------------------------

// Shows what only works with this module, in the page and in each fragment.
function show(within) {
  if (!navigator.clipboard) return;
  for (const button of all("[data-copy]", within)) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.getAttribute("aria-label");
    button.classList.add("copied");
    button.setAttribute("aria-label", "Copied");
    setTimeout(() => {
      button.classList.remove("copied");
      button.setAttribute("aria-label", label);
    }, 1500);
  } catch {
    // The id is in the title and on the order's page.
  }
});

document.addEventListener("submit", (event) => {
  const words = event.target.dataset.busy;
  const button = event.submitter;
  if (!words || !button) return;
  // After the form's fields were read, so that the button's own value is among them.
  setTimeout(() => {
    button.textContent = words;
    for (const each of all("button", event.target)) each.disabled = true;
  });
});

// Of the services' needs, those of the chosen one.
const service = document.getElementById("service");
if (service) {
  const choose = () => {
    for (const needs of all("[data-needs]")) needs.hidden = needs.dataset.needs !== service.value;
  };
  service.addEventListener("change", choose);
  choose();
}

// --- Problems ---------------------------------------------------------------------------------------------------------

// Why something was refused and what to do, in the words of the problem document if there is one.
function reasonOf(answer, told) {
  if (isSignedOut(answer)) return "You are signed out. Sign in again in another tab, then reload this page.";
  if (!told.title) return "Reload the page before you go on.";
  const detail = told.detail ? ` (${told.detail})` : "";
  return `${told.title}${detail}. ${told.action ?? "Reload the page before you go on."}`;
}

// --- Uploads that go straight to the bucket -----------------------------------------------------------------------------

// A request of the API; a problem is thrown as what to tell.
async function ask(method, path, body, key) {
  const answer = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify(body),
    redirect: "manual",
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(reasonOf(answer, told));
  return told;
}

const FILES_AT_ONCE = 100;

// Announces files and uploads each with the request that was signed for it.
async function uploadAll(order, files, key, say) {
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    const some = files.slice(start, start + FILES_AT_ONCE);
    const described = some.map((file) => ({ name: file.name, bytes: file.size, content_type: file.type || null }));
    const places = await ask("POST", `/v1/orders/${order}/documents`, { files: described }, `${key}-files-${start}`);
    for (const [index, place] of places.entries()) {
      say(`Uploading ${start + index + 1} of ${files.length}: ${some[index].name}`);
      // The browser sets these itself.
      const headers = place.headers.filter(([name]) => !["host", "content-length"].includes(name.toLowerCase()));
      const answer = await fetch(place.url, { method: place.method, headers, body: some[index], credentials: "omit" });
      // It is taken once, so a repeat finds it stored.
      if (!answer.ok && answer.status !== 412) {
        throw new Error(`${some[index].name} was not stored (${answer.status}). Send the form again; what is stored stays.`);
      }
    }
  }
}

function direct(form) {
  const status = form.querySelector("[data-upload-status]");
  const say = (text, isError = false) => {
    status.textContent = text;
    status.classList.toggle("is-error", isError);
  };
  const known = form.dataset.direct;
  // Other files need other keys: what was announced has to be uploaded as it was.
  let sent = null;
  let attempt = 0;

  async function send(action, files) {
    const chosen = JSON.stringify(files.map((file) => [file.name, file.size, file.lastModified]));
    if (sent !== null && sent !== chosen) attempt += 1;
    sent = chosen;
    const key = `${form.elements.idempotency_key.value}-direct-${attempt}`;
    let order = known;
    if (!order) {
      const field = (name) => form.elements[name];
      const options = { notify_on_completion: Boolean(field("notify_on_completion")?.checked) };
      if (field("skip_review")?.checked) options.skip_review = true;
      if (field("auto_approve_above")?.value) options.auto_approve_above = Number(field("auto_approve_above").value);
      const body = { service_code: field("service_code").value, options };
      order = (await ask("POST", "/v1/orders", body, `${key}-create`)).order_id;
    }
    await uploadAll(order, files, key, say);
    if (known) location.assign(`/orders/${order}?done=uploaded`);
    else if (action === "draft") location.assign(`/orders/${order}?done=created`);
    else {
      await ask("POST", `/v1/orders/${order}/process`, {}, `${key}-process`);
      location.assign(`/orders/${order}?done=processing`);
    }
  }

  form.addEventListener("submit", async (event) => {
    const files = [...form.elements.files.files];
    // Without files, the form says itself what is missing.
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = all("button", form);
    for (const each of buttons) each.disabled = true;
    try {
      await send(event.submitter?.value, files);
    } catch (error) {
      say(error instanceof TypeError ? "The connection broke. Send the form again; what is stored stays." : error.message, true);
      for (const each of buttons) each.disabled = false;
    }
  });
}

for (const form of all("form[data-direct]")) direct(form);

// --- The review desk --------------------------------------------------------------------------------------------------

const SAVE_AFTER_MS = 1500;
const SAVE_AGAIN_MS = 10000;

function review(form) {
  const items = all("[data-item]", form);
  const status = form.querySelector("[data-save-status]");
  const field = (item, name) => item.querySelector(`[data-${name}]`);
  let version = 0;
  let savedVersion = 0;
  let timer = 0;
  let saving = null;
  let stopped = false;
  let leaving = false;

  const say = (text, isError = false) => {
    status.textContent = text;
    status.classList.toggle("is-error", isError);
  };

  // What an item needs, and whether it shows as decided.
  function refresh(item) {
    const decided = field(item, "decided");
    const reason = field(item, "reason");
    const other = field(item, "other");
    const row = field(item, "other-row");
    if (other) {
      const proposed = item.querySelector("[data-proposed]");
      row.required = decided.checked && other.checked;
      reason.required = decided.checked && Boolean(proposed) && !proposed.checked;
    } else {
      field(item, "answer").required = decided.checked;
      reason.required = decided.checked;
    }
    item.classList.toggle("is-decided", decided.checked);
    field(item, "decided-mark").hidden = !decided.checked;
  }
  function count() {
    const decided = items.filter((item) => field(item, "decided").checked).length;
    for (const each of all("[data-count]")) each.textContent = String(decided);
  }

  async function save() {
    clearTimeout(timer);
    if (saving) {
      await saving;
      if (version === savedVersion) return true;
    }
    if (stopped) return false;
    saving = send();
    try {
      return await saving;
    } finally {
      saving = null;
      if (version !== savedVersion && !stopped) timer = setTimeout(save, SAVE_AFTER_MS);
    }
  }
  async function send() {
    const sent = version;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    // Each save is another command, while a repeat of the same form by hand is not.
    body.set("idempotency_key", crypto.randomUUID());
    say("Saving…");
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST",
        headers: { Accept: "application/json", "X-Desk": "autosave" },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(20000),
      });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) {
        if (told.etag) form.elements.etag.value = told.etag;
        savedVersion = sent;
        say(`Saved ${utcClock(told.saved_at ? new Date(told.saved_at) : new Date())}`);
        return true;
      }
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
      stopped = true;
      say(`Not saved. ${reasonOf(answer, told)}`, true);
    } catch {
      say("Not saved; trying again.", true);
      clearTimeout(timer);
      timer = setTimeout(save, SAVE_AGAIN_MS);
    }
    return false;
  }
  function touched() {
    version += 1;
    if (stopped) return;
    say("Not saved yet");
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  }

  form.addEventListener("input", (event) => {
    const item = event.target.closest("[data-item]");
    if (!item) return;
    const decided = field(item, "decided");
    if (event.target === field(item, "other-row")) {
      field(item, "other").checked = event.target.value !== "";
      decided.checked = event.target.value !== "";
    } else if (event.target === field(item, "answer")) {
      decided.checked = event.target.value.trim() !== "";
    } else if (event.target.type === "radio") {
      decided.checked = event.target !== field(item, "other") || field(item, "other-row").value !== "";
    }
    refresh(item);
    count();
    touched();
  });
  // A click on the row that is proposed decides for it, although nothing changes in the field.
  form.addEventListener("click", (event) => {
    const item = event.target.matches("[data-proposal]") && event.target.closest("[data-item]");
    if (!item || field(item, "decided").checked) return;
    field(item, "decided").checked = true;
    refresh(item);
    count();
    touched();
  });
  form.addEventListener("submit", () => {
    leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (version !== savedVersion && !leaving) event.preventDefault();
  });
  form.querySelector("[data-save]").addEventListener("click", (event) => {
    event.preventDefault();
    void save();
  });
  // A draft may lack reasons; only a review that is submitted may not.
  items.forEach(refresh);
  count();
  keys(form, items, { field, save, say });
}

function keys(form, items, { field, save, say }) {
  const legend = document.querySelector("[data-keys]");
  const on = document.querySelector("[data-keys-on]");
  if (!legend || !on) return;
  legend.hidden = false;
  const KEPT = "desk.keys";
  try {
    on.checked = localStorage.getItem(KEPT) !== "off";
  } catch {
    // Without storage the keys are on.
  }
  on.addEventListener("change", () => {
    try {
      localStorage.setItem(KEPT, on.checked ? "on" : "off");
    } catch {
      // It lasts for this page only.
    }
  });

  let at = -1;
  const isTyping = (target) =>
    target.isContentEditable || (target.matches("input, textarea, select") && !target.matches("[type=radio], [type=checkbox]"));
  const current = () => {
    const within = document.activeElement?.closest("[data-item]");
    return within ? items.indexOf(within) : at;
  };
  const go = (index) => {
    if (index >= items.length) return say("That was the last item.");
    at = Math.max(index, 0);
    items[at]?.focus();
  };
  const choose = (number) => {
    const item = items[current()];
    const radio = item?.querySelector(`[data-proposal="${number}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const act = {
    j: () => go(current() + 1),
    k: () => go(current() - 1),
    1: () => choose(1),
    2: () => choose(2),
    3: () => choose(3),
    r: () => {
      const item = items[current()];
      if (item) field(item, "reason").focus();
    },
    s: async () => {
      const from = current();
      if ((await save()) && current() === from) go(from + 1);
    },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.closest("[data-item]")?.focus();
      return;
    }
    if (!on.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    const action = Object.hasOwn(act, event.key) ? act[event.key] : null;
    if (!action) return;
    event.preventDefault();
    void action();
  });
}

// What was done is said once: a reload would say it again, when it may no longer be so.
const here = new URL(location.href);
if (here.searchParams.has("done")) {
  here.searchParams.delete("done");
  history.replaceState(history.state, "", here);
}

show(document);
for (const element of all("[data-poll]")) poll(element);
for (const form of all("[data-review]")) review(form);
