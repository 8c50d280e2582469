"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const files = [...document.querySelectorAll("details.file")];
  let diffs = null;

  // A diff is put in when its file is opened: four hundred of them at once would be slow to lay out.
  const fill = (file) => {
    const slot = file.querySelector(".slot");
    if (!slot.firstChild) {
      diffs = diffs || JSON.parse(byId("diffs").textContent);
      slot.innerHTML = diffs[Number(file.id.slice(4))];
      slot.hidden = !slot.firstChild;
    }
  };
  for (const file of files) {
    file.addEventListener("toggle", () => { if (file.open) fill(file); });
  }

  const facts = files.map((file) => ({
    file,
    kinds: JSON.parse(file.dataset.kinds),
    owners: JSON.parse(file.dataset.owners),
    words: (file.querySelector("summary").textContent + "\n" + file.dataset.words).toLowerCase(),
  }));
  const search = byId("search"), kind = byId("kind"), owner = byId("owner");
  const filter = () => {
    const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const one of facts) {
      const fits = wanted.every((word) => one.words.includes(word))
        && (!kind.value || one.kinds.includes(kind.value))
        && (!owner || !owner.value || one.owners.includes(owner.value));
      one.file.hidden = !fits;
      count += fits;
    }
    byId("shown").textContent = count + (count === 1 ? " file" : " files");
    byId("none").hidden = count > 0;
  };
  for (const control of [search, kind, owner]) {
    if (control) control.addEventListener("input", filter);
  }
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());

  const expand = byId("expand");
  expand.addEventListener("click", () => {
    const open = expand.textContent === "Expand all";
    for (const one of facts) if (!one.file.hidden) one.file.open = open;
    expand.textContent = open ? "Fold all" : "Expand all";
  });

  // An arrow, or an address with a fragment, opens what it leads to.
  const reveal = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.querySelector("summary").focus();
    }
  };
  addEventListener("hashchange", reveal);
  for (const link of document.querySelectorAll("svg a")) {
    link.addEventListener("click", () => setTimeout(reveal));
  }
  reveal();

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    byId("copied").textContent = "Copied: " + text;
  };
  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", () => copy(button.dataset.text));
  }
})();
