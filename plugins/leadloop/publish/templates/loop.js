"use strict";
// Alerts with their causes, and actions with their decisions. `decide` asks the board to decide; a
// page without it only shows them.
const makeLoop = (pieces, { words, currency }, decide = null) => {
  const { say, make, plain, percent, nameOf, moment, ofMany, card, ask, show } = pieces;
  const wordOr = (key, otherwise) => key in words ? say(key) : String(otherwise);
  const money = (value) => new Intl.NumberFormat(pieces.spoken() === "zh" ? "zh-CN" : "en-GB",
    { style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 0 }).format(value);
  const amount = (kind, value) => kind === "share" ? percent(value) : kind === "mean" ? `${plain(value)} ${say("seconds")}`
    : plain(value);
  const between = (kind, point) => point.low === null ? "" : `${amount(kind, point.low)} – ${amount(kind, point.high)}`;

  function place(dimensions) {
    return Object.entries(dimensions).map(([dimension, code]) =>
      `${wordOr(dimension, dimension)} ${dimension === "dial_hour" ? `${code}:00` : nameOf(dimension, code)}`).join(" · ");
  }

  const title = (alert) => alert.title ? alert.title[pieces.spoken()] : alert.label[pieces.spoken()];

  function alertsCard(alerts, tools) {
    const body = alerts.length ? alerts.map(alertItem) : [make("div", { class: "empty" }, say("no_alerts"))];
    return card("span-7", say("alerts_title"), say("alerts_note"), tools, ...body);
  }

  function alertItem(alert) {
    const tone = { critical: "bad", warning: "warn" }[alert.severity] || "none";
    const head = make("div", { class: "line" },
      make("span", { class: `mark ${tone}` }, wordOr(`severity_${alert.severity}`, alert.severity)),
      make("b", {}, title(alert)), make("span", { class: "where" }, place(alert.dimensions)),
      alert.money === null ? null : make("span", { class: "money" }, `${say("money_lost")} `, make("b", {}, money(alert.money))));
    return make("article", { class: `alert ${tone}`, id: `alert-${alert.alert_id}` }, head, seen(alert), causes(alert),
      make("div", { class: "meta" }, [alert.period.replace(/T(\d\d)$/, " $1:00"), `${say("rule")} ${alert.rule_id} (${wordOr(`mode_${alert.mode}`, alert.mode)})`,
        `${say("since")} ${moment(alert.first_seen_at)}`, wordOr(`alert_${alert.state}`, alert.state), alert.owner].join(" · ")));
  }

  function seen(alert) {
    const value = alert.value === null ? say("not_available") : amount(alert.kind, alert.value);
    const sure = [between(alert.kind, alert), alert.n === null ? "" : ofMany(alert.n)].filter(Boolean).join(" · ");
    const beside = [`${say("threshold")} ${amount(alert.kind, alert.threshold)}`];
    if (alert.expected !== null) beside.push(`${say("expected")} ${amount(alert.kind, alert.expected)}`);
    return make("div", { class: "line seen" }, make("span", {}, alert.label[pieces.spoken()]), make("b", {}, value),
      make("span", { class: "sure" }, sure), make("span", {}, beside.join(" · ")),
      ask(title(alert), () => pieces.define({ name: alert.metric, n: alert.n, low: alert.low, high: alert.high, sql: alert.sql })));
  }

  function causes(alert) {
    if (!alert.causes.length) return make("div", { class: "cause none" }, say("cause_unknown"));
    const items = alert.causes.slice(0, 3).map((cause) => {
      const share = (point) => `${percent(point.value)} (${percent(point.low, 0)}–${percent(point.high, 0)}, n = ${plain(point.n)})`;
      const about = [wordOr(`cause_${cause.kind}`, cause.kind),
        cause.share === null ? null : say("cause_share", { share: percent(cause.share, 0) }),
        cause.money === null ? null : money(cause.money)];
      return make("li", {}, make("b", {}, place(cause.place) || "–"), ` ${about.filter(Boolean).join(" · ")}`,
        cause.before && cause.after ? make("div", { class: "sure" }, `${share(cause.before)} → ${share(cause.after)}`) : null);
    });
    return make("div", { class: "cause" }, make("span", { class: "note" }, say("cause_title")), make("ol", {}, ...items));
  }

  function actionsCard(content, alerts, tools) {
    const waiting = content.actions.filter((action) => action.is_open);
    const decided = content.actions.filter((action) => !action.is_open);
    const body = waiting.length ? waiting.map((action) => actionItem(action, alerts, content.may_decide))
      : [make("div", { class: "empty" }, say("no_actions"))];
    const rest = decided.length ? make("details", {}, make("summary", {}, `${say("decided_lately")} · ${decided.length}`),
      ...decided.map((action) => actionItem(action, alerts, false))) : null;
    return card("span-5", say("actions_title"), say("actions_note"), tools, ...body, rest);
  }

  const nameAction = (action) => action.label ? action.label[pieces.spoken()] : action.type;
  const target = (action) => `${wordOr(action.target_type, action.target_type)} ${nameOf(action.target_type, action.target_id)}`;

  function actionItem(action, alerts, mayDecide) {
    const alert = alerts.find((item) => item.alert_id === action.alert_id);
    const state = action.state === "proposed" && !action.is_open ? "expired" : action.state;
    const tone = { approved: "good", sent: "good", rejected: "none", denied: "bad", failed: "bad", expired: "none" }[state] || "warn";
    const about = [alert ? `${say("for_alert")} ${title(alert)}` : null,
      action.cost === null ? null : `${say("cost")} ${money(action.cost)}`,
      action.expires_at && action.is_open ? `${say("expires")} ${moment(action.expires_at)}` : null,
      action.decided_by ? say("decided_by", { name: action.decided_by, time: moment(action.decided_at) }) : null];
    return make("article", { class: "action" },
      make("div", { class: "line" }, make("span", { class: `mark ${tone}` }, wordOr(`state_${state}`, state)),
        make("b", {}, nameAction(action)), make("span", { class: "where" }, target(action))),
      make("div", { class: "meta" }, about.filter(Boolean).join(" · ")),
      gate(action), payload(action), action.is_open && decide ? buttons(action, mayDecide) : null);
  }

  const inWords = (value) => Array.isArray(value) ? value.map(inWords).join(", ")
    : value && typeof value === "object"
      ? Object.entries(value).map(([key, item]) => `${wordOr(key, key)} ${inWords(item)}`).join(", ") : String(value);
  const pairs = (content) => Object.entries(content).flatMap(([key, value]) =>
    [make("dt", {}, wordOr(key, key)), make("dd", {}, inWords(value))]);

  const isGated = (action) => Boolean(action.gate && Object.keys(action.gate).length);

  function gate(action) {
    if (!isGated(action)) return action.is_open ? make("div", { class: "note" }, say("not_gated")) : null;
    const { total, allowed, skipped, by_reason: reasons } = action.gate;
    const counted = Object.entries({ total, allowed, skipped }).filter(([, count]) => Number.isFinite(count))
      .map(([key, count]) => `${say(key)} ${plain(count)}`).join(" · ");
    const lines = (Array.isArray(reasons) ? reasons : []).map((item) =>
      make("div", { class: "sure" }, `${inWords(item.count)} × ${inWords(item.reason)}`, item.source ? ` (${item.source})` : ""));
    return make("dl", { class: "pairs" }, make("dt", {}, say("gate_result")),
      make("dd", {}, counted || inWords(action.gate), ...lines));
  }

  function payload(action) {
    if (!Object.keys(action.payload).length) return null;
    return make("details", {}, make("summary", {}, say("details")), make("dl", { class: "pairs" }, ...pairs(action.payload)));
  }

  function buttons(action, mayDecide) {
    const button = (decision, kind) => {
      const made = make("button", { class: `button ${kind}`, title: mayDecide ? undefined : say("may_not_decide"),
        onclick: () => confirm(action, decision) }, say(decision));
      made.disabled = !mayDecide || (decision === "approve" && !isGated(action));
      return made;
    };
    return make("div", { class: "buttons" }, button("approve", "main"), button("reject", "plain"),
      mayDecide ? null : make("span", { class: "note" }, say("may_not_decide")));
  }

  function confirm(action, decision) {
    const problem = make("p", { class: "problem", role: "alert" });
    const sure = make("button", { class: `button ${decision === "approve" ? "main" : "plain"} sure` }, say(decision));
    const box = show(say("decide_ask", { decision: say(decision), action: `${nameAction(action)} ${target(action)}` }),
      make("p", { class: "note" }, say("decide_note")), problem,
      make("div", { class: "buttons" }, sure, make("button", { class: "button plain", onclick: () => box.close() }, say("cancel"))));
    sure.addEventListener("click", async () => {
      sure.disabled = true;
      problem.textContent = await decide(action.action_id, decision) || "";
      if (!problem.textContent) box.close();
    });
  }

  return { alertsCard, actionsCard };
};

// What the metrics of alerts mean, as far as the page does not know it already.
const defineAlerts = (alerts, known) => Object.fromEntries(alerts.filter((alert) => !(alert.metric in known))
  .map(({ metric, label, kind, formula }) => [metric, { label, kind, formula, about: formula, sql: "" }]));
