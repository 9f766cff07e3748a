// csv.js FILE: parses CSV (RFC 4180, any bytes) and prints each record as a line of its fields in
// base64. Anything that is not CSV ends it with status 1.
'use strict';

const fs = require('fs');

// Latin-1 makes one character of each byte, and each byte of a character.
const text = fs.readFileSync(process.argv[2], 'latin1');
let at = 0;

function quoted() {
    let field = '';

    for (at++; at < text.length; at++) {
        if (text[at] !== '"') {
            field += text[at];
        } else if (text[at + 1] === '"') {
            field += '"';
            at++;
        } else {
            at++;
            return field;
        }
    }
    throw new Error('a quoted field without an end');
}

function plain() {
    const start = at;

    while (at < text.length && text[at] !== ',' && text[at] !== '\n') {
        if (text[at] === '"' || text[at] === '\r')
            throw new Error(`byte ${at}: this has to be quoted`);
        at++;
    }
    return text.slice(start, at);
}

function record() {
    const fields = [];

    for (;;) {
        fields.push(text[at] === '"' ? quoted() : plain());
        if (at >= text.length)
            throw new Error('a record without an end');
        if (text[at] === '\n') {
            at++;
            return fields;
        }
        if (text[at++] !== ',')
            throw new Error(`byte ${at - 1}: neither a comma nor the end of the line`);
    }
}

while (at < text.length)
    console.log(record().map((f) => Buffer.from(f, 'latin1').toString('base64')).join(','));
