// One memory's review. The server prints every page and fragment; this asks for them, keeps what the reader was doing,
// and carries what they decide to Airflow; of a fleet's member, to the member's own route.
"use strict";

const query = (more) => new URLSearchParams({ ...(page.member ? { member: page.member } : {}), ...more });
const address = (name, more) => `${page.page}/${name}?${query(more)}`;
const api = (name, more = {}) => `${page.api}/${name}?${query(more)}`;
// The page anew shows what others edited as well: nobody is to adopt it as what they saw before.
const OTHERS_CHOSE = "What becomes of a late write was chosen elsewhere. Look at the late writes before you adopt.";
const OTHERS_TOO = "The output was edited elsewhere, too. Look at what is new before you adopt.";

// --- What the reader has done, kept across reloads of the page ------------------------------------------------------

const KEY = `dreamflow:${page.api}${page.member ? `:${page.member}` : ""}`;
const kept = { ticks: [], comment: "", ...JSON.parse(sessionStorage.getItem(KEY) || "{}") };
const keep = () => sessionStorage.setItem(KEY, JSON.stringify(kept));

function restore() {
  const comment = $("#comment");
  if (comment && !comment.value) comment.value = kept.comment;
  weigh();
}

// --- Ticks, and whether there is anything in the way of adopting ----------------------------------------------------

const flags = () => words($("#findings")?.dataset.flags);
const unticked = () => flags().filter((id) => !kept.ticks.includes(id));

function weigh() {
  for (const box of $$(".tick:not(:disabled)")) box.checked = kept.ticks.includes(box.dataset.id);
  for (const all of $$(".tick-all")) all.checked = words(all.dataset.ids).every((id) => kept.ticks.includes(id));
  const adopt = $(".adopt");
  const why = $("#why-not");
  if (!adopt || !why) return;
  const blocks = Number($("#summary").dataset.blocks);
  const left = unticked();
  adopt.disabled = blocks > 0 || left.length > 0;
  if (blocks) why.textContent = `Adopt waits: ${blocks} finding${blocks > 1 ? "s" : ""} must be mended first.`;
  else if (left.length) {
    const link = Object.assign(document.createElement("a"), { href: `#f-${left[0]}`, className: "to-finding" });
    link.textContent = `${left.length} flag${left.length > 1 ? "s" : ""}`;
    why.replaceChildren("Adopt waits for a tick at ", link, ".");
  } else why.textContent = "Nothing stands in the way of adopting.";
}

function ticked(box) {
  const ids = box.matches(".tick-all") ? words(box.dataset.ids) : [box.dataset.id];
  kept.ticks = kept.ticks.filter((id) => !ids.includes(id)).concat(box.checked ? ids : []);
  keep();
  weigh();
}

async function allFindings(button) {
  const { check, severity } = button.dataset;
  const answer = await ask(address("findings", { check, severity, view: page.view }));
  if (!answer.ok) return notice(told(answer), "bad");
  button.closest(".rows").replaceWith(parsed(answer.content).querySelector(".rows"));
  return weigh();
}

// --- Reading: pages of changes, jumps, folded lines -----------------------------------------------------------------

// The changes anew. What the reader was writing stays: in its memory, or above all others where that is not on the page.
function showChanges(fresh) {
  const open = $$(".change").filter((change) => $(".edit", change));
  $("#changes").replaceWith(fresh);
  for (const old of open) {
    const box = $(".box", old);
    const twin = $$(".change:not(.draft)", fresh).find((change) => change.dataset.path === old.dataset.path);
    if (twin && (box.dataset.mine || twin.dataset.sha === old.dataset.sha)) $(".box", twin).replaceWith(box);
    else if (!twin && box.dataset.mine) $(".tools", fresh).after(draft(old, box));
  }
}

// A memory's name and box, by themselves.
function draft(change, box) {
  const alone = change.cloneNode(false);
  const name = $("h3", change).cloneNode(true);
  for (const [element, attribute] of [[alone, "id"], [alone, "aria-labelledby"], [name, "id"]]) element.removeAttribute(attribute);
  alone.classList.add("draft");
  alone.append(name, box);
  return alone;
}

