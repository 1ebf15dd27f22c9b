// Enhances the pages of the website. Without this script everything is still readable.
"use strict";
const { none, website } = {{ words }};

// mdBook's search splits text at spaces, so it finds nothing in languages that are written without them. Search terms in such a
// language are matched against the text of every section instead, which is fast enough for these docs.
(() => {
    const index = globalThis.elasticlunr?.Index;
    if (!index) {
        return;
    }
    const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
    const weights = { title: 8, breadcrumbs: 4, body: 1 };

    function score(doc, terms) {
        const fields = Object.entries(weights).map(([field, weight]) => [(doc[field] ?? "").toLowerCase(), weight]);
        const scores = terms.map((term) =>
            fields.reduce((sum, [text, weight]) => sum + (text.includes(term) ? weight : 0), 0));
        return scores.includes(0) ? 0 : scores.reduce((sum, one) => sum + one, 0);
    }

    function scan(docs, text) {
        const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
        return Object.entries(docs)
            .map(([ref, doc]) => ({ ref, doc, score: score(doc, terms) }))
            .filter((result) => result.score > 0)
            .sort((a, b) => b.score - a.score);
    }

    const search = index.prototype.search;
    index.prototype.search = function (text, options) {
        return unspaced.test(text) ? scan(this.documentStore.docs, text) : search.call(this, text, options);
    };

    // Repeats a search that mdBook began before this script was loaded. It ignores a term that it has just searched for.
    const bar = document.getElementById("mdbook-searchbar");
    if (unspaced.test(bar.value)) {
        for (const text of ["-", bar.value]) {
            bar.value = text;
            bar.dispatchEvent(new KeyboardEvent("keyup"));
        }
    }
})();

// Translates the interface of mdBook, which is in English.
(() => {
    for (const element of document.querySelectorAll("[title], [aria-label], [placeholder], .theme")) {
        for (const name of ["title", "aria-label", "placeholder"]) {
            const text = website.interface[element.getAttribute(name)];
            if (text) {
                element.setAttribute(name, text);
            }
        }
        if (element.matches(".theme")) {
            element.textContent = website.interface[element.textContent] ?? element.textContent;
        }
    }
    // mdBook omits the role of this label, without which its other attributes have no meaning.
    document.getElementById("mdbook-sidebar-toggle")?.setAttribute("role", "button");
    const header = document.getElementById("mdbook-searchresults-header");
    if (!header) {
        return;
    }
    const translate = () => {
        const [, count, term] = header.textContent.match(/^(\d+|No) search results? for '(.*)'[.:]$/s) ?? [];
        if (count) {
            const words = { No: website.search_none, 1: website.search_one }[count] ?? website.search_many;
            header.textContent = words.replace("{count}", count).replace("{term}", () => term);
        }
    };
    translate();
    new MutationObserver(translate).observe(header, { childList: true });
})();

// Labels the cells of tables for narrow screens, where each row is a block, and marks columns of prose.
(() => {
    const width = (cell) => {
        const text = [...cell.childNodes].filter((node) => node.nodeName !== "CODE").map((node) => node.textContent).join("");
        return text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0);
    };
    for (const table of document.querySelectorAll("main table")) {
        const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
        [...table.tHead.rows[0].cells].forEach((head, column) => {
            const cells = rows.map((row) => row.cells[column]);
            const isProse = cells.some((cell) => width(cell) > 24);
            for (const cell of cells) {
                cell.dataset.label = head.textContent;
                cell.classList.toggle("prose", isProse);
                cell.classList.toggle("none", cell.textContent === none);
                const content = document.createElement("div");
                content.append(...cell.childNodes);
                cell.append(content);
            }
        });
        // The roles would be lost with `display: block`.
        const roles = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", th: "columnheader", td: "cell" };
        for (const [name, role] of Object.entries(roles)) {
            for (const element of [table, ...table.querySelectorAll("*")].filter((one) => one.localName === name)) {
                element.setAttribute("role", role);
            }
        }
    }
})();

// Allows line breaks in long paths, calls and names.
(() => {
    for (const code of document.querySelectorAll("td code, p > code, li > code")) {
        const isPath = code.textContent.includes("/");
        const isLongName = code.closest("td") && !isPath && code.textContent.length > 24;
        const gaps = !isLongName ? /(?<=::)|(?<![:/])(?=\/)|(?<=\))(?=\.)/ : /(?<=::|\w_)/;
        const parts = code.childElementCount === 0 ? code.textContent.split(gaps) : [];
        code.closest("td")?.classList.toggle("path", isPath);
        if (parts.length > 1) {
            code.replaceChildren(...parts.flatMap((part, i) => (i === 0 ? [part] : [document.createElement("wbr"), part])));
        }
    }
})();

