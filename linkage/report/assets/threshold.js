"use strict";
for (const box of document.querySelectorAll(".threshold")) {
  const data = JSON.parse(document.getElementById(box.dataset.scores).textContent);
  const slider = box.querySelector("input");
  const own = -data.first;
  const sum = (values, start) => values.slice(start).reduce((total, x) => total + x, 0);
  const cut = Math.log(data.threshold / (1 - data.threshold));
  const count = (n) => n.toLocaleString("en-US");
  const rate = (part, whole) => (whole > 0 ? (part / whole).toFixed(3) : "–");

  const show = () => {
    const start = Number(slider.value);
    const pairs = sum(data.pairs, start);
    const before = sum(data.pairs, own);
    const known = data.held_out;
    const hits = known ? sum(known.matches, start) : sum(data.expected, start);
    const chosen = known ? hits + sum(known.others, start) : pairs;
    const all = known ? sum(known.matches, 0) : sum(data.expected, 0);
    const values = {
      threshold: (1 / (1 + Math.exp(-(cut + (data.first + start) * data.step)))).toFixed(3),
      pairs: count(pairs),
      gained: pairs > before ? "+" + count(pairs - before) : "0",
      lost: pairs < before ? "−" + count(before - pairs) : "0",
      precision: rate(hits, chosen),
      recall: rate(hits, all),
      f1: rate(2 * hits, chosen + all),
    };
    for (const cell of box.querySelectorAll("[data-value]")) {
      cell.textContent = values[cell.dataset.value];
    }
    for (const marker of box.querySelectorAll(".marker")) {
      marker.style.left = (100 * start) / data.pairs.length + "%";
    }
    slider.setAttribute("aria-valuetext", values.threshold);
    box.classList.toggle("moved", start !== own);
  };
  slider.addEventListener("input", show);
  box.querySelector("button").addEventListener("click", () => { slider.value = own; show(); });
  for (const area of box.querySelectorAll(".area")) {
    const follow = (event) => {
      const frame = area.getBoundingClientRect();
      slider.value = Math.round(((event.clientX - frame.left) / frame.width) * data.pairs.length);
      show();
    };
    area.addEventListener("pointerdown", (event) => {
      area.setPointerCapture(event.pointerId);
      follow(event);
    });
    area.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
  }
  show();
}