async function turn(number, view = page.view) {
  const answer = await ask(address("changes", { page: number, view }));
  if (!answer.ok) return notice(told(answer), "bad");
  page.view = view;
  showChanges(parsed(answer.content).getElementById("changes"));
  history.replaceState(null, "", `?${query({ page: number, view })}`);
  return markPlace();
}

async function view(name) {
  document.cookie = `dreamflow_view=${name}; path=${page.page.split("/review/")[0]}; SameSite=Strict`;
  const at = placed()?.id;
  await turn($("#changes").dataset.page, name);
  if (at) show(document.getElementById(at));
}

function show(element) {
  if (!element) return;
  const row = element.closest("tr");
  element.scrollIntoView({ block: row ? "center" : "start" });
  if (row) {
    $$(".lit").forEach((lit) => lit.classList.remove("lit"));
    row.classList.add("lit");
    element.closest(".change").focus({ preventScroll: true });
  } else element.focus({ preventScroll: true });
  markPlace();
}

async function jump(link) {
  const { key, page: number, side, line } = link.dataset;
  if ($("#changes").dataset.page !== number) await turn(number);
  const change = document.getElementById(key);
  if (!change) return;
  const id = line && `${key}-${side[0]}${line}`;
  if (id && !document.getElementById(id)) await part(change, { side, line });
  show((id && document.getElementById(id)) || change);
}

// One memory anew: another part of its diff, or the part that has a line.
async function part(change, where) {
  const path = decodeURIComponent(change.dataset.path);
  const answer = await ask(address("memory", { path, view: page.view, ...where }));
  if (!answer.ok) return notice(told(answer), "bad");
  const fresh = parsed(answer.content).querySelector(".diff");
  if (fresh) $(":scope > .diff", change).replaceWith(fresh);
  return fresh;
}

async function unfold(button) {
  const change = button.closest(".change");
  const { before, after, count } = button.dataset;
  const path = decodeURIComponent(change.dataset.path);
  const answer = await ask(address("lines", { path, before, after, count, view: page.view }));
  if (!answer.ok) return notice(told(answer), "bad");
  return button.closest("tr").replaceWith(...parsed(answer.content).querySelectorAll("tr"));
}

async function whole(link) {
  const answer = await ask(link.href);
  if (!answer.ok) return notice(told(answer), "bad");
  return panel(link, parsed(answer.content).body);
}

const changes = () => $$("#changes .change");
const placed = () => document.activeElement?.closest?.(".change") || changes().find((one) => one.getBoundingClientRect().bottom > 80);

function markPlace() {
  const key = placed()?.dataset.key;
  for (const link of $$("#files a[aria-current]")) link.removeAttribute("aria-current");
  if (key) $(`#files a[data-key="${key}"]`)?.setAttribute("aria-current", "true");
}

async function step(by) {
  const all = changes();
  const here = document.activeElement?.closest?.(".change");
  const next = here ? all.indexOf(here) + by : 0;
  const { page: number, pages } = $("#changes").dataset;
  if (next >= 0 && next < all.length) return show(all[next]);
  const other = Number(number) + by;
  if (other < 1 || other > Number(pages)) return undefined;
  await turn(other);
  return show(changes().at(by > 0 ? 0 : -1));
}

function stepFinding(by) {
  const all = $$(".finding").filter((one) => !one.closest("details:not([open])"));
  const next = all.indexOf(document.activeElement?.closest?.(".finding")) + by;
  const finding = all[Math.max(0, Math.min(next, all.length - 1))];
  finding?.focus({ preventScroll: true });
  finding?.scrollIntoView({ block: "center" });
}

function filter(text) {
  const wanted = text.toLowerCase();
  for (const file of $$("#files .file")) file.hidden = !decode(file).includes(wanted);
  for (const folder of $$("#files .tree details").reverse()) {
    const found = $(".file:not([hidden])", folder);
    folder.parentElement.hidden = !found;
    folder.dataset.was ??= String(folder.open);
    folder.open = wanted ? Boolean(found) : folder.dataset.was === "true";
  }
  $("#no-match").hidden = Boolean($("#files .file:not([hidden])"));
}

