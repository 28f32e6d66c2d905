// The notation as a mode of Ace, and a theme, whose colours are in notation.css.

ace.define("ace/mode/notation", ["require", "exports"], (require, exports) => {
  const { Mode: TextMode } = require("ace/mode/text");
  const { TextHighlightRules } = require("ace/mode/text_highlight_rules");

  const escaped = { token: "escape", regex: /\\[\\[\]<>{}]/ };
  // A name ends at its bracket, and no name goes on in the next line.
  const named = (token, end) => [escaped, { token: "bracket", regex: end, next: "start" }, { defaultToken: token }];

  class NotationRules extends TextHighlightRules {
    constructor() {
      super();
      this.$rules = {
        start: [
          { token: "remark", regex: /^\s*--.*$/ },
          { token: "nothing", regex: /\{\s*no\s+action\s*\}/, caseInsensitive: true },
          { token: "bracket", regex: /\[/, next: "state" },
          { token: "bracket", regex: /</, next: "event" },
          { token: "bracket", regex: /\{/, next: "action" },
          { token: "arrow", regex: /->|-/ },
          { token: "text", regex: /\s+/ },
          { defaultToken: "stray" },
        ],
        state: named("state", /\]|$/),
        event: named("event", />|$/),
        action: [{ token: "argument", regex: /\s+/, next: "argument" }, ...named("action", /\}|$/)],
        argument: named("argument", /\}|$/),
      };
    }
  }

  exports.Mode = class extends TextMode {
    constructor() {
      super();
      this.HighlightRules = NotationRules;
      this.lineCommentStart = "--";
      this.$id = "ace/mode/notation";
    }

    getNextLineIndent() {
      return "";
    }
  };
});

ace.define("ace/theme/notation", ["require", "exports"], (require, exports) => {
  exports.isDark = false; // it is both: its colours follow the page
  exports.cssClass = "ace-notation";
  exports.cssText = "";
});
