//! Events as signs.
use regrow_supervisor::{Change, TreeEvent};
use std::fmt::Write;

/// The sign of an event, if it has one.
pub(crate) fn sign(event: &TreeEvent) -> Option<String> {
    let mark = match event.change {
        Change::Started => '+',
        Change::Stopped => '-',
        Change::Completed => '~',
        Change::Failed(_) | Change::StopFailed(_) => '!',
        Change::StartFailed(_) => 'x',
        Change::Abandoned => '?',
        _ => return None,
    };
    let path = event.runtime_name.as_str().split_once('/');
    let (_, path) = path.unwrap_or(("", "."));
    Some(format!("{mark}{path}"))
}

/// The signs of `expected`, those in braces together.
pub(crate) fn groups(expected: &str) -> Vec<Vec<&str>> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut open = false;
    for word in expected.split_whitespace() {
        let sign = word.trim_start_matches('{').trim_end_matches('}');
        match groups.last_mut() {
            Some(group) if open => group.push(sign),
            _ => groups.push(vec![sign]),
        }
        open = (open || word.starts_with('{')) && !word.ends_with('}');
    }
    groups
}

/// How what was told differs from what was expected: each sign below the one that it should be.
pub(crate) fn difference(told: &[String], expected: &str) -> String {
    let expected: Vec<_> = expected.split_whitespace().collect();
    let (mut above, mut below) = (String::from("expected"), String::from("    told"));
    for at in 0..expected.len().max(told.len()) {
        let expected = expected.get(at).copied().unwrap_or_default();
        let told = told.get(at).map(String::as_str).unwrap_or_default();
        let width = expected.chars().count().max(told.chars().count());
        let _ = write!(above, " {expected:width$}");
        let _ = write!(below, " {told:width$}");
    }
    format!("{}\n{}", above.trim_end(), below.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_in_braces_stand_together() {
        let whole = groups("+a {-b !c/d} -.");
        assert_eq!(whole, [vec!["+a"], vec!["-b", "!c/d"], vec!["-."]]);
    }

    #[test]
    fn a_difference_stands_in_columns() {
        let told = ["+a", "!web/b"].map(String::from);
        let text = difference(&told, "+a +b -.");
        assert_eq!(text, "expected +a +b     -.\n    told +a !web/b");
    }
}
