"use strict";
(() => {
  const root = document.documentElement;
  const key = "linkage-theme";
  // A page opened from a file may have no storage.
  const remember = (value) => { try { localStorage.setItem(key, value); } catch { /* none */ } };
  const remembered = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const theme = remembered();
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  document.getElementById("theme").addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    remember(root.dataset.theme);
  });

  const nav = document.querySelector("nav.contents");
  const links = new Map([...nav.querySelectorAll("a")].map((a) => [a.hash.slice(1), a]));
  const visible = new Set();
  const mark = () => {
    const first = [...links.keys()].find((id) => visible.has(id));
    for (const [id, link] of links) link.classList.toggle("here", id === first);
  };
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) visible.add(entry.target.id);
      else visible.delete(entry.target.id);
    }
    mark();
  }, { rootMargin: "-64px 0px -55% 0px" });
  for (const section of document.querySelectorAll("main > section")) watch.observe(section);
})();
