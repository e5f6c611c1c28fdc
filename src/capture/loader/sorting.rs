//! Reading a mapped file in the order of time, where its packets do not stand in it.

use super::{Loader, Status, packet_number};
use crate::capture::error::Error;
use crate::capture::format::{Format, Magic, Next, Notes};
use crate::capture::input::Input;
use crate::capture::order::{self, Disorder, Sorted};
use crate::capture::packet_links::PacketLinks;
use crate::capture::packets::records;
use crate::capture::summary::Summary;

impl Loader {
    /// Whether packets of the mapped file stand behind later ones.
    pub(super) fn is_in_disorder(&self) -> bool {
        let file = self.trace.store.mapped();
        if file.len() > order::MAX_FILE {
            return false;
        }
        let mut disorder = Disorder::default();
        records(file).any(|(_, record)| {
            disorder.note(&record);
            disorder.count > 0
        })
    }

    /// Walks over the whole file, so that its packets can be taken in the order of time.
    pub(super) fn sort(&mut self) {
        let Some(mut format) = self.format.take() else { return };
        let mut sorted = Sorted::default();
        let (mut numbers, mut lost) = (0, 0);
        let error = loop {
            let window = self.input.window(&self.trace.store);
            if window.is_empty() {
                break None;
            }
            let (at, next) = (self.input.position() as usize, format.next(window, &mut self.notes));
            match next {
                Ok(Next::Packet(record, total)) => {
                    numbers += 1;
                    let number = packet_number(numbers);
                    if !sorted.push(at, number, &record) {
                        // Too many: read as they stand, from the beginning.
                        self.start_again();
                        return;
                    }
                    self.links.note(number, record.link);
                    self.disorder.note(&record);
                    self.input.consume(total);
                }
                Ok(Next::Lost(total)) => {
                    numbers += 1;
                    lost += 1;
                    self.input.consume(total);
                }
                Ok(Next::Passed(total)) => self.input.consume(total),
                Ok(Next::More(needed)) => {
                    self.format = Some(format);
                    break Some(self.cut(needed, numbers));
                }
                Err(what) => break Some(self.damaged(what, numbers)),
            }
            if !self.notes.is_empty() {
                self.summary.note(std::mem::take(&mut self.notes), numbers);
            }
        };
        if !self.disorder.can_be_sorted() {
            self.start_again();
            return;
        }
        self.trace.by_time = true;
        self.summary.packets = lost;
        self.summary.malformed = lost;
        sorted.sort();
        self.sorted = Some((sorted, error));
    }

    /// Forgets what the walk over the file has said.
    fn start_again(&mut self) {
        self.input = Input::Mapped(0);
        self.summary = Summary::default();
        self.notes = Notes::default();
        self.links = PacketLinks::default();
        self.disorder = Disorder::default();
        if let Magic::Known(format) = Format::recognise(self.trace.store.mapped()) {
            self.format = Some(format);
        }
    }

    /// Takes packets in the order of time, until so many were read.
    pub(super) fn take_sorted(&mut self, end: u64) -> Result<Status, Error> {
        while self.summary.packets < end {
            let Some((sorted, error)) = &mut self.sorted else { break };
            let Some(entry) = sorted.next() else {
                return error.take().map_or(Ok(Status::Done), Err);
            };
            self.input = Input::Mapped(entry.at);
            self.summary.packets += 1;
            self.look_at(&entry.record(), entry.number);
        }
        Ok(Status::More)
    }
}
