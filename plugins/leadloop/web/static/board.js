"use strict";
// Reads the panels of a day from the board's API and arranges them. The address says day and language.
(() => {
  const page = document.getElementById("page");
  const PANELS = ["status", "tiles", "hours", "channels", "alerts", "actions", "gates", "loads"];
  const asked = () => new URLSearchParams(location.search);
  let shell, content = {}, pieces, loop;

  async function read(path, options) {
    const answer = await fetch(path, { headers: { accept: "application/json" }, ...options });
    if (answer.ok) return answer.json();
    const said = await answer.json().catch(() => ({}));
    const problem = new Error(typeof said.detail === "string" ? said.detail : `HTTP ${answer.status}`);
    problem.status = answer.status;
    throw problem;
  }

  // Addresses.
  const query = (changes = {}) => {
    const wanted = { day: content.status.day, lang: pieces.spoken(), ...changes };
    return `?${new URLSearchParams(wanted)}`;
  };
  function go(day) {
    history.pushState(null, "", query({ day }));
    open();
  }
  function shift(day, days) {
    const moved = new Date(`${day}T00:00:00Z`);
    moved.setUTCDate(moved.getUTCDate() + days);
    return moved.toISOString().slice(0, 10);
  }

  async function open() {
    try {
      const day = asked().get("day"), suffix = day ? `?day=${encodeURIComponent(day)}` : "";
      shell = await read(`api/shell${suffix}`);
      const found = await Promise.all(PANELS.map((name) => read(`api/${name}?day=${encodeURIComponent(shell.day)}`)));
      content = Object.fromEntries(PANELS.map((name, place) => [name, found[place]]));
      build();
      render();
    } catch (problem) {
      showProblem(problem);
    }
  }

  function build() {
    const definitions = { ...content.tiles.definitions, ...defineAlerts(content.alerts.alerts, content.tiles.definitions) };
    if (pieces) pieces.forget();
    pieces = makePieces({ words: shell.words, names: shell.names, company: shell.company, definitions });
    const chosen = asked().get("lang");
    pieces.speak(["zh", "en"].includes(chosen) ? chosen : shell.company.language);
    loop = makeLoop(pieces, { words: shell.words, currency: shell.company.currency }, decide);
  }

  function showProblem(problem) {
    const box = document.createElement("div");
    box.className = "banner bad problem-page";
    box.setAttribute("role", "alert");
    box.textContent = problem.message;
    page.replaceChildren(box);
  }

  // Gives the reason where the decision was refused; what came meanwhile is shown either way.
  async function decide(action, decision) {
    let refused = "";
    try {
      await read(`api/actions/${encodeURIComponent(action)}/${decision}`, { method: "POST" });
    } catch (problem) {
      refused = problem.status === 401 ? pieces.say("logged_out") : problem.message;
    }
    for (const name of ["actions", "alerts"]) content[name] = await read(`api/${name}`).catch(() => content[name]);
    render();
    return refused;
  }

  // Header.
  function header() {
    const { make, say } = pieces, status = content.status;
    const turn = () => { pieces.speak(pieces.other()); history.replaceState(null, "", query()); render(); };
    // The browser would write the day its own way: ours is shown, its calendar lies over it.
    const input = make("input", { type: "date", "aria-label": say("day_shown"), value: status.day });
    input.addEventListener("change", () => { if (input.value) go(input.value); });
    input.addEventListener("click", () => { if (input.showPicker) input.showPicker(); });
    const day = make("label", { class: "pill date" }, make("b", {}, status.day), ` ${say(`weekday_${status.weekday}`)}`, input);
    const step = (days, key, sign) => make("button", { class: "pill step", "aria-label": say(key),
      onclick: () => go(shift(status.day, days)) }, sign);
    const viewer = shell.may_decide ? shell.viewer : say("looks_only", { name: shell.viewer });
    return make("header", {}, make("h1", {}, shell.company.name), make("span", { class: "page" }, say("today")),
      make("div", { class: "days" }, step(-1, "day_before", "‹"), day, step(1, "day_after", "›")),
      make("div", { class: "right" }, ...pieces.pills(status, content.gates.gates), make("span", { class: "pill viewer" }, viewer),
        pieces.languageSwitch(turn)));
  }

  function banners() {
    const { make, say } = pieces, status = content.status;
    const shown = pieces.banners(status, status.day);
    const warn = (text) => shown.push(make("div", { class: "banner warn", role: "status" }, text));
    if (status.days_behind) warn(say("days_behind", { count: status.days_behind }));
    if (status.given_up) warn(say("given_up", { count: status.given_up }));
    const unknown = content.tiles.unknown_targets;
    if (unknown.length) warn(say("unknown_targets", { names: unknown.join(", ") }));
    return shown;
  }

  // Panels.
  function tools(panel, ...more) {
    const { make, say } = pieces;
    return make("div", { class: "tools" }, ...more, make("a", { class: "csv", href: `csv/${panel}${query()}`,
      download: "" }, say("csv")));
  }

  function tiles() {
    const { make } = pieces;
    if (!content.tiles.is_available) return null;
    return make("div", {}, make("div", { class: "tiles five" }, ...content.tiles.tiles.map(pieces.tile)), tools("tiles"));
  }

  function hoursCard() {
    const { say, label, card, chart, empty, percent, describe, valuesTable, ask, define } = pieces;
    const { metric, points, band, weeks, sql, is_available } = content.hours;
    if (!is_available || !(points.length || band.length)) {
      const title = is_available ? label(metric) : say("band_title", { reached: "" });
      return card("span-6", title, band.length ? "" : say("not_available"), tools("hours"), empty());
    }
    const title = say("band_title", { reached: label(metric) });
    const hours = [...new Set([...points, ...band].map((point) => point.dial_hour))].sort((a, b) => a - b);
    const usual = new Map(band.map((point) => [point.dial_hour, point]));
    const name = (point) => `${point.dial_hour}:00`;
    const hint = (point) => {
      const edges = usual.get(point.dial_hour);
      return [...describe(metric, name)(point), ...(edges ? [`${say("usual_band")} ${percent(edges.low)} – ${percent(edges.high)}`,
        `${say("usual")} ${percent(edges.value)} · n = ${edges.n}`] : [])];
    };
    const meaning = ask(title, () => define({ name: metric, n: points.reduce((sum, point) => sum + point.n, 0), sql,
      more: [[say("usual_band"), say("band_how")]] }));
    const note = band.length ? say("band_note", { weeks }) : say("band_missing");
    return card("span-6", title, note, tools("hours", meaning),
      chart(270, title, () => Charts.hours({ hours, day: points, window: band, banded: true,
        write: (value) => percent(value, 0), describe: hint })),
      legend(points), valuesTable(metric, "", points, name));
  }

  function legend(points) {
    const { make, say } = pieces, marks = { above: "above_band", below: "below_band", none: "in_band" };
    const used = Object.keys(marks).filter((mark) => points.some((point) => point.state === "ok" && point.mark === mark));
    return make("div", { class: "legend good-high in-band" }, ...used.map((mark) => make("span", { class: mark }, say(marks[mark]))));
  }

  function channelsCard() {
    const { make, say, label, card, empty, nameOf, plain, ask, define } = pieces;
    const { is_available, dimension, metrics, groups, hidden, overall, sql } = content.channels;
    const title = say("by_title", { dimension: say(dimension || "channel") });
    if (!is_available || !groups.length) return card("span-6", title, say("by_note"), tools("channels"), empty());
    const columns = ["count", "reached", "won"], period = { count: "of_day", reached: "of_day", won: "of_28_days" };
    const heads = columns.map((column) => make("th", { class: "number" }, `${label(metrics[column])} `,
      make("small", {}, say(period[column])), " ",
      ask(label(metrics[column]), () => define({ ...overall[column], name: metrics[column], sql: sql[column] }))));
    const row = (kind, name, cells) => make("tr", { class: kind }, make("td", {}, name),
      ...columns.map((column) => make("td", { class: "number" }, cell(metrics[column], cells[column]))));
    const rows = groups.map((group) => row("", nameOf(dimension, group.code), group));
    rows.push(row("total", say("overall"), overall));
    return card("span-6", title, say("by_note"), tools("channels"), make("div", { class: "scroll" },
      make("table", { class: "matrix" }, make("thead", {}, make("tr", {}, make("th", {}, say(dimension)), ...heads)),
        make("tbody", {}, ...rows))),
    hidden ? make("p", { class: "note" }, say("others_hidden", { count: plain(hidden) })) : null);
  }

  function cell(metric, point) {
    const { make, say, plain, percent, ofMany } = pieces;
    if (!point || point.value === null) return "–";
    if (point.low === null) return plain(point.value);
    const mark = point.state === "ok" ? point.mark || "" : "few";
    const sign = { above: "▲ ", below: "▼ " }[mark] || "";
    // A narrow interval needs a decimal, or both its edges would read the same.
    const edge = (value) => plain(value * 100, point.high - point.low < 0.02 ? 1 : 0);
    const title = `${ofMany(point.n)}${point.state === "ok" ? "" : ` · ${say("too_few")}`}`;
    return make("span", { class: `cell ${mark}`, title }, `${sign}${percent(point.value)} `,
      make("small", {}, `(${edge(point.low)}–${edge(point.high)})`));
  }

  function render() {
    pieces.forget();
    const { make, say } = pieces, alerts = content.alerts.alerts;
    document.title = `${shell.company.name} · ${say("today")} ${content.status.day}`;
    page.replaceChildren(header(), make("main", {}, ...banners(), tiles(),
      loop.alertsCard(alerts, tools("alerts")), loop.actionsCard(content.actions, alerts, tools("actions")),
      hoursCard(), channelsCard(),
      pieces.gatesCard(content.gates.gates, tools("gates")), pieces.loadsCard(content.loads, tools("loads")),
      make("footer", {}, say("footer"))));
    // Canvas: the policy of the board allows no styles in markup, which SVG text would need.
    pieces.draw("canvas");
  }

  window.addEventListener("popstate", open);
  open();
})();