function decode(file) {
  const names = [$(".name", file).textContent];
  for (let folder = file.closest("details"); folder && folder.closest(".tree"); folder = folder.parentElement.closest("details")) {
    names.unshift($("summary .name", folder).textContent);
  }
  return `/${names.join("")}`.toLowerCase();
}

// --- Evidence -------------------------------------------------------------------------------------------------------

const known = new Map();
let asked = null;
let pointed = null; // what the mouse asked of: a click, or the focus, keeps it open

async function evidence(specific) {
  const { line, start } = specific.dataset;
  const path = decodeURIComponent(specific.closest(".change").dataset.path);
  const at = api("evidence", { path, line, start });
  asked = specific;
  if (!known.has(at)) known.set(at, ask(at));
  const answer = await known.get(at);
  if (!answer.ok) known.delete(at);
  else if (asked === specific) panel(specific, parsed(answer.content).body);
}

function panel(beside, content) {
  const box = $("#evidence");
  box.replaceChildren(...content.cloneNode(true).childNodes);
  box.hidden = false;
  const at = beside.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - box.offsetWidth - 8));
  const below = at.bottom + 6 + box.offsetHeight < window.innerHeight;
  const top = below ? at.bottom + 6 : Math.max(8, at.top - box.offsetHeight - 6);
  Object.assign(box.style, { left: `${left + window.scrollX}px`, top: `${top + window.scrollY}px` });
}

function closePanel() {
  asked = pointed = null;
  $("#evidence").hidden = true;
}

// --- Mending --------------------------------------------------------------------------------------------------------

async function send(change, request) {
  const path = decodeURIComponent(change.dataset.path);
  const body = { path, expected_sha256: change.dataset.sha || null, ...request };
  const seen = $("#summary").dataset.digest;
  notice("Writing, and checking anew…");
  const answer = await ask(api("edits"), { method: "POST", body: JSON.stringify(body) });
  if (answer.ok) {
    quiet();
    const box = $(".box", change);
    if (request.action === "write" || !box.dataset.mine) closeBox(box);
    if (!(await refresh())) return answer;
    if (answer.content.was !== seen) notice(OTHERS_TOO, "bad");
    if (change.closest("#evidence")) closePanel();
    show(changes().find((one) => one.dataset.path === change.dataset.path) || $("#changes"));
  } else notice(told(answer), "bad", answer.status === 409 ? { label: "Show what is there now", act: refresh } : null);
  return answer;
}

function mend(button) {
  const { action, hunk, version, store } = button.dataset;
  const more = { hunk_id: hunk || null, version_id: version || null, store_id: store || null };
  return send(button.closest(".change"), { action, ...more });
}

// A memory that did not change, out of the panel that it was looked at in: what is written there is not to close with it.
function lifted(change) {
  if (!change.closest("#evidence")) return change;
  const open = $$("#changes .draft").find((one) => one.dataset.path === change.dataset.path);
  closePanel();
  if (open) return open;
  change.classList.add("draft");
  $("#changes .tools").after(change);
  return change;
}

async function edit(looked) {
  const change = lifted(looked);
  const box = $(".box", change);
  if (!box.hidden) return $("textarea", box).focus();
  const answer = await ask(address("box", { path: decodeURIComponent(change.dataset.path) }));
  if (!answer.ok) return notice(told(answer), "bad");
  box.replaceChildren(...parsed(answer.content).body.childNodes);
  box.hidden = false;
  const area = $("textarea", box);
  area.rows = Math.min(40, area.value.split("\n").length + 2);
  if (change.matches(".draft")) change.scrollIntoView({ block: "start" });
  return area.focus({ preventScroll: change.matches(".draft") });
}

function closeBox(box) {
  box.replaceChildren();
  delete box.dataset.mine;
  box.hidden = true;
  box.closest(".draft")?.remove();
}

