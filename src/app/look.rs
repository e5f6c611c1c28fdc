//! What is looked at: one item, taken apart once and kept until something else is looked at.

use std::cell::OnceCell;

use crate::model::derive::Derivation;
use crate::model::field::{BitRange, Field};
use crate::model::protocol::Protocol;
use crate::model::rule::Finding;
use crate::trace::{Conversation, Item, Message, Store, derivations, fields, message_of};
use crate::view::diagram::{self, Diagram};

/// An item with its bytes, its field tree, its findings and its derivations.
#[derive(Debug)]
pub struct Look {
    /// The item's number in its conversation, counted from 0.
    pub number: usize,
    /// The item.
    pub item: Item,
    /// What the conversation speaks.
    pub protocol: Protocol,
    /// The item's bytes as they were recorded; of a gap none.
    pub bytes: Vec<u8>,
    /// The field tree.
    pub tree: Field,
    /// What is to be said about the item.
    pub findings: Vec<Finding>,
    /// The message that the item belongs to, with its number.
    pub message: Option<(usize, Message)>,
    /// The opening request of the same exchange, for derivations that take bits of it: its item number.
    pub request: Option<usize>,
    derivations: OnceCell<Vec<Derivation>>,
}

impl Look {
    /// Takes an item apart. None where there is no such item.
    pub fn at(talk: &Conversation, store: &Store, number: usize) -> Option<Self> {
        let item = *talk.items.get(number)?;
        let exchange = talk.exchanges.iter().find(|(_, response)| *response as usize == number);
        Some(Self {
            number,
            item,
            protocol: talk.protocol,
            bytes: talk.bytes_of(store, &item).into_owned(),
            tree: fields(talk, store, number)?,
            findings: talk.findings_of(number).cloned().collect(),
            message: message_of(talk, number).map(|(at, message)| (at, *message)),
            request: exchange.map(|(request, _)| *request as usize),
            derivations: OnceCell::new(),
        })
    }

    /// How values follow from the bytes; made when it is first asked for.
    pub fn derivations(&self, talk: &Conversation, store: &Store) -> &[Derivation] {
        self.derivations.get_or_init(|| derivations(talk, store, self.number))
    }

    /// The bit diagram, laid out.
    pub fn diagram(&self, options: diagram::Options) -> Diagram<'_> {
        diagram::layout(&self.tree, &self.bytes, options)
    }

    /// The field without parts that holds this bit.
    pub fn leaf_at(&self, bit: u64) -> Option<&Field> {
        let mut field = &self.tree;
        while !field.children.is_empty() {
            let at = field.children.partition_point(|child| child.bits.end <= bit);
            field = field.children.get(at)?;
        }
        (field.bits.start <= bit && bit < field.bits.end).then_some(field)
    }

    /// The innermost field that holds all of these bits.
    pub fn field_of(&self, bits: BitRange) -> &Field {
        let mut field = &self.tree;
        while let Some(child) = field.children.iter().find(|child| child.bits.contains(bits)) {
            field = child;
        }
        field
    }

    /// Whether it is still what stands in the trace: findings may be added to an item later.
    pub fn is_current(&self, talk: &Conversation, number: usize) -> bool {
        self.number == number
            && talk.items.get(number) == Some(&self.item)
            && talk.findings_of(number).count() == self.findings.len()
    }
}
