//! Arrays of numbers, as programs write and print them.

use super::lex::Token;
use super::{Form, Problem, Taken, Unread};

/// Numbers between brackets.
#[derive(Debug, Default)]
pub(super) struct Array<'a> {
    open: char,
    values: Vec<Value<'a>>,
    /// What wrote it left out the rest: so many values, 0 where it does not say.
    cut: Option<u64>,
    /// Something else than numbers stands in it.
    mixed: bool,
    /// What follows is no value: the array's properties, or how many values were left out.
    over: bool,
}

#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Number { word: &'a str, at: usize, sign: Option<char> },
    Character { token: &'a Token<'a> },
}

/// The array with most values; the last of them where several have as many.
pub(super) fn longest<'a>(tokens: &'a [Token<'a>]) -> Option<Array<'a>> {
    let mut open: Vec<Array<'a>> = Vec::new();
    let mut best: Option<Array<'a>> = None;
    let mut take = |array: Array<'a>| {
        let numbers = array.values.iter().any(|value| matches!(value, Value::Number { .. }));
        if !array.mixed && numbers && best.as_ref().is_none_or(|best| array.len() >= best.len()) {
            best = Some(array);
        }
    };
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        if let Token::Open(sign) = token {
            if let Some(around) = open.last_mut().filter(|around| !around.over) {
                around.mixed = true;
            }
            open.push(Array { open: *sign, ..Array::default() });
            continue;
        }
        if let Token::Close = token {
            if let Some(array) = open.pop() {
                take(array);
            }
            continue;
        }
        let Some(array) = open.last_mut().filter(|array| !array.over) else { continue };
        match token {
            Token::Word(word, at) => array.values.push(Value::Number { word, at: *at, sign: None }),
            Token::Text(_) => array.values.push(Value::Character { token }),
            Token::Sign(',' | ';') => {}
            Token::Sign(sign @ ('-' | '$')) => match tokens.next() {
                Some(Token::Word(word, at)) => {
                    array.values.push(Value::Number { word, at: *at, sign: Some(*sign) });
                }
                _ => array.mixed = true,
            },
            // `0: 129` is a value with its number; `length: 7` is a property.
            Token::Sign(':') => {
                let name = array.values.pop();
                let is_number = match name {
                    Some(Value::Number { word, .. }) => word.bytes().all(|digit| digit.is_ascii_digit()),
                    Some(Value::Character { token: Token::Text(quoted) }) => {
                        quoted.raw.bytes().all(|digit| digit.is_ascii_digit())
                    }
                    _ => false,
                };
                array.over = !is_number;
                array.mixed |= array.over && array.values.is_empty();
            }
            Token::Dots => {
                let number = match tokens.peek() {
                    Some(Token::Word(word, _)) => word.parse().unwrap_or(0),
                    _ => 0,
                };
                (array.over, array.cut) = (true, Some(number));
            }
            _ => array.mixed = true,
        }
    }
    // What was copied in part has no end.
    for mut array in open {
        array.cut = array.cut.or(Some(0));
        take(array);
    }
    best.map(Array::settled).filter(|array| !array.mixed)
}

impl Array<'_> {
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether its words are numbers at all.
    fn settled(mut self) -> Self {
        self.mixed = !self.values.iter().all(|value| match value {
            Value::Number { word, .. } => word.starts_with(|c: char| c.is_ascii_hexdigit()),
            Value::Character { .. } => true,
        });
        self
    }

    /// All words are pairs of hexadecimal digits, and decimal numbers would not be written so.
    fn is_hex(&self) -> bool {
        let mut tells = false;
        let fits = self.values.iter().all(|value| match value {
            Value::Number { word, sign: None, .. } => {
                tells |= word.len() > 3
                    || word.starts_with('0')
                    || word.bytes().any(|digit| digit.is_ascii_alphabetic());
                word.len() % 2 == 0 && word.bytes().all(|digit| digit.is_ascii_hexdigit())
            }
            _ => false,
        });
        fits && tells
    }

    pub(super) fn bytes(&self, text: &str) -> Result<Taken, Unread> {
        let is_hex = self.is_hex();
        let mut bytes = Vec::with_capacity(self.values.len());
        for value in &self.values {
            match value {
                Value::Number { word, at, .. } if is_hex => {
                    let pairs = crate::capture::typed::parse_hex(word);
                    bytes.extend(pairs.map_err(|_| Problem::NoByte((*word).to_owned()).at(text, *at))?);
                }
                Value::Number { word, at, sign } => {
                    let byte = number(word, *sign);
                    bytes.push(byte.ok_or_else(|| Problem::NoByte((*word).to_owned()).at(text, *at))?);
                }
                Value::Character { token: Token::Text(quoted) } => {
                    let before = bytes.len();
                    quoted.bytes(&mut bytes).map_err(|error| error.within(text, quoted.at))?;
                    // Erlang's arrays hold strings; those of others hold characters.
                    if self.open != '<' && bytes.len() != before + 1 {
                        return Err(Problem::NoByte(quoted.raw.to_owned()).at(text, quoted.at));
                    }
                }
                Value::Character { .. } => {}
            }
        }
        Ok((bytes, Form::Array, self.cut))
    }
}

/// The byte that a number is: 0 to 255, or -128 to -1 where bytes have a sign.
fn number(word: &str, sign: Option<char>) -> Option<u8> {
    let lower = word.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        _ if sign == Some('$') => (16, lower.as_str()),
        Some("0x") => (16, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        _ => match lower.strip_suffix('h') {
            Some(digits) => (16, digits),
            None => (10, lower.as_str()),
        },
    };
    // The type behind it: `0x81_u8`, `129u8`, `0x81U`.
    let types = ["u8", "i8", "ul", "u", "l"];
    let digits = types.iter().find_map(|name| digits.strip_suffix(name)).unwrap_or(digits);
    let digits = digits.replace('_', "");
    if digits.starts_with('+') {
        return None;
    }
    let value = i64::from_str_radix(&digits, radix).ok()?;
    let value = if sign == Some('-') { -value } else { value };
    match value {
        -128..0 => Some((value as i8).cast_unsigned()),
        _ => u8::try_from(value).ok(),
    }
}