async function save(form) {
  const change = form.closest(".change");
  const area = $("textarea", form);
  const { sha, version, ends } = form.dataset;
  const request = { action: "write", content: area.value, expected_sha256: sha || null, shown_version: version, shown_ends: ends };
  const answer = await send(change, request);
  if (answer.status === 409 && "held" in answer.content) conflict(form, answer.content);
}

// Somebody else was faster: what stands there now is shown beside what the reader wrote, which is kept.
function conflict(form, { held, held_sha256: sha }) {
  const box = $(".conflict", form);
  const text = Object.assign(document.createElement("pre"), { textContent: held ?? "The memory is gone." });
  const title = Object.assign(document.createElement("p"), { textContent: "What stands there now. Your text is kept above:" });
  const over = Object.assign(document.createElement("button"), { type: "button", textContent: "Let mine replace it" });
  over.addEventListener("click", () => {
    form.dataset.sha = sha || "";
    save(form);
  });
  box.replaceChildren(title, text, over);
  box.hidden = false;
}

async function past(button) {
  const change = lifted(button.closest(".change"));
  const box = $(".past", change);
  if (!box) return show(change);
  if (!box.hidden) {
    button.setAttribute("aria-expanded", "false");
    return (box.hidden = true);
  }
  const answer = await ask(address("history", { path: decodeURIComponent(change.dataset.path) }));
  if (!answer.ok) return notice(told(answer), "bad");
  button.setAttribute("aria-expanded", "true");
  box.replaceChildren(...parsed(answer.content).body.childNodes);
  box.hidden = false;
  return change.matches(".draft") && show(change);
}

// The text behind a row of a table, below it; or another part of it; or no longer.
async function text(button) {
  const host = button.closest(".shown-text");
  const row = host ? host.previousElementSibling : button.closest("tr");
  const below = () => (row.nextElementSibling?.matches(".shown-text") ? row.nextElementSibling : null);
  if (!host) button.setAttribute("aria-expanded", String(!below()));
  if (!host && below()) return below().remove();
  const answer = await ask(button.dataset.at);
  if (!answer.ok) return notice(told(answer), "bad");
  const fresh = parsed(answer.content).querySelector(".shown-text");
  fresh.cells[0].colSpan = row.cells.length;
  below()?.remove();
  return row.after(fresh);
}

async function late(button) {
  const answer = await ask(address("late", { page: button?.dataset.page || $("#late-rows").dataset.page || 1 }));
  if (!answer.ok) return notice(told(answer), "bad");
  const rows = parsed(answer.content).getElementById("late-rows");
  $("#late-count").textContent = rows.dataset.count;
  $("#late-rows").replaceWith(rows);
  const shown = $("#summary").dataset;
  if (rows.dataset.choices !== shown.choices) notice(OTHERS_CHOSE, "bad");
  shown.choices = rows.dataset.choices;
}

function showLate() {
  quiet();
  $("#late details").open = true;
  $("#late").scrollIntoView();
}

async function choose(button) {
  const { path, sha } = button.closest(".choices").dataset;
  const request = { path: decodeURIComponent(path), sha256: sha || null, choice: button.dataset.choice };
  const answer = await ask(api("late"), { method: "POST", body: JSON.stringify(request) });
  if (!answer.ok) return notice(told(answer), "bad", { label: "Look again", act: () => late().then(quiet) });
  const shown = $("#summary").dataset;
  if (answer.content.was === shown.choices) shown.choices = answer.content.choices;
  return late();
}

// --- Deciding: by Airflow's own route, or, of a fleet's member, by ours; as the person who is signed in ---------------

const chooseHere = (request) => ask(api("answer"), { method: "POST", body: JSON.stringify(request) });

