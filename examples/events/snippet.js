/* leadloop: events of a page. Nothing about the person is sent unless the page says it.
   leadloop("https://live.example/v1/events", "pk_key")("lead", "L1", "form_sent") */
(function (w, d) {
  "use strict";
  w.leadloop = function (url, key) {
    var store = "leadloop:" + key, queue = [], busy, wait = 1000, size = 20, timer;
    try { queue = JSON.parse(w.localStorage.getItem(store)) || []; } catch (e) { }
    function keep() {
      try { w.localStorage.setItem(store, JSON.stringify(queue.slice(-200))); } catch (e) { }
    }
    function id() {
      var a = w.crypto.getRandomValues(new Uint32Array(4));
      return Array.prototype.map.call(a, function (n) { return n.toString(16); }).join("-");
    }
    function plan(ms) { clearTimeout(timer); timer = setTimeout(send, ms); }
    function later() { plan(wait); wait = Math.min(wait * 2, 3e5); }
    function send() {
      if (busy || !queue.length) return;
      var part = queue.slice(0, size);
      busy = 1;
      w.fetch(url + "?key=" + encodeURIComponent(key), {
        method: "POST", body: JSON.stringify(part), keepalive: true, credentials: "omit",
        headers: { "Content-Type": "text/plain" }
      }).then(function (r) {
        var wrong = r.status == 413 || r.status == 422;
        busy = 0;
        if (!r.ok && !wrong) return later();
        /* Other answers may pass. A wrong event stops its batch: one by one. */
        if (!r.ok && part[1]) size = 1;
        else { queue = queue.slice(part.length); keep(); wait = 1000; if (r.ok) size = 20; }
        send();
      }, function () { busy = 0; later(); });
    }
    d.addEventListener("visibilitychange", send);
    send();
    return function (kind, entity, stage, custom) {
      queue.push({
        specversion: "1.0", id: id(), source: w.location.origin, type: "leadloop.funnel_event",
        time: new Date().toISOString(),
        data: { entity_type: kind, entity_id: String(entity), stage: stage, custom: custom || {} }
      });
      keep(); plan(200);
    };
  };
})(window, document);
