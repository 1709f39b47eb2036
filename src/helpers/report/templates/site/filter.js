"use strict";
(function () {
  const form = document.getElementById("find");
  const count = document.getElementById("count");
  const items = Array.from(document.querySelectorAll("#reports > li"));
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const texts = items.map((item) =>
    plain([item.id, item.dataset.focus, item.querySelector("h3").textContent,
      item.querySelector(".about").textContent].join(" ")));
  const fields = ["focus", "subject", "period", "method"];

  const page = 12;
  const more = document.getElementById("more");
  let most = page;

  function find() {
    const words = plain(form.elements.words.value).split(/\s+/).filter(Boolean);
    const chosen = fields.map((name) => [name, form.elements[name].value]).filter((pair) => pair[1]);
    let fitting = 0;
    items.forEach((item, i) => {
      const fits =
        words.every((word) => texts[i].includes(word)) &&
        chosen.every(([name, value]) => item.dataset[name] === value);
      fitting += fits;
      const hidden = !fits || fitting > most;
      if (item.hidden !== hidden) item.hidden = hidden;
    });
    more.hidden = fitting <= most;
    count.textContent =
      fitting + " of " + items.length + " reports" + (more.hidden ? "" : ", the first " + most + " shown");
  }

  function findAnew() {
    most = page;
    find();
  }

  const tables = document.getElementById("reports").dataset.tables.split(" ");
  function list(details) {
    if (details.querySelector("ul")) return;
    const ul = document.createElement("ul");
    for (const number of details.dataset.tables.trim().split(" ")) {
      const link = document.createElement("a");
      link.href = details.closest("li").id + "/tables/" + tables[number] + ".csv";
      link.textContent = tables[number];
      ul.appendChild(document.createElement("li")).appendChild(link);
    }
    details.appendChild(ul);
  }
  for (const details of document.querySelectorAll("#reports details")) {
    details.hidden = false;
    details.addEventListener("toggle", () => list(details));
  }

  form.addEventListener("input", findAnew);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(findAnew));
  more.addEventListener("click", () => {
    most *= 2;
    find();
  });
  form.hidden = false;
  find();
})();
