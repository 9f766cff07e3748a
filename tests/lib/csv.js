// csv.js FILE: parses CSV (RFC 4180, any bytes) of three fields a record, and prints the fields as
// they were, each ended by a NUL. Anything else ends it with status 1.
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
            if (fields.length !== 3)
                throw new Error(`${fields.length} fields before byte ${at}`);
            return fields;
        }
        if (text[at++] !== ',')
            throw new Error(`byte ${at - 1}: neither a comma nor the end of the line`);
    }
}

while (at < text.length)
    process.stdout.write(record().map((f) => f + '\0').join(''), 'latin1');
