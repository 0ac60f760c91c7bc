//! Numbers as the protocol and its values write them.

/// The number that the bytes write in the one way Redis takes: no sign `+`, no blanks, no zeros in front, no `-0`.
pub(crate) fn integer(bytes: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !is_negative => return Some(0),
        [b'1'..=b'9', ..] => {}
        _ => return None,
    }
    digits.iter().try_fold(0_i64, |number, byte| {
        let digit = i64::from(byte.checked_sub(b'0').filter(|digit| *digit <= 9)?);
        let shifted = number.checked_mul(10)?;
        if is_negative {
            shifted.checked_sub(digit)
        } else {
            shifted.checked_add(digit)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn numbers_are_read_to_their_limits() {
        for number in [0, 1, -1, 10, 42, -100, i64::MAX, i64::MIN] {
            assert_eq!(integer(number.to_string().as_bytes()), Some(number));
        }
    }

    #[test]
    fn nothing_else_is_a_number() {
        for wrong in [
            "",
            "-",
            "x",
            "+1",
            " 1",
            "1 ",
            "01",
            "-0",
            "-01",
            "1.0",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999",
        ] {
            assert_eq!(integer(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
