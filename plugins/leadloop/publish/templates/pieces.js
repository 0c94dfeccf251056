"use strict";
// What the report and the board are made of: numbers in words, tiles, cards, tables, banners.
// Takes what a page knows (words, names of codes, company, what metrics mean) and gives elements.
const makePieces = ({ words, names, company, definitions }) => {
  let language = company.language;
  let drawn = [];

  const say = (key, values = {}) => words[key][language]
    .replace(/\{(\w+)\}/g, (whole, name) => name in values ? values[name] : whole);
  const label = (metric) => definitions[metric].label[language];
  const nameOf = (dimension, code) => {
    if (code === null || code === undefined || code === "") return "–";
    const known = (names[dimension] || {})[code];
    return known ? known[language] : String(code);
  };

  // Elements: text is always a text node.
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(properties)) {
      if (key === "onclick") element.addEventListener("click", value);
      else if (value !== undefined && value !== null) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  // Numbers in words.
  const plain = (value, digits = 0) => new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB",
    { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  const percent = (value, digits = 1) => `${plain(value * 100, digits)}%`;
  const unitOf = (metric) => definitions[metric].kind;
  const written = (metric, value) => ({ share: () => percent(value), mean: () => plain(value, value < 10 ? 1 : 0),
    count: () => plain(value) })[unitOf(metric)]();
  const withUnit = (metric, value) => unitOf(metric) === "mean" ? `${written(metric, value)} ${say("seconds")}`
    : written(metric, value);
  const signed = (text, value) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${text}`;
  const ofMany = (n) => language === "zh" ? `样本 ${plain(n)}` : `n = ${plain(n)}`;
  const moment = (text) => new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short",
    timeZone: company.timezone }).format(new Date(text));

  function range(metric, point) {
    if (unitOf(metric) === "count") return say("complete_count");
    const edges = point.low === null ? say("too_few")
      : `${written(metric, point.low)} – ${withUnit(metric, point.high)}`;
    return `${edges} · ${ofMany(point.n)}`;
  }

  function describe(metric, title) {
    return (point) => [`${title(point)}  ${withUnit(metric, point.value)}`,
      point.low === null ? say("too_few") : `${say("interval_95")} ${written(metric, point.low)} – ${withUnit(metric, point.high)}`,
      ofMany(point.n) + (point.state === "too few" ? ` · ${say("too_few")}` : "")];
  }

  // Trust.
  function pills(status, judged) {
    const failed = judged.filter((gate) => !gate.is_passed).length, stopped = status.state === "stopped";
    const until = status.data_until ? make("span", { class: "pill" }, `${say("data_until")} `,
      make("b", {}, status.data_until)) : null;
    const gates = judged.length ? make("span", { class: `pill ${stopped ? "bad" : failed ? "warn" : "good"}` },
      `${say("gates_passed")} `, make("b", {}, `${judged.length - failed}/${judged.length}`)) : null;
    const published = status.published_at ? make("span", { class: "pill", title: `${say("version")} ${status.version}` },
      `${say("published_at")} ${moment(status.published_at)}`) : null;
    return [until, gates, published];
  }

  const other = () => language === "zh" ? "en" : "zh";
  const languageSwitch = (onclick) => make("button", { class: "pill switch", lang: other(), onclick }, say("switch"));

  function banners(status, day) {
    const shown = [];
    const add = (kind, title, note, items = []) => shown.push(make("div", { class: `banner ${kind}`, role: "status" },
      make("strong", {}, title), note ? make("span", {}, note) : null,
      items.length ? make("ul", {}, ...items.map((item) => make("li", {}, item))) : null));
    if (status.state === "stopped") {
      add("bad", say("stopped_title", { day: status.attempt_day }), status.has_marts
        ? say("stopped_note", { until: status.data_until }) : say("stopped_empty"), status.failures);
    } else if (status.state === "nothing") add("warn", say("nothing_title"), say("nothing_note"));
    else if (status.data_until && status.data_until < day) {
      add("warn", say("behind", { day: day, until: status.data_until }), null);
    }
    if (status.held_loads.length) add("warn", say("held_loads", { days: status.held_loads.join(", ") }), null);
    return shown;
  }

  // Tiles.
  function tile(item) {
    const metric = item.name, none = item.value === null;
    const value = none ? make("div", { class: "value none" }, say("not_available"))
      : make("div", { class: "value" }, written(metric, item.value),
        unitOf(metric) === "mean" ? make("small", {}, say("seconds")) : null);
    return make("div", { class: "card tile" },
      ask(label(metric), () => define(item)),
      make("div", { class: "label" }, label(metric)), value,
      make("div", { class: "range" }, none ? say("not_available_why") : range(metric, item)), none ? null : change(item), item.target ? target(item) : null);
  }

  function change(item) {
    const seen = item.change;
    if (!seen) return make("div", { class: "change" }, say("no_comparison"));
    const size = Math.abs(seen.difference), metric = item.name;
    const text = { share: () => `${plain(size * 100, 1)} ${say("points")}`, mean: () => `${plain(size, 0)} ${say("seconds")}`,
      count: () => seen.before ? percent(size / seen.before) : plain(size) }[unitOf(metric)]();
    const arrow = seen.difference > 0 ? "▲" : seen.difference < 0 ? "▼" : "■";
    const good = item.tone * seen.difference > 0;
    const kind = seen.is_noise ? "" : item.tone === 0 ? "real" : good ? "good" : "bad";
    return make("div", { class: `change ${kind}` }, make("div", {}, make("i", {}, arrow), signed(text, seen.difference),
      seen.is_noise ? ` · ${say("inside_noise")}` : ""),
    make("div", { class: "before" }, `${say("versus_last_week")} ${withUnit(metric, seen.before)}`));
  }

  function target({ name, target: { value, verdict } }) {
    const text = `${say("target")} ${withUnit(name, value)}`;
    return make("div", { class: `target ${verdict || ""}` }, verdict ? `${text} · ${say(`target_${verdict}`)}` : text);
  }

  // What a number means; the SQL is the metric's of the day unless the number brings its own.
  function define(item) {
    const meaning = definitions[item.name], about = words[`about_${item.name}`];
    const row = (key, value) => [make("dt", {}, say(key)), make("dd", {}, value)];
    const sure = say(`interval_${meaning.kind}`);
    const edges = item.low === null || item.low === undefined ? sure
      : `${written(item.name, item.low)} – ${withUnit(item.name, item.high)} · ${sure}`;
    return show(meaning.label[language],
      make("dl", {}, ...row("definition", about ? about[language] : meaning.about),
        ...row("formula", make("span", { class: "code" }, meaning.formula)),
        ...(item.n === null ? [] : row("sample", plain(item.n))), ...row("interval_95", edges),
        ...(item.more || []).flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)])),
      make("details", {}, make("summary", {}, say("sql")), make("pre", { class: "code" }, item.sql || meaning.sql)));
  }

  function show(title, ...children) {
    const box = make("dialog", {}, make("button", { class: "close", "aria-label": "×", onclick: () => box.close() }, "×"),
      make("h2", {}, title), ...children);
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    return box;
  }

  const ask = (title, open) => make("button", { class: "ask", "aria-label": `${say("definition")}: ${title}`, onclick: open }, "?");

  // Panels.
  function card(kind, title, note, ...children) {
    const tools = children.length && children[0] && children[0].className === "tools" ? children.shift() : null;
    return make("section", { class: `card ${kind}` }, make("div", { class: "head" }, make("h2", {}, title), tools),
      make("p", { class: "note" }, note), ...children);
  }

  function chart(height, title, option) {
    const box = make("div", { class: "chart", role: "img", "aria-label": title });
    box.style.height = `${height}px`;
    drawn.push({ box, option });
    return box;
  }

  // Charts can only be drawn once their boxes are on the page.
  function draw(renderer) {
    for (const item of drawn.filter((each) => !each.chart)) {
      item.chart = echarts.init(item.box, null, { renderer });
      item.chart.setOption(item.option());
    }
  }

  function forget() {
    drawn.forEach((item) => item.chart && item.chart.dispose());
    drawn = [];
  }

  window.addEventListener("resize", () => drawn.forEach((item) => item.chart && item.chart.resize()));

  function valuesTable(metric, heading, points, title) {
    const rows = points.map((point) => make("tr", {}, make("td", {}, title(point)),
      make("td", { class: "number" }, withUnit(metric, point.value)),
      make("td", { class: "number" }, point.low === null ? "–" : `${written(metric, point.low)} – ${written(metric, point.high)}`),
      make("td", { class: "number" }, plain(point.n))));
    return make("details", {}, make("summary", {}, say("as_table")), make("div", { class: "scroll" },
      make("table", {}, make("thead", {}, make("tr", {}, make("th", {}, heading), make("th", { class: "number" }, say("value")),
        make("th", { class: "number" }, say("interval_95")), make("th", { class: "number" }, "n"))), make("tbody", {}, ...rows))));
  }

  const empty = () => make("div", { class: "empty" }, say("not_available"));

  function gatesCard(judged, tools = null) {
    const title = say("gates_title"), note = say("gates_note");
    if (!judged.length) return card("", title, note, tools, make("div", { class: "empty" }, say("no_gates")));
    const broken = judged.filter((gate) => !gate.is_passed), passed = judged.filter((gate) => gate.is_passed);
    const summary = make("summary", {}, `${say("passed_summary", { count: passed.length })} · ${say("show_passed")}`);
    return card("", title, note, tools, broken.length ? gatesTable(broken) : null,
      passed.length ? make("details", {}, summary, gatesTable(passed)) : null);
  }

  function gatesTable(gates) {
    const heads = ["gate", "expectation", "severity", "state", "observed"].map((key) => make("th", {}, say(key)));
    const rows = gates.map((gate) => {
      const kind = gate.is_passed ? "good" : gate.severity === "critical" ? "bad" : "warn";
      return make("tr", {},
        make("td", {}, `gate_${gate.gate}` in words ? say(`gate_${gate.gate}`) : gate.gate),
        make("td", { class: "text" }, make("span", { class: "code" }, `${gate.suite}: ${gate.expectation}`), make("div", { class: "note" }, gate.notes)),
        make("td", {}, gate.severity in words ? say(gate.severity) : gate.severity),
        make("td", {}, make("span", { class: `mark ${kind}` }, say(gate.is_passed ? "passed" : "failed"))),
        make("td", { class: "text" }, observed(gate.observed)));
    });
    return make("div", { class: "scroll" }, make("table", { class: "wide" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
  }

  function observed(seen) {
    if (seen && typeof seen === "object" && "judged" in seen) {
      const text = say("observed_rows", { broken: plain(seen.broken), judged: plain(seen.judged) });
      return seen.error ? `${text} · ${seen.error}` : text;
    }
    return seen && typeof seen === "object" ? Object.entries(seen).map(([key, value]) => `${key} ${value}`).join(" · ") : String(seen);
  }

  function loadsCard(loads, tools = null) {
    const title = say("loads_title"), note = say("loads_note");
    if (!loads.total.files) return card("", title, note, tools, empty());
    const counts = ["rows_read", "rows_landed", "rows_duplicate", "rows_quarantined"];
    const heads = [make("th", {}, say("file")), ...counts.map((key) => make("th", { class: "number" }, say(key))),
      make("th", {}, say("reasons")), make("th", {}, say("unknown_codes"))];
    const listed = (counted) => Object.entries(counted || {}).map(([key, count]) => `${key} × ${count}`).join(", ") || "–";
    const row = (kind, name, numbersOf, reasons, codes) => make("tr", { class: kind }, make("td", { class: "text code" }, name),
      ...counts.map((key) => make("td", { class: "number" }, plain(numbersOf[key]))),
      make("td", { class: "text" }, reasons), make("td", { class: "text" }, codes));
    const rows = loads.files.map((file) => row("", file.file, file, listed(file.by_reason), listed(file.unknown_codes)));
    if (!rows.length) rows.push(make("tr", {}, make("td", { colspan: 7 }, say("no_loads"))));
    rows.push(row("total", say("loads_total", { count: plain(loads.total.files) }), loads.total, "", ""));
    return card("", title, note, tools, make("div", { class: "scroll" },
      make("table", { class: "wide" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows))));
  }

  return {
    speak: (chosen) => { language = chosen; document.documentElement.lang = chosen; },
    spoken: () => language, other, languageSwitch, say, label, nameOf, make, plain, percent, written, withUnit, signed,
    ofMany, moment, range, describe, pills, banners, tile, define, show, ask, card, chart, draw, forget, valuesTable, empty,
    gatesCard, loadsCard,
  };
};