async function decide(button) {
  const option = button.dataset.option;
  const comment = $("#comment").value.trim();
  if (option === "Dream again" && !comment) {
    $("#comment").focus();
    return notice("“Dream again” needs words: they are what the next dream should do.", "bad");
  }
  const { digest, choices } = $("#summary").dataset;
  const looked = flags().filter((id) => kept.ticks.includes(id));
  button.disabled = true;
  const answer = page.member
    ? await chooseHere({ decision: option, digest, choices, comment, ticked: looked })
    : await answerAirflow(page.answer, option, { comment, digest: `${digest}+${choices}`, looked_at: looked });
  if (answer.ok) {
    sessionStorage.removeItem(KEY);
    notice(page.member ? `${option}: it is noted, and done when the fleet's question is answered.` : `${option}: Airflow has your answer.`, "good");
    return refresh();
  }
  button.disabled = false;
  notice(page.member ? told(answer) : whyNot(answer), "bad");
  if (answer.status === 409 && !page.member) overtaken = `${whyNot(answer)} `;
  return weigh();
}

async function takeBack() {
  const answer = await chooseHere({ decision: null });
  if (!answer.ok) return notice(told(answer), "bad");
  quiet();
  return refresh();
}

// --- What happens elsewhere -----------------------------------------------------------------------------------------

// The page from its beginning; what the reader is writing would go with it.
function reload() {
  if (!$(".box[data-mine]")) return location.reload();
  return notice("This page is out of date. Copy what you are writing, then load the page anew.", "bad");
}

// The page anew, in place: open boxes, ticks, folds and the place on the page stay. Tells whether it was printed.
async function refresh() {
  const number = $("#changes")?.dataset.page || 1;
  const answer = await during(() => ask(`${page.page}?${query({ page: number, view: page.view })}`));
  if (!answer.ok) return notice(told(answer), "bad");
  const fresh = parsed(answer.content);
  const open = new Map($$("details[data-keep]").map((fold) => [fold.dataset.keep, fold.open]));
  const top = window.scrollY;
  if (!$("#changes") || !fresh.getElementById("changes")) return reload();
  for (const id of ["summary", "findings", "files", "late", "about", "decide"]) {
    const [old, other] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && other) old.replaceWith(other);
  }
  showChanges(fresh.getElementById("changes"));
  for (const fold of $$("details[data-keep]")) if (open.has(fold.dataset.keep)) fold.open = open.get(fold.dataset.keep);
  window.scrollTo({ top, behavior: "instant" });
  overtaken = "";
  known.clear();
  restore();
  markPlace();
  return true;
}

// What was said of an answer that came second: what is told later of the faster one comes after it, not in its place.
let overtaken = "";

async function poll() {
  const answer = await news(api("state"));
  if (!answer) return;
  if (answer.status === 401) return notice("You were signed out. Sign in to Airflow, then load this page anew.", "bad");
  if (!answer.ok) return;
  const now = answer.content;
  const shown = $("#summary").dataset;
  const anew = { label: "Show it", act: () => refresh().then((isPrinted) => isPrinted && quiet()) };
  if (!shown.digest && now.digest) reload();
  else if (now.decided && shown.decided === "no" && now.question === shown.question) await refresh();
  else if (now.question === "waiting" && now.refused && now.refused.at !== heard) {
    const others = now.digest === shown.digest ? "" : ` ${OTHERS_TOO}`;
    if (!(await refresh())) return;
    heard = now.refused.at;
    notice(`The answer of ${now.refused.by} was not taken: ${now.refused.why}.${others}`, "bad");
  } else if (now.question !== shown.question) {
    notice(overtaken + (now.decision ? `${now.decision}, by ${now.by}.` : "The question is not open any more."), overtaken && "bad", anew);
  } else if (now.question === "waiting" && shown.choices && now.choices !== shown.choices) {
    const others = now.digest === shown.digest ? "" : ` ${OTHERS_TOO}`;
    notice(OTHERS_CHOSE + others, "", { label: "Show it", act: () => refresh().then((isPrinted) => isPrinted && showLate()) });
  } else if (now.digest && now.digest !== shown.digest) notice("The output was edited elsewhere. What you see is older.", "", anew);
}

// --- Clicks and keys ------------------------------------------------------------------------------------------------

