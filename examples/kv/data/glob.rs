//! Patterns as Redis has them: `*`, `?`, `[a-z]`, `[^a]`, and `\` before what is meant as it stands.

/// Whether the pattern fits the whole text. It takes at most their lengths multiplied, whatever the pattern.
pub(crate) fn matches(mut pattern: &[u8], mut text: &[u8]) -> bool {
    // Where the last star stood, and what of the text it has swallowed up to now is before this.
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', rest @ ..] = pattern {
            star = Some((rest, text));
            pattern = rest;
            continue;
        }
        let step = match (pattern, text) {
            ([], []) => return true,
            ([_, ..], [first, ..]) => one(pattern, *first),
            _ => None,
        };
        if let Some(rest) = step {
            (pattern, text) = (rest, &text[1..]);
            continue;
        }
        // The last star takes one more; what stars before it took need not change.
        match star {
            Some((rest, [_, after @ ..])) => {
                star = Some((rest, after));
                (pattern, text) = (rest, after);
            }
            _ => return false,
        }
    }
}

/// What is left of the pattern when its first element fits the byte.
fn one(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    match pattern {
        [b'?', rest @ ..] => Some(rest),
        [b'[', class @ ..] => {
            let (fits, rest) = in_class(class, byte);
            fits.then_some(rest)
        }
        [b'\\', escaped, rest @ ..] => (*escaped == byte).then_some(rest),
        [plain, rest @ ..] => (*plain == byte).then_some(rest),
        [] => None,
    }
}

/// Whether the byte is in the class, and what comes after it. A class that is not closed ends with the pattern.
fn in_class(class: &[u8], byte: u8) -> (bool, &[u8]) {
    let (is_not, mut class) = match class {
        [b'^', class @ ..] => (true, class),
        class => (false, class),
    };
    let mut found = false;
    loop {
        class = match class {
            [b'\\', escaped, rest @ ..] => {
                found |= *escaped == byte;
                rest
            }
            [b']', rest @ ..] => return (found != is_not, rest),
            [] => return (found != is_not, class),
            [from, b'-', to, rest @ ..] => {
                found |= (*from.min(to)..=*from.max(to)).contains(&byte);
                rest
            }
            [plain, rest @ ..] => {
                found |= *plain == byte;
                rest
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn fit(pattern: &str, text: &str) -> bool {
        matches(pattern.as_bytes(), text.as_bytes())
    }

    #[test]
    fn stars_take_any_number_and_questions_take_one() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "abc"),
            ("a*c", "ac"),
            ("a*b*c", "aXbXbXc"),
            ("*ab", "aab"),
            ("a**", "a"),
            ("h?llo", "hello"),
        ] {
            assert!(fit(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", ""), ("a*c", "ab"), ("?", ""), ("a*", "b")] {
            assert!(!fit(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn classes_have_ranges_and_may_be_turned_round() {
        assert!(fit("h[ae]llo", "hallo") && !fit("h[ae]llo", "hillo"));
        assert!(fit("[a-c]", "b") && fit("[c-a]", "b") && !fit("[a-c]", "d"));
        assert!(fit("[^a]", "b") && !fit("[^a]", "a"));
        assert!(fit("[\\]]", "]") && fit("[a", "a") && !fit("[]", "a") && fit("[^]", "a"));
    }

    #[test]
    fn what_is_escaped_is_meant_as_it_stands() {
        assert!(fit("\\*", "*") && !fit("\\*", "a") && fit("a\\", "a\\"));
    }

    #[test]
    fn a_wicked_pattern_costs_no_more_than_the_lengths_multiplied() {
        let text = "a".repeat(10_000);
        assert!(!fit(&format!("{}b", "a*".repeat(100)), &text));
    }
}
