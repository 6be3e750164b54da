// What the pages share: Airflow's theme and its sandbox, asking the server, and telling the reader. Text from the server
// goes into a page as HTML that the server has escaped, or as text; nothing here builds HTML from text.
"use strict";

const page = document.documentElement.dataset;
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const POLL_MS = 3000;
const PATIENCE_MS = 30000;

// --- Airflow's theme, and its sandbox -------------------------------------------------------------------------------

function followTheme() {
  try {
    const airflow = window.parent.document.documentElement;
    if (window.parent === window) return;
    const follow = () => {
      const theme = ["dark", "light"].find((name) => airflow.classList.contains(name));
      if (theme) document.documentElement.dataset.theme = theme;
    };
    follow();
    new window.parent.MutationObserver(follow).observe(airflow, { attributeFilter: ["class"] });
  } catch {
    // Framed by a page that may not be read: the system's theme holds.
  }
}

// Airflow's frame lets nothing open a window: the link is followed by Airflow's own page.
function openOutside(link) {
  try {
    if (window.parent === window) return false;
    const twin = window.parent.document.createElement("a");
    Object.assign(twin, { href: link.href, target: "_blank", rel: "noopener noreferrer" });
    twin.click();
    return true;
  } catch {
    return false;
  }
}

// --- Asking the server ----------------------------------------------------------------------------------------------

const NO_ANSWER = "The server did not answer. See that you are connected, and try again.";

// Requests under way that change something, or print the page anew; and how many there were.
let busy = 0;
let turns = 0;

async function during(work) {
  busy += 1;
  try {
    return await work();
  } finally {
    busy -= 1;
    turns += 1;
  }
}

const ask = (url, options = {}) => (options.method ? during(() => answered(url, options)) : answered(url, options));

// Whatever happens is an answer: one that did not come has the status 0.
async function answered(url, options) {
  const headers = { "X-Dreamflow": "1", ...(options.body ? { "Content-Type": "application/json" } : {}) };
  try {
    const response = await fetch(url, { credentials: "same-origin", ...options, headers });
    const isJson = (response.headers.get("content-type") || "").includes("json");
    const content = isJson ? await response.json() : await response.text();
    return { ok: response.ok, status: response.status, content };
  } catch {
    return { ok: false, status: 0, content: { detail: NO_ANSWER } };
  }
}

// Asks again and again while the page is looked at; never while an answer is still to come.
function everyFewSeconds(poll) {
  setTimeout(async () => {
    if (!document.hidden) await poll().catch(() => null);
    everyFewSeconds(poll);
  }, POLL_MS);
}

let asking = false;

// How things stand, asked for every few seconds; null: no answer, or one that is of what was before what the reader did.
async function news(url) {
  if (asking || busy) return null;
  asking = true;
  const before = turns;
  const answer = await ask(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  asking = false;
  return busy || turns !== before ? null : answer;
}

// The newest answer of which the reader has heard that it was not taken: as the page came with it, or as it told.
let heard = "";

const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
const words = (text) => (text || "").split(" ").filter(Boolean);
const told = (answer) => (answer.content && answer.content.detail) || "That did not work. Load the page anew.";

function notice(text, tone = "", button = null) {
  const bar = $("#notice");
  // What is said already stays as it is: its button may be just about to be clicked.
  if (!bar.hidden && bar.className === `notice ${tone}` && bar.textContent === text + (button ? button.label : "")) return;
  bar.className = `notice ${tone}`;
  bar.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
  if (button) {
    const control = Object.assign(document.createElement("button"), { type: "button", textContent: button.label });
    control.addEventListener("click", button.act);
    bar.append(control);
  }
  bar.hidden = false;
}

const quiet = () => ($("#notice").hidden = true);

// A first click on what can't be undone by a click asks; a second one, within some seconds, does it.
function isSure(button) {
  if (!button.dataset.sure || button.classList.contains("armed")) return true;
  const label = button.textContent;
  button.classList.add("armed");
  button.textContent = button.dataset.sure;
  setTimeout(() => {
    button.classList.remove("armed");
    button.textContent = label;
  }, 10_000);
  return false;
}

// Answers the question, or one of them, by Airflow's own route, as the person who is signed in.
const answerAirflow = (url, option, form) =>
  ask(url, { method: "PATCH", body: JSON.stringify({ chosen_options: [option], params_input: form }) });

const WHY_NOT = { 0: NO_ANSWER, 403: "Airflow does not let you answer this question.", 409: "Somebody else has answered already." };
const whyNot = (answer) => WHY_NOT[answer.status] || `Airflow did not take the answer: ${told(answer)}`;

document.addEventListener("DOMContentLoaded", () => {
  heard = $("#summary")?.dataset.refused || "";
});

// Before there is a page, so that it begins in the right theme.
followTheme();