const DOES = {
  edit: (button) => edit(button.closest(".change")),
  mend: (button) => isSure(button) && mend(button),
  save: (button) => save(button.closest("form")),
  cancel: (button) => closeBox(button.closest(".box")),
  history: past,
  show: text,
  unfold,
  findings: allFindings,
  late,
  choose,
  part: (button) => part(button.closest(".change"), { page: button.dataset.part }).then(() => show(button.closest(".change"))),
  answer: (button) => isSure(button) && decide(button),
  takeBack,
  help: () => $("#help").showModal(),
  close: () => $("#help").close(),
};

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  n: () => stepFinding(1),
  p: () => stepFinding(-1),
  x: () => $(".tick", document.activeElement.closest(".finding") || document.createElement("p"))?.click(),
  e: () => placed() && $("[data-does=edit]", placed()) && edit(placed()),
  u: () => view(page.view === "split" ? "unified" : "split"),
  "/": () => $("#filter")?.focus(),
  "?": () => $("#help").showModal(),
};

document.addEventListener("click", (event) => {
  const target = event.target.closest("a, button, .specific");
  if (!event.target.closest("#evidence, .specific, .whole")) closePanel();
  if (!target) return;
  if (target.matches("button[data-does]")) DOES[target.dataset.does](target);
  else if (target.matches(".specific")) {
    clearTimeout(leaving);
    pointed = null;
    evidence(target);
  } else if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  else if (target.matches("a.out")) openOutside(target) && event.preventDefault();
  else if (target.matches("a.jump, a.turn, a.view, a.whole, a.to-finding")) {
    event.preventDefault();
    if (target.matches(".jump")) {
      closePanel();
      jump(target);
    }
    else if (target.matches(".turn")) turn(target.dataset.page).then(() => show($("#changes")));
    else if (target.matches(".view")) view(target.dataset.view);
    else if (target.matches(".whole")) whole(target);
    else {
      const finding = $(target.getAttribute("href")) || $("[data-does=findings][data-severity=flag]");
      for (let fold = finding?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      show(finding);
    }
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanel();
  if ((event.key === "Enter" || event.key === " ") && event.target.matches?.(".specific")) {
    event.preventDefault();
    evidence(event.target).then(() => $("#evidence").focus());
  }
  const isTyping = event.target.matches?.("input:not([type=checkbox]), textarea, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || $("#help")?.open) return;
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

document.addEventListener("change", (event) => event.target.matches(".tick, .tick-all") && ticked(event.target));
document.addEventListener("focusin", (event) => {
  if (!event.target.matches?.(".specific")) return;
  clearTimeout(leaving);
  pointed = null;
  evidence(event.target);
});
// A mouse that moves brings evidence up, not a page that scrolls below it; it goes when the mouse has left both.
let mouse = "";
let leaving = null;
document.addEventListener("mousemove", (event) => {
  const at = `${event.screenX} ${event.screenY}`;
  if (at === mouse) return;
  mouse = at;
  const on = event.target.closest?.(".specific, #evidence");
  if (on) clearTimeout(leaving);
  if (on?.matches(".specific") && asked !== on) {
    window.focus(); // Airflow's page may have the keys, and Escape closes what shows
    evidence(on);
    pointed = on;
  } else if (!on && pointed && pointed === asked) {
    pointed = null;
    leaving = setTimeout(closePanel, 500);
  }
});
document.addEventListener("input", (event) => {
  if (event.target.id === "filter") filter(event.target.value);
  if (event.target.id === "comment") {
    kept.comment = event.target.value;
    keep();
  }
  const box = event.target.closest?.(".box");
  if (box) box.dataset.mine = "yes";
});
document.addEventListener("toggle", (event) => {
  if (event.target.dataset?.keep === "late" && event.target.open && $("[data-does=late]")) late();
}, true);
document.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("scroll", () => requestAnimationFrame(markPlace), { passive: true });

document.addEventListener("DOMContentLoaded", () => {
  if (!page.api) return;
  window.focus();
  restore();
  markPlace();
  everyFewSeconds(poll);
});
