(() => {
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const box = document.getElementById("find"), input = box.querySelector("input");
  const said = box.querySelector("output"), names = new Map();
  for (const o of all("option", box)) names.set(o.textContent.trim(), o.value);
  const codes = new Map([...names].map(([code, name]) => [name.toLowerCase(), code]));
  const rows = new Map();
  for (const cell of all("tbody th, tbody td:not(.number)")) {
    const word = cell.textContent.trim();
    const code = names.has(word) ? word : codes.get(word.toLowerCase());
    if (code) rows.set(code, [...(rows.get(code) || []), cell]);
  }
  for (const mark of all("[data-member]")) {
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = names.get(mark.dataset.member) || mark.dataset.member;
    mark.prepend(title);
    mark.addEventListener("click", () => pick(mark.dataset.member));
  }
  const meant = (text) => {
    const word = text.trim().toLowerCase();
    if (!word) return "";
    if (names.has(word.toUpperCase())) return word.toUpperCase();
    const near = [...codes.keys()].find((n) => n === word) || [...codes.keys()].find((n) => n.startsWith(word));
    return near ? codes.get(near) : null;
  };
  const pick = (code, keep = true) => {
    for (const old of all(".picked")) old.classList.remove("picked");
    const marks = code ? [...all(`[data-member="${code}"]`), ...(rows.get(code) || [])] : [];
    for (const mark of marks) mark.classList.add("picked");
    said.textContent = code ? `${names.get(code)} is marked wherever it stands.` : code === null ? "No member of that name." : "";
    if (code) input.value = names.get(code);
    if (keep && code !== null) history.replaceState(null, "", code ? `#member=${code}` : location.pathname);
  };
  input.addEventListener("change", () => pick(meant(input.value)));
  input.addEventListener("keydown", (e) => e.key === "Escape" && ((input.value = ""), pick("")));
  const asked = () => {
    const found = /^#member=([\w-]+)$/.exec(location.hash);
    if (found && names.has(found[1])) pick(found[1], false);
  };
  addEventListener("hashchange", asked);
  box.classList.add("ready");
  asked();
})();