// Lets the keyboard scroll code that is wider than the page.
function makeScrollable(block) {
    const code = block.querySelector("code");
    if (code && code.scrollWidth > code.clientWidth) {
        code.tabIndex = 0;
    }
}
document.querySelectorAll("main pre").forEach(makeScrollable);

// Shows the samples of an example as tabs. All examples show the language that was selected last.
(() => {
    const storage = "sample-language";
    const groups = [...document.querySelectorAll(".tabs")].map((group, number) => {
        const tabs = [...group.querySelectorAll(":scope > p")].map((label, i) => {
            const panel = label.nextElementSibling;
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = label.textContent;
            button.id = `tab-${number}-${i}`;
            button.setAttribute("role", "tab");
            button.setAttribute("aria-controls", `panel-${number}-${i}`);
            panel.id = `panel-${number}-${i}`;
            panel.setAttribute("role", "tabpanel");
            panel.setAttribute("aria-labelledby", button.id);
            label.remove();
            return { button, panel };
        });
        const list = document.createElement("div");
        list.setAttribute("role", "tablist");
        list.append(...tabs.map(({ button }) => button));
        group.prepend(list);
        return tabs;
    });

    function select(name) {
        for (const tabs of groups) {
            const selected = tabs.find(({ button }) => button.textContent === name) ?? tabs[0];
            for (const { button, panel } of tabs) {
                const isSelected = button === selected.button;
                button.setAttribute("aria-selected", isSelected);
                button.tabIndex = isSelected ? 0 : -1;
                panel.classList.toggle("unselected", !isSelected);
                makeScrollable(panel);
            }
        }
    }

    function use(button) {
        const before = button.getBoundingClientRect().top;
        select(button.textContent);
        // The samples above have changed their heights.
        scrollBy({ top: button.getBoundingClientRect().top - before, behavior: "instant" });
        try {
            localStorage.setItem(storage, button.textContent);
        } catch {
            // Without storage, the selection is lost with the page.
        }
    }

    for (const tabs of groups) {
        tabs.forEach(({ button }, i) => {
            button.addEventListener("click", () => use(button));
            button.addEventListener("keydown", (event) => {
                const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
                if (step) {
                    // mdBook turns pages with these keys.
                    event.stopPropagation();
                    event.preventDefault();
                    const next = tabs[(i + step + tabs.length) % tabs.length].button;
                    use(next);
                    next.focus();
                }
            });
        });
    }
    let language = null;
    try {
        language = localStorage.getItem(storage);
    } catch {
        // As above.
    }
    select(language);
})();

// Moves the links to other languages to the bar at the top, and lets them keep the place on the page. Headings have different anchors in
// each language, but `<a id>` are the same.
(() => {
    const line = document.querySelector("main > h1 + p");
    const links = [...(line?.querySelectorAll("a[href^='../../']") ?? [])];
    const bar = document.querySelector("#mdbook-menu-bar .right-buttons");
    if (links.length === 0 || location.pathname.endsWith("/print.html")) {
        return;
    }
    const isVisible = (element) => {
        const { top } = element.getBoundingClientRect();
        return top >= 0 && top < innerHeight;
    };

    function place() {
        const anchors = [...document.querySelectorAll("main a[id]")];
        const target = anchors.find((anchor) => `#${anchor.id}` === location.hash);
        if (target && isVisible(target)) {
            return location.hash;
        }
        const above = anchors.filter((anchor) => anchor.getBoundingClientRect().top < innerHeight / 3);
        return scrollY > 0 && above.length > 0 ? `#${above.at(-1).id}` : "";
    }

    for (const link of links) {
        const language = link.getAttribute("href").split("/")[2];
        link.lang = link.hreflang = language;
        link.classList.add("language");
        for (const event of ["pointerdown", "focus", "click"]) {
            link.addEventListener(event, () => {
                link.hash = place();
            });
        }
    }
    bar.prepend(...links);
    line.remove();
})();

// The blocks above change the position of the target of the link to this page.
if (location.hash) {
    document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}
