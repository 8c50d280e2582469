"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const files = [...document.querySelectorAll("details.file")];
  document.documentElement.classList.add("js");
  let diffs = null;
  const diffOf = (file) => {
    diffs = diffs || JSON.parse(byId("diffs").textContent);
    return diffs[Number(file.id.slice(4))];
  };

  // A diff is put in when its file is opened: four hundred of them at once would be slow to lay out.
  const fill = (file) => {
    const slot = file.querySelector(".slot");
    if (!slot.firstChild) {
      slot.innerHTML = diffOf(file);
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
    paths: [...file.querySelectorAll(".path, .from code")].map((one) => one.textContent.toLowerCase()),
    words: (file.querySelector("summary").textContent + "\n" + file.dataset.words).toLowerCase(),
    lines: null,
  }));
  // What a diff says, for the search; a template's content is inert, so nothing in it is run or fetched.
  const linesOf = (one) => {
    if (one.lines === null) {
      const template = document.createElement("template");
      template.innerHTML = diffOf(one.file);
      one.lines = [...template.content.querySelectorAll("code")].map((line) => line.textContent).join("\n").toLowerCase();
    }
    return one.lines;
  };
  const search = byId("search"), path = byId("path"), kind = byId("kind"), owner = byId("owner");
  const filter = () => {
    const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const place = path.value.trim().toLowerCase().replace(/^\.?\//, "");
    let count = 0;
    for (const one of facts) {
      const fits = (!kind.value || one.kinds.includes(kind.value))
        && (!owner || !owner.value || one.owners.includes(owner.value))
        && (!place || one.paths.some((name) => name.includes(place)))
        && wanted.every((word) => one.words.includes(word) || linesOf(one).includes(word));
      one.file.hidden = !fits;
      count += fits;
    }
    byId("shown").textContent = count + (count === 1 ? " file" : " files");
    byId("none").hidden = count > 0;
  };
  for (const control of [search, path, kind, owner]) {
    if (control) control.addEventListener("input", filter);
  }
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  filter(); // a page that is loaded again keeps what its fields held

  // A kind or a team at the top leads to its files.
  for (const button of document.querySelectorAll(".bars button")) {
    button.addEventListener("click", () => {
      kind.value = button.dataset.kind || "";
      if (owner) owner.value = button.dataset.owner || "";
      search.value = path.value = "";
      filter();
      byId("changes").scrollIntoView();
      (button.dataset.kind ? kind : owner).focus({ preventScroll: true });
    });
  }

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
  for (const link of document.querySelectorAll(".picture a")) {
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
    button.addEventListener("click", async () => {
      await copy(button.dataset.text);
      button.focus();
    });
  }
})();
