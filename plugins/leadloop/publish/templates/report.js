"use strict";
// Arranges the report. Every number in it was computed before; here it is only written in words.
(() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const page = document.getElementById("page");
  const numbers = content.numbers;
  const { words, names, company } = content;
  const known = numbers ? numbers.definitions : {};
  const pieces = makePieces({ words, names, company, definitions: { ...known, ...defineAlerts(content.alerts, known) } });
  const loop = makeLoop(pieces, { words, currency: company.currency });
  const { say, label, nameOf, make, plain, percent, withUnit, describe, card, chart, valuesTable, empty, moment } = pieces;

  function header() {
    const turn = () => { pieces.speak(pieces.other()); history.replaceState(null, "", `#${pieces.spoken()}`); render(); };
    return make("header", {},
      make("h1", {}, company.name), make("span", {}, say("report")),
      make("span", { class: "day" }, `${content.day} ${say(`weekday_${content.weekday}`)}`),
      make("div", { class: "right" }, ...pieces.pills(content.status, content.gates), pieces.languageSwitch(turn)));
  }

  // Panels.
  function hoursCard() {
    const { day, window } = numbers.panels.hours, metric = numbers.reached;
    const title = say("hours_title", { reached: label(metric) });
    const hours = [...new Set(window.map((point) => point.dial_hour))].sort((a, b) => a - b);
    const name = (point) => `${point.dial_hour}:00`;
    if (!hours.length) return card("span-6", title, say("hours_note"), empty());
    return card("span-6", title, say("hours_note"),
      chart(250, title, () => Charts.hours({ hours, day, window, write: (value) => percent(value, 0), describe: describe(metric, name) })),
      valuesTable(metric, "", day, name));
  }

  function heatCard() {
    const metric = numbers.reached, title = say("weekdays_title", { reached: label(metric) });
    const points = numbers.panels.weekdays, kept = points.filter((point) => point.state === "ok");
    if (!kept.length) return card("span-6", title, say("weekdays_note"), empty());
    const hours = [...new Set(kept.map((point) => point.dial_hour))].sort((a, b) => a - b);
    const weekdays = company.week_start === "sunday" ? [7, 1, 2, 3, 4, 5, 6] : [1, 2, 3, 4, 5, 6, 7];
    const name = (point) => `${say(`weekday_${point.weekday}`)} ${point.dial_hour}:00`;
    return card("span-6", title, say("weekdays_note"), chart(250, title, () => Charts.heat({ hours, weekdays, points,
      write: (value) => plain(value * 100), describe: describe(metric, name),
      names: weekdays.map((day) => say(`weekday_${day}`)) })));
  }

  function daysCard(metric, title, note, colour) {
    const points = numbers.panels.days[metric];
    if (!points.some((point) => point.state === "ok")) return card("span-6", title, note, empty());
    const days = points.map((point) => point.day);
    return card("span-6", title, note, chart(190, title, () => Charts.days({ days, points, colour,
      write: (value) => percent(value, 0), describe: describe(metric, (point) => point.day) })));
  }

  function groupsCard(kind, panel, dimension, metric, tone) {
    const found = numbers.panels[panel], title = say(`${panel}_title`), note = say(`${panel}_note`);
    if (!found.groups.length) return card(kind, title, note, empty());
    const groups = found.groups.map((group) => ({ ...group, name: nameOf(dimension, group[dimension]) }));
    const name = (group) => group.name;
    const used = ["above", "below", "none"].filter((mark) => groups.some((group) => group.mark === mark));
    const words = { above: "higher", below: "lower", none: "neither" };
    const legend = make("div", { class: `legend ${tone > 0 ? "good-high" : ""}` },
      ...used.map((mark) => make("span", { class: mark }, say(words[mark]))));
    const rest = found.hidden ? make("p", { class: "note" }, say("hidden_groups", { count: found.hidden })) : null;
    return card(kind, title, note, chart(groups.length * (groups.length > 8 ? 27 : 30) + 28, title, () => Charts.dots({ groups, overall: found.overall,
      write: (value) => withUnit(metric, value), describe: describe(metric, name), tone, title: say("overall") })),
    legend, rest, valuesTable(metric, "", groups, name));
  }

  function loopCards() {
    const actions = { actions: content.actions, may_decide: false };
    return [loop.alertsCard(content.alerts, null), loop.actionsCard(actions, content.alerts, null)];
  }

  function panels() {
    if (!numbers) return loopCards();
    const reached = numbers.reached, short = company.short_talk_seconds;
    return [
      make("div", { class: `tiles ${numbers.tiles.length > 6 ? "eight" : ""}` }, ...numbers.tiles.map(pieces.tile)),
      ...loopCards(),
      hoursCard(), heatCard(),
      daysCard(reached, say("days_title", { reached: label(reached) }), say("days_note"), Charts.COLOURS.blue),
      daysCard("short_talk_share", say("short_title", { short }), say("short_note"), Charts.COLOURS.red),
      groupsCard("span-6", "agents", "agent", "handling_time", 0),
      make("div", { class: "stack span-6" }, groupsCard("", "channels", "channel", "conversion_rate", 1),
        groupsCard("", "campaigns", "campaign", "conversion_rate", 1), groupsCard("", "queues", "queue", "handling_time", 0)),
    ];
  }

  function render() {
    pieces.forget();
    const main = make("main", {}, ...pieces.banners(content.status, content.day), ...panels(),
      pieces.gatesCard(content.gates), pieces.loadsCard(content.loads),
      make("footer", {}, `${say("footer")} ${say("made_at")} ${moment(content.made_at)}`));
    page.replaceChildren(header(), main);
    pieces.draw("svg");
  }

  pieces.speak(["#zh", "#en"].includes(location.hash) ? location.hash.slice(1) : company.language);
  render();
})();
