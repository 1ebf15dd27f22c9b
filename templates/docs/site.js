// mdBook's search splits text at spaces, so it finds nothing in languages that are written without them. Search terms in such a
// language are matched against the text of every section instead, which is fast enough for these docs.
(() => {
    "use strict";
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
})();

// Allows line breaks in long paths and names at `/` and `::`.
(() => {
    "use strict";
    for (const code of document.querySelectorAll("td code, p > code")) {
        const parts = code.childElementCount === 0 ? code.textContent.split(/(?<=::)|(?<![:/])(?=\/)/) : [];
        if (parts.length > 1) {
            code.replaceChildren(...parts.flatMap((part, i) => (i === 0 ? [part] : [document.createElement("wbr"), part])));
        }
    }
})();
