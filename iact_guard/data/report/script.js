// Filters and searches the findings. Without it the page shows everything.
"use strict";
document.documentElement.classList.add("scripted");
const form = document.querySelector(".filter");
if (form) {
  const findings = [...document.querySelectorAll(".finding")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
    facets: element.dataset,
  }));
  const files = [...document.querySelectorAll(".file")];
  const shown = document.getElementById("shown");
  const facets = ["severity", "tool", "status"];

  const apply = () => {
    const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { element, text, facets: own } of findings) {
      const fits =
        facets.every((name) => !form.elements[name].value || form.elements[name].value === own[name]) &&
        words.every((word) => text.includes(word));
      element.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const file of files) {
      file.hidden = !file.querySelector(".finding:not([hidden])");
    }
    shown.textContent = `${count} of ${findings.length}`;
  };

  let pending = 0;
  form.addEventListener("input", () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(apply);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => requestAnimationFrame(apply));
  document.getElementById("open-all").addEventListener("click", (event) => {
    const open = event.target.getAttribute("aria-pressed") !== "true";
    event.target.setAttribute("aria-pressed", String(open));
    event.target.textContent = open ? "Close evidence" : "Open evidence";
    for (const details of document.querySelectorAll(".finding details")) {
      details.open = open;
    }
  });
  apply();
}
