"use strict";
(function () {
  const form = document.getElementById("find");
  const count = document.getElementById("count");
  const items = Array.from(document.querySelectorAll("#reports > li"));
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const texts = items.map((item) => plain(item.dataset.search));
  const fields = ["focus", "subject", "period", "method"];

  function find() {
    const words = plain(form.elements.words.value).split(/\s+/).filter(Boolean);
    const chosen = fields.map((name) => [name, form.elements[name].value]).filter((pair) => pair[1]);
    let shown = 0;
    items.forEach((item, i) => {
      const fits =
        words.every((word) => texts[i].includes(word)) &&
        chosen.every(([name, value]) => item.dataset[name] === value);
      if (item.hidden === fits) item.hidden = !fits;
      shown += fits;
    });
    count.textContent = shown + " of " + items.length + " reports";
  }

  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(find));
  form.hidden = false;
  find();
})();
