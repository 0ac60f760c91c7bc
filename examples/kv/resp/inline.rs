//! A command in one line, as a person types it: words between blanks, quoted where they hold blanks.

/// The words of the line, by the rules of Redis, or nothing when a quote is left open or runs into the next word.
pub(super) fn split(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut rest = skip_blanks(line);
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|byte| is_quote(*byte) || ends_a_word(*byte))
            .unwrap_or(rest.len());
        let (bare, after) = rest.split_at(end);
        let mut word = bare.to_vec();
        rest = match after {
            [quote, after @ ..] if is_quote(*quote) => quoted(*quote, after, &mut word)?,
            _ => after,
        };
        if rest.first().is_some_and(|next| !is_blank(*next)) {
            return None;
        }
        words.push(word);
        rest = skip_blanks(rest);
    }
    Some(words)
}

/// What stands between words, by the rules of C.
fn is_blank(byte: u8) -> bool {
    ends_a_word(byte) || matches!(byte, 0x0b | 0x0c)
}

/// What ends a word that is not quoted: less than what may stand between words, by the rules of Redis.
fn ends_a_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

fn skip_blanks(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|byte| !is_blank(*byte));
    &line[start.unwrap_or(line.len())..]
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// Appends what stands before the closing quote to the word, and gives what stands after it.
fn quoted<'a>(quote: u8, mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (byte, after) = match rest {
            [byte, after @ ..] if *byte == quote => return Some(after),
            [b'\\', b'\'', after @ ..] if quote == b'\'' => (b'\'', after),
            [b'\\', b'x', high, low, after @ ..] if quote == b'"' => {
                match (hex(*high), hex(*low)) {
                    (Some(high), Some(low)) => (high * 16 + low, after),
                    _ => (b'x', &rest[2..]),
                }
            }
            [b'\\', escaped, after @ ..] if quote == b'"' => (unescape(*escaped), after),
            [byte, after @ ..] => (*byte, after),
            [] => return None,
        };
        word.push(byte);
        rest = after;
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'a' => 7,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn words(line: &str) -> Option<Vec<String>> {
        let words = split(line.as_bytes())?;
        Some(
            words
                .iter()
                .map(|word| word.escape_ascii().to_string())
                .collect(),
        )
    }

    #[test]
    fn blanks_part_words_and_quotes_keep_them_together() {
        assert_eq!(words("").unwrap(), [""; 0]);
        assert_eq!(words("  set  a\tb ").unwrap(), ["set", "a", "b"]);
        assert_eq!(
            words(r#"set "a b" 'c "d'"#).unwrap(),
            ["set", "a b", r#"c \"d"#]
        );
        assert_eq!(
            words("\u{b}a\u{c}b \u{c}'c'\u{b}").unwrap(),
            [r"a\x0cb", "c"]
        );
        assert_eq!(
            words(r#"'it\'s' "" a"b c" "#).unwrap(),
            [r"it\'s", "", "ab c"]
        );
    }

    #[test]
    fn double_quotes_know_escapes() {
        assert_eq!(
            words(r#""\x00\xfF\n\r\t\"\q\xg""#).unwrap(),
            [r#"\x00\xff\n\r\t\"qxg"#]
        );
        assert_eq!(words(r"'\n'").unwrap(), [r"\\n"]);
    }

    #[test]
    fn an_open_quote_is_refused() {
        assert_eq!(words(r#"set "a"#), None);
        assert_eq!(words(r"set 'a\'"), None);
        assert_eq!(words(r#"set "a"b"#), None);
    }
}
