//! A language for tests, made of English: every letter that the catalogue says has a mark.

/// The source of a Fluent file with every letter of its text marked: `Hello { $name }` becomes `Ĥéļļó { $name }`. Ids,
/// places and selectors stay as they are.
pub(super) fn marked(source: &str) -> String {
    let mut out = String::with_capacity(source.len() * 2);
    for line in source.lines() {
        mark_line(line, &mut out);
        out.push('\n');
    }
    out
}

fn mark_line(line: &str, out: &mut String) {
    let trimmed = line.trim_start();
    // Comments; the end of a selector.
    if trimmed.starts_with('#') || trimmed.starts_with('}') {
        // A selector's end may have text behind it.
        let (end, text) = line.split_at(line.find('}').map_or(line.len(), |at| at + 1));
        out.push_str(end);
        mark_text(text, out);
        return;
    }
    let begins_message = !line.starts_with(' ') || trimmed.starts_with('.');
    let head = if begins_message {
        line.find('=').map_or(0, |at| at + 1)
    } else if trimmed.starts_with('[') || trimmed.starts_with("*[") {
        line.find(']').map_or(0, |at| at + 1)
    } else {
        0
    };
    let (head, text) = line.split_at(head);
    out.push_str(head);
    mark_text(text, out);
}

fn mark_text(text: &str, out: &mut String) {
    let mut depth = 0_u32;
    for character in text.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        out.push(if depth == 0 { marked_letter(character) } else { character });
    }
}

/// The letter with a mark, the same width; what has none stays.
pub(crate) const fn marked_letter(character: char) -> char {
    match character {
        'a' => 'á',
        'b' => 'ƀ',
        'c' => 'ç',
        'd' => 'đ',
        'e' => 'é',
        'f' => 'ƒ',
        'g' => 'ĝ',
        'h' => 'ĥ',
        'i' => 'í',
        'j' => 'ĵ',
        'k' => 'ķ',
        'l' => 'ļ',
        'm' => 'ɱ',
        'n' => 'ñ',
        'o' => 'ó',
        'p' => 'þ',
        'r' => 'ŕ',
        's' => 'š',
        't' => 'ţ',
        'u' => 'ú',
        'w' => 'ŵ',
        'y' => 'ý',
        'z' => 'ž',
        'A' => 'Á',
        'B' => 'Ɓ',
        'C' => 'Ç',
        'D' => 'Đ',
        'E' => 'É',
        'F' => 'Ƒ',
        'G' => 'Ĝ',
        'H' => 'Ĥ',
        'I' => 'Í',
        'J' => 'Ĵ',
        'K' => 'Ķ',
        'L' => 'Ļ',
        'M' => 'Ḿ',
        'N' => 'Ñ',
        'O' => 'Ó',
        'P' => 'Þ',
        'R' => 'Ŕ',
        'S' => 'Š',
        'T' => 'Ţ',
        'U' => 'Ú',
        'W' => 'Ŵ',
        'X' => 'Ẋ',
        'Y' => 'Ý',
        'Z' => 'Ž',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_person_reads_is_marked() {
        let marked = marked(
            "# Note\nid-one = Text { $count } { $side ->\n    [client] the client\n   *[other] it\n} end\n    .title = A b\n",
        );
        assert_eq!(
            marked,
            "# Note\nid-one = Ţéxţ { $count } { $side ->\n    [client] ţĥé çļíéñţ\n   *[other] íţ\n} éñđ\n    .title = Á ƀ\n"
        );
    }
}
