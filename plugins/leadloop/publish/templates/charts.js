"use strict";
// Draws the panels. Takes points that are ready to draw and functions that write numbers; text of
// the data only reaches the canvas or a text node, never markup.
const Charts = (() => {
  const COLOURS = { ink: "#1b2430", muted: "#667385", faint: "#b3bdc9", line: "#e2e7ee", blue: "#1f6feb",
    green: "#1a7f4b", red: "#c4322d" };
  const FONT = { fontSize: 12, color: COLOURS.muted,
    fontFamily: '"Segoe UI", "Noto Sans", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif' };
  const SYMBOLS = { above: ["triangle", 0], below: ["triangle", 180], none: ["circle", 0] };

  function hint(lines) {
    const box = document.createElement("div");
    box.className = "hint";
    lines.forEach((line, place) => {
      const row = document.createElement(place ? "div" : "b");
      row.textContent = line;
      box.append(row);
    });
    return box;
  }

  function tooltip(describe) {
    return { trigger: "item", confine: true, backgroundColor: "#fff", borderColor: COLOURS.line,
      padding: [6, 10], formatter: (item) => { const lines = describe(item); return lines ? hint(lines) : ""; } };
  }

  function base(extra) {
    const grid = { left: 8, right: 16, top: 16, bottom: 6, containLabel: true };
    return { animation: false, textStyle: FONT, grid, ...extra };
  }

  function valueAxis(write, extra) {
    return { type: "value", scale: true, splitNumber: 4, axisLabel: { ...FONT, formatter: write },
      splitLine: { lineStyle: { color: "#edf0f4" } }, axisLine: { show: false }, ...extra };
  }

  function categoryAxis(names, extra) {
    return { type: "category", data: names, axisTick: { show: false }, axisLabel: FONT,
      axisLine: { lineStyle: { color: COLOURS.line } }, ...extra };
  }

  // A line from low to high, upright or lying, at one category.
  function whiskers(data, upright) {
    return { type: "custom", data, silent: true, z: 2, encode: upright ? { x: 0, y: [1, 2] } : { y: 0, x: [1, 2] },
      renderItem: (params, api) => {
        const at = (value) => upright ? api.coord([api.value(0), value]) : api.coord([value, api.value(0)]);
        const [x1, y1] = at(api.value(1)), [x2, y2] = at(api.value(2));
        return { type: "line", shape: { x1, y1, x2, y2 },
          style: { stroke: data[params.dataIndex].colour, lineWidth: 3, opacity: 0.42, lineCap: "round" } };
      } };
  }

  // Where points of the window carry a band of their own, it is shaded.
  function hours({ hours, day, window, write, describe, banded = false }) {
    const byHour = (points) => new Map(points.map((point) => [point.dial_hour, point]));
    const today = byHour(day), usual = byHour(window);
    const shown = hours.map((hour, place) => ({ place, point: today.get(hour) }))
      .filter((item) => item.point && item.point.state === "ok");
    const colour = (point) => ({ above: COLOURS.green, below: COLOURS.red })[point.mark] || COLOURS.blue;
    const sign = (point) => SYMBOLS[point.mark] || SYMBOLS.none;
    const bars = shown.map(({ place, point }) => ({ value: [place, point.low, point.high], colour: colour(point) }));
    const dots = shown.map(({ place, point }) => ({ value: [place, point.value], point,
      symbol: sign(point)[0], symbolRotate: sign(point)[1], itemStyle: { color: colour(point) } }));
    const known = (hour) => { const p = usual.get(hour); return p && (p.state === undefined || p.state === "ok") ? p : null; };
    const line = hours.map((hour) => { const p = known(hour); return p ? p.value : null; });
    const edge = (read) => hours.map((hour) => { const p = banded ? known(hour) : null; return p ? read(p) : null; });
    const area = { type: "line", stack: "band", symbol: "none", silent: true, connectNulls: false, lineStyle: { opacity: 0 } };
    return base({
      tooltip: tooltip((item) => item.data && item.data.point ? describe(item.data.point) : null),
      xAxis: categoryAxis(hours.map((hour) => `${hour}:00`)),
      yAxis: valueAxis(write),
      series: [
        { ...area, data: edge((point) => point.low) },
        { ...area, data: edge((point) => point.high - point.low), areaStyle: { color: COLOURS.faint, opacity: 0.28 } },
        { type: "line", data: line, symbol: "none", connectNulls: false, z: 1, silent: true,
          lineStyle: { color: COLOURS.faint, width: 2 } },
        whiskers(bars, true),
        { type: "scatter", data: dots, symbolSize: 9, z: 3 },
      ],
    });
  }

  function heat({ hours, weekdays, points, write, describe, names }) {
    const kept = points.filter((point) => point.state === "ok");
    const values = kept.map((point) => point.value);
    const data = kept.map((point) => ({ point,
      value: [hours.indexOf(point.dial_hour), weekdays.indexOf(point.weekday), point.value] }));
    const low = Math.min(...values), high = Math.max(...values), turn = low + (high - low) * 0.8;
    data.forEach((item) => { item.label = { color: item.value[2] > turn ? "#fff" : COLOURS.ink }; });
    return base({
      tooltip: tooltip((item) => describe(item.data.point)),
      xAxis: categoryAxis(hours.map((hour) => `${hour}:00`), { axisLine: { show: false } }),
      yAxis: categoryAxis(names, { inverse: true, axisLine: { show: false } }),
      visualMap: { show: false, min: low, max: high, dimension: 2,
        inRange: { color: ["#f3efe4", "#cfe3d3", "#7fb993", "#2f8a5a"] } },
      series: [{ type: "heatmap", data, itemStyle: { borderColor: "#fff", borderWidth: 2 },
        label: { show: true, fontSize: 11, formatter: (item) => write(item.value[2]) } }],
    });
  }

  function days({ days, points, write, describe, colour }) {
    const known = new Map(points.filter((point) => point.state === "ok").map((point) => [point.day, point]));
    const at = (read) => days.map((day) => { const p = known.get(day); return p ? read(p) : null; });
    // A quiet day's wide interval would flatten all others: the scale follows the values.
    const highest = Math.min(Math.max(...at((point) => point.high)), Math.max(...at((point) => point.value)) * 1.5);
    const step = highest > 0.6 ? 0.2 : highest > 0.2 ? 0.1 : 0.05, top = Math.ceil(highest / step) * step;
    const area = { type: "line", stack: "band", symbol: "none", silent: true, lineStyle: { opacity: 0 } };
    const dots = days.map((day) => { const p = known.get(day); return p ? { value: p.value, point: p } : null; });
    return base({
      tooltip: tooltip((item) => item.data && item.data.point ? describe(item.data.point) : null),
      xAxis: categoryAxis(days.map((day) => day.slice(5)), { boundaryGap: false }),
      yAxis: valueAxis(write, { max: top, min: 0, interval: step, scale: false }),
      series: [
        { ...area, data: at((point) => point.low) },
        { ...area, data: at((point) => point.high - point.low), areaStyle: { color: colour, opacity: 0.14 } },
        { type: "line", data: dots, symbol: "circle", symbolSize: 6, connectNulls: false, z: 3,
          itemStyle: { color: colour }, lineStyle: { color: colour, width: 2 } },
      ],
    });
  }

  function dots({ groups, overall, write, describe, tone, title }) {
    const colours = { none: COLOURS.muted, above: tone > 0 ? COLOURS.green : COLOURS.red,
      below: tone > 0 ? COLOURS.red : COLOURS.blue };
    const bars = groups.flatMap((group, place) => group.low === null ? []
      : [{ value: [place, group.low, group.high], colour: colours[group.mark] }]);
    const marks = groups.map((group, place) => ({ value: [group.value, place], point: group,
      symbol: SYMBOLS[group.mark][0], symbolRotate: SYMBOLS[group.mark][1], itemStyle: { color: colours[group.mark] } }));
    const mean = { silent: true, symbol: "none", lineStyle: { color: COLOURS.muted, type: "dashed", width: 1 },
      label: { show: true, position: "start", distance: 3, color: COLOURS.muted, fontSize: 11,
        formatter: () => `${title} ${write(overall.value)}` }, data: [{ xAxis: overall ? overall.value : 0 }] };
    const grid = { left: 8, right: 6, top: 22, bottom: 2, containLabel: true };
    return base({
      grid,
      tooltip: tooltip((item) => item.data && item.data.point ? describe(item.data.point) : null),
      xAxis: valueAxis(write, { axisLabel: { show: false } }),
      yAxis: [
        categoryAxis(groups.map((group) => group.name), { inverse: true, axisLine: { show: false },
          axisLabel: { ...FONT, color: COLOURS.ink, width: 110, overflow: "truncate", interval: 0 } }),
        categoryAxis(groups.map((group) => write(group.value)), { inverse: true, position: "right",
          axisLine: { show: false }, axisLabel: { ...FONT, interval: 0 } }),
      ],
      series: [
        whiskers(bars, false),
        { type: "scatter", data: marks, symbolSize: 10, z: 3, markLine: overall ? mean : undefined },
      ],
    });
  }

  return { COLOURS, hours, heat, days, dots };
})();
