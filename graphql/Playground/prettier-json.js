// GraphiQL asks Prettier to lay out JSON, which brings a whole JavaScript parser. This plug-in gives the same
// two exports and lays the text out with the small parser that GraphiQL has anyway; comments stay.
import { applyEdits, format } from 'jsonc-parser';

const layOut = text => applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2 }));

export const parsers = {
  jsonc: { astFormat: 'jsonc-text', parse: text => ({ text }), locStart: () => 0, locEnd: node => node.text.length },
};
export const printers = {
  'jsonc-text': { print: path => layOut(path.node.text) },
};
