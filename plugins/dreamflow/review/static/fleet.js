// The list of a fleet's members: pages and filters of it, ticks, and the answer for those that nobody has decided on.
"use strict";

const KEY = `dreamflow:${page.api}`;
const kept = { ticks: [], comment: "", ...JSON.parse(sessionStorage.getItem(KEY) || "{}") };
const keep = () => sessionStorage.setItem(KEY, JSON.stringify(kept));

// --- Ticks, and whether there is anything in the way of adopting the rest ---------------------------------------------

// For each question that waits: where its answer goes, the digest of its undecided members, and what is to be ticked.
const questions = () => JSON.parse($("#decide")?.dataset.questions || "[]");
// A tick is for a member's output as it was shown: one that was edited since has to be looked at again.
const unticked = () => questions().flatMap((one) => one.ticks).filter((tick) => !kept.ticks.includes(tick));
const several = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

function weigh() {
  const boxes = $$(".tick");
  for (const box of boxes) box.checked = kept.ticks.includes(box.dataset.tick);
  const all = $(".tick-all");
  if (all) {
    all.disabled = boxes.length === 0;
    all.checked = boxes.length > 0 && boxes.every((box) => box.checked);
  }
  const [why, adopt] = [$("#why-not"), $(".adopt")];
  if (!why || !adopt) return;
  const blocked = Number($("#decide").dataset.blocked);
  const left = unticked();
  adopt.disabled = blocked > 0 || left.length > 0;
  if (blocked) why.textContent = `Adopt waits: ${several(blocked, "member")} must be mended, or decided by itself, first.`;
  else if (left.length) why.textContent = `Adopt waits for a tick at ${several(left.length, "flagged member")}.`;
  else why.textContent = "Nothing stands in the way of adopting the rest.";
}

function ticked(box) {
  const ticks = box.matches(".tick-all") ? $$(".tick").map((one) => one.dataset.tick) : [box.dataset.tick];
  kept.ticks = kept.ticks.filter((tick) => !ticks.includes(tick)).concat(box.checked ? ticks : []);
  keep();
  weigh();
}

function restore() {
  const comment = $("#comment");
  if (comment && !comment.value) comment.value = kept.comment;
  weigh();
}

// --- The list: its pages, and what is looked for in it ----------------------------------------------------------------

// What the reader asked for last: its answer may still be under way.
let sought = null;

function here() {
  const { state, text, page: number } = $("#members").dataset;
  return sought || new URLSearchParams({ ...(state ? { state } : {}), ...(text ? { text } : {}), page: number });
}

let turning = 0; // the newest request: an answer that comes after another's is too late

async function turn(search, only = ["summary", "members", "decide"]) {
  const mine = ++turning;
  sought = new URLSearchParams(search);
  const answer = await during(() => ask(`${page.page}?${sought}`));
  if (mine !== turning) return false;
  sought = null;
  if (!answer.ok) return notice(told(answer), "bad");
  const fresh = parsed(answer.content);
  const { id: focused, value: typed, selectionStart: caret } = document.activeElement || {};
  for (const id of only) {
    const [old, other] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && other) old.replaceWith(other);
    else if (old || other) return location.reload();
  }
  history.replaceState(null, "", `?${search}`);
  if (focused === "filter") {
    // What was typed since this was asked for is looked for next.
    Object.assign($("#filter"), { value: typed }).focus();
    $("#filter").setSelectionRange(caret, caret);
  }
  restore();
  return true;
}

let typing = null;

function filter(text) {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const search = here();
    search.delete("text");
    if (text) search.set("text", text);
    search.set("page", 1);
    turn(search, ["members"]);
  }, 200);
}

// --- Answering: every question that waits, one after the other --------------------------------------------------------

async function decide(button) {
  const option = button.dataset.option;
  const comment = $("#comment")?.value.trim() || "";
  if (option === "Dream again" && !comment) {
    $("#comment").focus();
    return notice("“Dream again” needs words: they are what the next dreams should do.", "bad");
  }
  button.disabled = true;
  for (const one of questions()) {
    const looked = one.ticks.filter((tick) => kept.ticks.includes(tick)).map((tick) => tick.split(" ")[0]);
    const answer = await answerAirflow(one.answer, option, { comment, digest: one.digest, looked_at: looked });
    if (!answer.ok) {
      button.disabled = false;
      notice(whyNot(answer), "bad");
      return turn(here());
    }
  }
  sessionStorage.removeItem(KEY);
  Object.assign(kept, { ticks: [], comment: "" });
  notice(`${option}: Airflow has your answer.`, "good");
  return turn(here());
}

// --- What happens elsewhere -------------------------------------------------------------------------------------------

async function poll() {
  const answer = await news(`${page.api}/state`);
  if (!answer) return;
  if (answer.status === 401) return notice("You were signed out. Sign in to Airflow, then load this page anew.", "bad");
  if (!answer.ok) return;
  const { digest, question, counts, refused } = answer.content;
  const shown = $("#summary").dataset;
  const isRefused = refused && question === "waiting" && refused.at !== heard;
  const stands = words(shown.counts).join() === Object.values(counts).join();
  if (digest === shown.digest && question === shown.question && stands && !isRefused) return;
  if (!(await turn(here())) || !isRefused) return;
  heard = refused.at;
  notice(`The answer of ${refused.by} was not taken: ${refused.why}.`, "bad");
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("a.turn, button[data-does=answer]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (target.matches("button")) return isSure(target) && decide(target);
  event.preventDefault();
  turn(target.href.split("?")[1]).then((shown) => shown && $("#members").focus());
});
document.addEventListener("change", (event) => event.target.matches(".tick, .tick-all") && ticked(event.target));
document.addEventListener("input", (event) => {
  if (event.target.id === "filter") filter(event.target.value);
  if (event.target.id === "comment") {
    kept.comment = event.target.value;
    keep();
  }
});
document.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches?.("input, textarea")) return;
  event.preventDefault();
  $("#filter")?.focus();
});
document.addEventListener("DOMContentLoaded", () => {
  window.focus();
  restore();
  everyFewSeconds(poll);
});
